// The geometry of lines: points are [x, y, pressure, x, y, pressure, …] in the sheet's units.

export const LIMITS = { numbers: 27_000, strokes: 3_000 }; // as grading/kinds/drawing.py has them
const CLOSE = 1.2; // units that a point may be off: less than a hair at any size
const RUBBER = 16; // units

export const distance = ([x, y], [u, v]) => Math.hypot(x - u, y - v);

// From a point to the part of a line between two others.
export function offset([x, y], [u, v], [s, t]) {
  const length = (s - u) ** 2 + (t - v) ** 2;
  const along = length ? Math.max(0, Math.min(1, ((x - u) * (s - u) + (y - v) * (t - v)) / length)) : 0;
  return Math.hypot(x - u - along * (s - u), y - v - along * (t - v));
}

const at = (points, n) => points.slice(3 * n, 3 * n + 3);

// Ramer, Douglas, Peucker, without recursion: the points without which the line would be another.
export function simplified(points) {
  const last = points.length / 3 - 1;
  const kept = new Set([0, last]);
  const open = [[0, last]];
  while (open.length) {
    const [from, to] = open.pop();
    let far = 0, where = 0;
    for (let n = from + 1; n < to; n += 1) {
      const off = offset(at(points, n), at(points, from), at(points, to));
      if (off > far) { far = off; where = n; }
    }
    if (far > CLOSE) { kept.add(where); open.push([from, where], [where, to]); }
  }
  return [...kept].sort((one, two) => one - two).flatMap((n) => at(points, n));
}

// The lines that a rubber at this point does not touch. It takes a line as a whole.
export function erased(strokes, point, widths) {
  return strokes.filter((stroke) => {
    const reach = RUBBER + widths[stroke.width] / 2;
    const last = stroke.points.length / 3 - 1;
    for (let n = 0; n < Math.max(1, last); n += 1) {
      if (offset(point, at(stroke.points, n), at(stroke.points, Math.min(last, n + 1))) <= reach) return false;
    }
    return true;
  });
}
