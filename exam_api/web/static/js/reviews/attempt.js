// One attempt by keyboard: j and k walk through the flags, Enter enlarges, v plays, d decides, n goes on. All of it works without.
import { findLength } from "../player.js";

const flags = [...document.querySelectorAll("[data-review-flag]")];
const dialog = document.getElementById("evidence");
const large = document.querySelector("[data-review-large]");
const caption = document.querySelector("[data-review-caption]");
const players = [...document.querySelectorAll("[data-review-player]")];
const keys = document.querySelector("[data-review-keys]");
const REMEMBERED = "invigil-review-keys";

let at = -1;

function go(step) {
  if (!flags.length) return;
  at = Math.min(flags.length - 1, Math.max(0, at + step));
  flags[at].focus();
  flags[at].scrollIntoView({ block: "nearest" });
}

function enlarge(thumb) {
  large.src = thumb.dataset.src;
  large.alt = thumb.dataset.words;
  caption.textContent = thumb.dataset.words;
  dialog.showModal();
}

const ACTIONS = {
  j: () => go(1),
  k: () => go(-1),
  Enter: () => {
    const thumb = document.activeElement?.matches("[data-review-flag]")
      ? document.activeElement.querySelector("[data-review-evidence]")
      : null;
    if (thumb) enlarge(thumb);
    return Boolean(thumb);
  },
  v: () => {
    const player = flags[at]?.querySelector("[data-review-player]");
    if (!player) return false;
    for (const other of players) if (other !== player) other.pause();
    if (player.paused) player.play().catch(() => undefined); else player.pause();
    return true;
  },
  d: () => {
    const place = document.querySelector("#outcome input") ?? document.getElementById("decision-title");
    place.scrollIntoView({ block: "nearest" });
    place.focus();
  },
  n: () => document.querySelector("[data-review-next]")?.click(),
};

// WCAG 2.1.4: single keys do nothing while somebody types, and can be switched off for good.
function isTyping(target) {
  return target.matches?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");
}

document.addEventListener("keydown", (event) => {
  if (!keys.checked || event.ctrlKey || event.metaKey || event.altKey || dialog.open || isTyping(event.target)) return;
  if (Object.hasOwn(ACTIONS, event.key) && ACTIONS[event.key]() !== false) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const thumb = event.target.closest?.("[data-review-evidence]");
  if (thumb) enlarge(thumb);
});

// A browser's recording does not say how long it is, and finding out ends it: it then begins where it was asked to.
for (const player of players) {
  player.addEventListener("loadedmetadata", () => {
    if (player.duration !== Infinity) return;
    findLength(player);
    player.addEventListener("timeupdate", () => player.play().catch(() => undefined), { once: true });
  });
}

for (const flag of flags) flag.addEventListener("focusin", () => (at = flags.indexOf(flag)));

keys.checked = localStorage.getItem(REMEMBERED) !== "off";
keys.addEventListener("change", () => localStorage.setItem(REMEMBERED, keys.checked ? "on" : "off"));
