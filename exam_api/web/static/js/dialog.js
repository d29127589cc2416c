// Dialogs open and close by `commandfor` and `command`. Browsers that know these attributes need nothing from us.
const NATIVE = "commandForElement" in HTMLButtonElement.prototype;
const COMMANDS = {
  "show-modal": (dialog) => dialog.open || dialog.showModal(),
  close: (dialog) => dialog.close(),
};

export function startDialogs(root) {
  if (!NATIVE) {
    root.addEventListener("click", ({ target }) => {
      const button = target.closest?.("button[commandfor]");
      const dialog = button && document.getElementById(button.getAttribute("commandfor"));
      if (dialog) COMMANDS[button.getAttribute("command")]?.(dialog);
    });
  }
  for (const dialog of root.querySelectorAll("dialog[data-dialog]")) {
    // A press on the dimmed page around it means "never mind".
    dialog.addEventListener("pointerdown", (event) => {
      if (event.target !== dialog) return;
      const box = dialog.getBoundingClientRect();
      const inside =
        event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      if (!inside) dialog.close();
    });
  }
}
