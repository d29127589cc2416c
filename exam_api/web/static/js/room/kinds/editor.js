// A field for programs: the browser's own text field, and under it the same text in colours, with the numbers of its lines.
// Screen readers, saving and everything else know only the field; without the colours it is a plain field.

import { escape, painter } from "./colours.js";

const MOST = 30_000; // characters; more than that stays plain, so that typing never waits
const IDLE = 120; // ms after the last key
const STEP = "    ";
const whenIdle = window.requestIdleCallback ?? ((act) => setTimeout(act, 0));

export class Editor {
  constructor(place) {
    this.place = place;
    this.field = place.querySelector("textarea");
    this.text = place.querySelector("[data-editor-text]");
    this.numbers = place.querySelector("[data-editor-numbers]");
    this.plain = []; // the lines that are drawn, and the HTML of each
    this.shown = [];
    this.paint = null;
    this.field.addEventListener("input", () => this.#soon());
    this.field.addEventListener("scroll", () => this.#follow());
    keys(this.field);
  }

  // Colours are an extra: where they cannot be had, the text stands in the field as it is.
  async speak(language) {
    this.language = language;
    const paint = await painter(language).catch(() => null);
    if (this.language !== language) return; // another one was chosen meanwhile
    this.paint = paint;
    this.#changed();
  }

  set value(text) {
    if (this.field.value !== text) this.field.value = text;
    this.#changed();
  }

  get value() {
    return this.field.value;
  }

  // Before the next picture, however many events there are: a text of many lines that is put in at once makes two for each.
  #soon() {
    this.next ??= requestAnimationFrame(() => {
      this.next = undefined;
      this.#changed();
    });
  }

  #changed() {
    const text = this.field.value;
    const lit = Boolean(this.paint) && text.length <= MOST;
    this.place.toggleAttribute("data-lit", lit);
    this.#write(lit ? text.split("\n").map(escape) : []);
    clearTimeout(this.timer);
    if (lit) this.timer = setTimeout(() => whenIdle(() => this.#colour(text)), this.coloured ? IDLE : 0);
  }

  // What changed is drawn at once, without colours; lines above and below keep theirs.
  #write(lines) {
    const old = this.plain;
    const most = Math.min(old.length, lines.length);
    let head = 0, tail = 0;
    while (head < most && old[head] === lines[head]) head += 1;
    while (tail < most - head && old.at(-1 - tail) === lines.at(-1 - tail)) tail += 1;
    const rows = this.text.children;
    for (let at = old.length - tail - 1; at >= head; at -= 1) rows[at].remove();
    const fresh = lines.slice(head, lines.length - tail);
    const made = fresh.map((line) => put(document.createElement("div"), line));
    if (rows[head]) rows[head].before(...made); else this.text.append(...made);
    this.shown.splice(head, old.length - tail - head, ...fresh);
    this.plain = lines;
    this.#count(lines.length);
    this.#follow();
  }

  // The colours come when the hands rest.
  #colour(text) {
    if (text !== this.field.value || !this.paint || !this.plain.length) return;
    this.coloured = true;
    const rows = this.text.children;
    this.paint(text).forEach((line, at) => {
      if (this.shown[at] !== line) put(rows[at], line);
      this.shown[at] = line;
    });
  }

  #count(lines) {
    if (this.counted === lines) return;
    this.counted = lines;
    this.place.style.setProperty("--digits", Math.max(2, String(lines).length));
    this.numbers.textContent = Array.from({ length: lines }, (_, at) => at + 1).join("\n");
  }

  // Once for each picture: to ask where the field stands makes the browser lay everything out.
  #follow() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      const { scrollLeft, scrollTop } = this.field;
      this.text.style.transform = `translate(${-scrollLeft}px, ${-scrollTop}px)`;
      this.numbers.style.transform = `translateY(${-scrollTop}px)`;
    });
  }
}

function put(row, html) {
  row.innerHTML = html || "\u200b"; // an empty line is as high as the others
  return row;
}

// Tab indents, Enter keeps the indent; Escape and then Tab leaves, so that nobody is caught in the field (WCAG 2.1.2).
function keys(field) {
  let leaving = false;
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") { leaving = true; return; }
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key === "Tab" && plain && !leaving && !event.shiftKey) {
      event.preventDefault();
      indent(field);
    } else if (event.key === "Enter" && plain && !event.shiftKey) {
      const before = field.value.slice(0, field.selectionStart);
      const line = before.slice(before.lastIndexOf("\n") + 1);
      const [space] = line.match(/^[ \t]*/);
      const deeper = /[:{([]\s*$/.test(line) ? STEP : "";
      if (space || deeper) {
        event.preventDefault();
        insert(field, `\n${space}${deeper}`);
      }
    }
    if (!["Tab", "Shift"].includes(event.key)) leaving = false;
  });
  field.addEventListener("blur", () => { leaving = false; });
}

// To the next step; where several lines are chosen, each of them.
function indent(field) {
  const { selectionStart: start, selectionEnd: end, value } = field;
  const from = value.lastIndexOf("\n", start - 1) + 1;
  if (!value.slice(start, end).includes("\n")) {
    insert(field, STEP.slice((start - from) % STEP.length));
    return;
  }
  const moved = value.slice(from, end).replace(/^(?=[^\n])/gm, STEP);
  field.setSelectionRange(from, end);
  insert(field, moved);
  field.setSelectionRange(from, from + moved.length);
}

// As if typed, so that it can be undone; a browser that cannot do that puts it in all the same.
function insert(field, text) {
  if (document.execCommand("insertText", false, text)) return;
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
