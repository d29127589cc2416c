// Language and appearance: kept in a cookie, so that the server draws the next page right from its first byte.
const YEAR = 60 * 60 * 24 * 365;

/** Remember a preference for this browser. Nothing personal is in it. */
function remember(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
}

export function startPreferences(root) {
  for (const box of root.querySelectorAll("[data-preferences]")) {
    box.addEventListener("change", ({ target }) => {
      remember(target.name, target.value);
      if (target.name === "theme") {
        document.documentElement.dataset.theme = target.value;
      } else {
        location.reload();
      }
    });
  }
}
