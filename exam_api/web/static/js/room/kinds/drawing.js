// A sheet to draw on. Lines are numbers in the answer itself: they are saved, kept offline and proven like any text.

import { LIMITS, distance, erased, simplified } from "./lines.js";

export function start({ section, changed }) {
  const place = section.querySelector("[data-drawing]");
  const say = place.dataset;
  const canvas = place.querySelector("canvas");
  const paper = canvas.getContext("2d");
  const words = place.querySelector("[data-drawing-text]");
  const count = place.querySelector("[data-drawing-count]");
  const by = (name) => place.querySelector(`[data-${name}]`);
  const chosen = (name) => place.querySelector(`input[data-${name}]:checked`).value;
  const inks = JSON.parse(say.colours), widths = JSON.parse(say.widths);
  let strokes = [];
  let before = [], after = []; // sheets to go back and forth to
  let current = null; // the line under the pen, or the sheet before an eraser
  let penAt = -Infinity; // a hand that rests beside a pen draws nothing

  function segment(stroke, from, to) {
    const [x, y, press] = [stroke.points[3 * to], stroke.points[3 * to + 1], stroke.points[3 * to + 2]];
    paper.strokeStyle = inks[stroke.colour];
    paper.lineWidth = widths[stroke.width] * (0.4 + 0.12 * press);
    paper.beginPath();
    paper.moveTo(stroke.points[3 * from], stroke.points[3 * from + 1]);
    paper.lineTo(x, y);
    paper.stroke();
  }

  function draw() {
    paper.lineCap = paper.lineJoin = "round";
    paper.fillStyle = "#ffffff";
    paper.fillRect(0, 0, canvas.width, canvas.height);
    for (const stroke of strokes) {
      const last = stroke.points.length / 3 - 1;
      for (let at = 0; at <= last; at += 1) if (at > 0 || last === 0) segment(stroke, Math.max(0, at - 1), at);
    }
    by("undo").disabled = !before.length;
    by("redo").disabled = !after.length;
    by("wipe").disabled = !strokes.length;
  }

  const tell = () => { count.textContent = (strokes.length === 1 ? say.sayLine : say.sayLines).replace("%(n)s", strokes.length); };

  function put(next) {
    before.push(strokes);
    after = [];
    strokes = next;
    draw();
    tell();
    changed();
  }

  function go(from, to) {
    if (!from.length) return;
    to.push(strokes);
    strokes = from.pop();
    draw();
    tell();
    changed();
  }

  function pointOf(event) {
    const box = canvas.getBoundingClientRect();
    const fit = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
    // Only a pen knows how hard it is pressed; from mice and fingers come numbers that mean nothing.
    const press = event.pointerType === "pen" && event.pressure ? Math.max(1, Math.min(9, Math.round(event.pressure * 10))) : 5;
    return [fit(((event.clientX - box.left) / box.width) * canvas.width, canvas.width), fit(((event.clientY - box.top) / box.height) * canvas.height, canvas.height), press];
  }

  function move(event) {
    for (const each of event.getCoalescedEvents?.().length ? event.getCoalescedEvents() : [event]) {
      const point = pointOf(each);
      if (current.erases) {
        const left = erased(strokes, point, widths);
        if (left.length !== strokes.length) { strokes = left; draw(); }
      } else {
        const { points } = current.stroke;
        if (distance(points.slice(-3), point) < 2) continue;
        points.push(...point);
        segment(current.stroke, points.length / 3 - 2, points.length / 3 - 1);
      }
    }
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "pen") penAt = event.timeStamp;
    if (current || event.button !== 0 || (event.pointerType === "touch" && event.timeStamp - penAt < 2000)) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    canvas.focus({ preventScroll: true });
    const erases = chosen("pen") === "eraser";
    current = { id: event.pointerId, erases, sheet: strokes, stroke: { colour: chosen("ink"), width: chosen("width"), points: pointOf(event) } };
    if (erases) move(event); else segment(current.stroke, 0, 0);
  });
  canvas.addEventListener("pointermove", (event) => { if (event.pointerId === current?.id) move(event); });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, finish);

  function finish(event) {
    if (event.pointerId !== current?.id) return;
    const { erases, sheet, stroke } = current;
    current = null;
    const next = erases ? strokes : [...sheet, { ...stroke, points: simplified(stroke.points) }];
    strokes = sheet;
    const numbers = next.reduce((sum, each) => sum + each.points.length, 0);
    if (numbers > LIMITS.numbers || next.length > LIMITS.strokes) { draw(); count.textContent = say.sayFull; }
    else if (next.length !== sheet.length) put(next);
  }

  by("undo").addEventListener("click", () => go(before, after));
  by("redo").addEventListener("click", () => go(after, before));
  by("wipe").addEventListener("click", () => { put([]); by("undo").focus(); });
  canvas.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || !["z", "y"].includes(event.key.toLowerCase())) return;
    event.preventDefault();
    if (event.key.toLowerCase() === "y" || event.shiftKey) go(after, before); else go(before, after);
  });
  words.addEventListener("input", () => changed());
  draw();
  tell();

  return {
    read: () => ({ strokes, text: words.value }),
    write: (answer) => {
      strokes = answer.strokes ?? [];
      words.value = answer.text ?? "";
      before = [];
      after = [];
      draw();
      tell();
    },
    answered: () => strokes.length > 0 || words.value.trim() !== "",
    words: (answer) => [say.sayLines.replace("%(n)s", (answer.strokes ?? []).length), answer.text].filter(Boolean).join("\n"),
  };
}
