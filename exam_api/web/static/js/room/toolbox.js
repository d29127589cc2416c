// The tools of the room. Each is a module of its own, loaded only where the exam allows it. Nothing here knows an answer.

import { keepNote, readNote } from "./store.js";

const room = document.getElementById("room");
const box = document.getElementById("tools");
const MODULES = { scientific: null, contrast: null }; // one is part of the calculator, the other only choices on the page
const ALWAYS = ["stimulus", "overview"];
let place = null; // where the room is; a tool that arrives later hears it too

/** What a tool remembers in this browser, beside the answers; lost with the browser's store, and missed by nobody. */
function memory(attempt, name) {
  const place = `tool:${attempt}:${name}`;
  return {
    read: (otherwise) => readNote(place).then((value) => value ?? otherwise, () => otherwise),
    keep: (value) => keepNote(place, value).catch(() => undefined),
  };
}

const isWide = () => matchMedia("(min-width: 60rem)").matches;

/** A tool's button opens and closes its panel; which are open survives a reload. */
function startPanels(kept, open) {
  const list = box.querySelector(".tools__box");
  list.open = isWide();
  for (const button of box.querySelectorAll("[data-tool]")) {
    const panel = document.getElementById(button.getAttribute("aria-controls"));
    const show = (shown) => {
      panel.hidden = !shown;
      button.setAttribute("aria-expanded", String(shown));
      panel.dispatchEvent(new CustomEvent(shown ? "opened" : "closed"));
    };
    const turn = (shown) => {
      show(shown);
      if (shown) open.add(button.dataset.tool); else open.delete(button.dataset.tool);
      kept.keep([...open]);
    };
    const shut = () => {
      turn(false);
      (button.checkVisibility() ? button : list.querySelector("summary")).focus();
    };
    button.addEventListener("click", () => {
      turn(panel.hidden);
      if (panel.hidden) return;
      list.open = isWide(); // on a phone the question must not be pushed out of sight
      panel.querySelector("h2").focus();
    });
    panel.querySelector("[data-shut]").addEventListener("click", shut);
    panel.addEventListener("keydown", (event) => { if (event.key === "Escape") shut(); });
    if (open.has(button.dataset.tool)) show(true);
  }
}

room.addEventListener("place", ({ detail }) => { place = detail; });

room.addEventListener("ready", async ({ detail }) => {
  const names = (box?.dataset.tools ?? "").split(" ").filter((name) => name && !(name in MODULES));
  await Promise.all([...ALWAYS, ...names].map(async (name) => {
    const { start } = await import(`./tools/${name}.js`);
    await start({ ...detail, room, panel: document.getElementById(`tool-${name}`), memory: memory(detail.attempt, name) });
  }));
  if (place) room.dispatchEvent(new CustomEvent("place", { detail: place }));
  if (!box) return;
  const kept = memory(detail.attempt, "open");
  startPanels(kept, new Set(await kept.read([])));
  box.dataset.ready = "yes";
});
