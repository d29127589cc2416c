// Menus are <details>: they work without this. With it, Escape and a click elsewhere close them.
export function startMenus(root) {
  const menus = [...root.querySelectorAll("details[data-menu]")];
  const close = (menu) => {
    if (menu.open) menu.open = false;
  };
  root.addEventListener("click", ({ target }) => {
    for (const menu of menus) if (!menu.contains(target)) close(menu);
  });
  for (const menu of menus) {
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      close(menu);
      menu.querySelector("summary").focus();
    });
    menu.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !menu.contains(relatedTarget)) close(menu);
    });
  }
}
