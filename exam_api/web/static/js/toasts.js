// A sentence about the last action. It stays until it is dismissed: nobody has to read against a clock.
const SHAPES = {
  ok: "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0m5 .5 3 3 5.5-6.5",
  attention: "M12 3.5 22 20.5H2ZM12 10v5M12 17.6v.1",
  problem: "M8.3 3h7.4L21 8.3v7.4L15.7 21H8.3L3 15.7V8.3Zm.7 6 6 6m0-6-6 6",
  info: "M4 4h16v16H4ZM12 11v5.5M12 7.6v.1",
};
const CROSS = "m5 5 14 14M19 5 5 19";
const SVG = "http://www.w3.org/2000/svg";

function drawing(path) {
  const svg = document.createElementNS(SVG, "svg");
  const line = document.createElementNS(SVG, "path");
  const look = { class: "icon", width: 24, height: 24, viewBox: "0 0 24 24", fill: "none", stroke: "currentColor" };
  for (const [name, value] of Object.entries({ ...look, "stroke-width": 2, "aria-hidden": "true" })) svg.setAttribute(name, value);
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

/** Show a sentence. `tone` is ok, attention, problem or info. Returns the element, so that the caller may take it away. */
export function toast(tone, text) {
  const region = document.querySelector("[data-toasts]");
  const box = document.createElement("div");
  const words = document.createElement("p");
  const button = document.createElement("button");
  box.className = `toast toast--${tone}`;
  box.dataset.toast = "";
  words.textContent = text;
  button.className = "button button--icon";
  button.type = "button";
  button.ariaLabel = region.dataset.dismiss;
  button.dataset.dismiss = "";
  button.append(drawing(CROSS));
  box.append(drawing(SHAPES[tone]), words, button);
  region.append(box);
  return box;
}

export function startToasts(root) {
  root.querySelector("[data-toasts]")?.addEventListener("click", ({ target }) => {
    target.closest?.("button[data-dismiss]")?.closest("[data-toast]")?.remove();
  });
}
