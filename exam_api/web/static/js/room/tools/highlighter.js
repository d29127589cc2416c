// Four pens for prompts and texts. With a pointer: select, then press a pen. Without: the buttons move a selection by words.

import { placeOf, rangeOf, read, segments } from "./passage.js";

const LONGEST = 60; // characters of a mark that its button says

/** The marks of one part after `added` is drawn over them: what it covers gives way. */
function drawnOver(marks, added) {
  const left = marks.flatMap((mark) => [
    { ...mark, end: Math.min(mark.end, added.start) },
    { ...mark, start: Math.max(mark.start, added.end) },
  ]);
  const kept = [...left, ...(added.pen ? [added] : [])].filter((mark) => mark.start < mark.end);
  // A mark left whole by both halves above stands there twice.
  const unique = new Map(kept.map((mark) => [`${mark.start}-${mark.end}-${mark.pen}`, mark]));
  return [...unique.values()].sort((one, other) => one.start - other.start);
}

function draw(part, marks) {
  for (const mark of part.querySelectorAll("mark[data-pen]")) mark.replaceWith(...mark.childNodes);
  for (const math of part.querySelectorAll("math[data-pen]")) delete math.dataset.pen;
  part.normalize();
  for (const { start, end, pen } of marks) {
    for (const piece of read(part).pieces) {
      const [from, to] = [Math.max(start, piece.start) - piece.start, Math.min(end, piece.end) - piece.start];
      if (from >= to) continue;
      if (piece.node.nodeType !== Node.TEXT_NODE) {
        piece.node.dataset.pen = pen;
      } else if (piece.node.data.trim()) {
        const text = piece.node.splitText(from);
        text.splitText(to - from);
        const mark = document.createElement("mark");
        mark.dataset.pen = pen;
        text.replaceWith(mark);
        mark.append(text);
      }
    }
  }
}

export async function start({ room, panel, memory }) {
  const say = panel.dataset;
  const parts = new Map([...room.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
  const kept = await memory.read({});
  const list = panel.querySelector("ol");
  const model = panel.querySelector("template").content.firstElementChild;
  const status = panel.querySelector("[data-status]");
  let chosen = null; // { name, start, end }: the last selection inside a part; a press on a button takes it off the screen

  const here = () => [...parts].filter(([, part]) => part.checkVisibility());
  const textOf = (name) => read(parts.get(name)).text;
  const quote = (name, { start, end }) => {
    const text = textOf(name).slice(start, end).replace(/\s+/g, " ").trim();
    return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  };

  function put(name, marks) {
    if (marks.length) kept[name] = marks; else delete kept[name];
    memory.keep(kept);
    draw(parts.get(name), marks);
    drawList();
  }

  function drawList() {
    const all = here().flatMap(([name]) => (kept[name] ?? []).map((mark) => [name, mark]));
    panel.querySelector("[data-none]").hidden = all.length > 0;
    list.replaceChildren(...all.map(([name, mark]) => {
      const line = model.cloneNode(true);
      line.querySelector("[data-pen]").dataset.pen = mark.pen;
      for (const place of line.querySelectorAll("[data-text]")) place.textContent = quote(name, mark);
      line.querySelector("button").addEventListener("click", () => {
        put(name, drawnOver(kept[name], { ...mark, pen: null }));
        panel.querySelector("h2").focus();
      });
      return line;
    }));
  }

  function select(name, start, end) {
    chosen = { name, start, end };
    const range = rangeOf(parts.get(name), start, end);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    range.startContainer.parentElement?.scrollIntoView({ block: "nearest" });
    status.textContent = `${say.sayChosen} ${textOf(name).slice(start, end)}`;
  }

  /** Move the selection by words: `from` and `to` are how many words its two ends go on. */
  function move(from, to) {
    const name = chosen && parts.get(chosen.name).checkVisibility() ? chosen.name : here()[0]?.[0];
    if (!name) return;
    const words = segments(textOf(name), "word", document.documentElement.lang);
    if (!words.length) return;
    const was = chosen?.name === name ? chosen : null;
    const covered = was ? words.map((_, at) => at).filter((at) => words[at][1] > was.start && words[at][0] < was.end) : [];
    let [first, last] = covered.length ? [covered[0] + from, covered.at(-1) + to] : [0, 0];
    first = Math.min(Math.max(first, 0), words.length - 1);
    last = Math.min(Math.max(last, first), words.length - 1);
    select(name, words[first][0], words[last][1]);
  }

  document.addEventListener("selectionchange", () => {
    const selection = getSelection();
    if (selection.isCollapsed || !selection.rangeCount) return;
    for (const [name, part] of here()) {
      const place = placeOf(part, selection.getRangeAt(0));
      if (place) {
        chosen = { name, start: place[0], end: place[1] };
        return;
      }
    }
  });
  const acts = { back: () => move(-1, -1), on: () => move(1, 1), shorter: () => move(0, -1), longer: () => move(0, 1) };
  for (const button of panel.querySelectorAll("[data-act]")) button.addEventListener("click", () => acts[button.dataset.act]());
  for (const button of panel.querySelectorAll("button[data-with]")) {
    button.addEventListener("click", () => {
      if (!chosen || !parts.get(chosen.name).checkVisibility()) {
        status.textContent = say.sayNothing;
        return;
      }
      const { name, start, end } = chosen;
      put(name, drawnOver(kept[name] ?? [], { start, end, pen: button.dataset.with || null }));
      status.textContent = `${button.dataset.with ? say.sayMarked : say.sayCleared} ${quote(name, chosen)}`;
    });
  }
  for (const [name, marks] of Object.entries(kept)) if (parts.has(name)) draw(parts.get(name), marks);
  room.addEventListener("place", () => {
    if (chosen && !parts.get(chosen.name).checkVisibility()) chosen = null;
    status.textContent = "";
    drawList();
  });
  panel.addEventListener("opened", drawList);
}
