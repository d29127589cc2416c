// Where what a program printed leaves what was expected, line by line, and within a line that is only partly another.

const MOST = 250_000; // cells of the table below; beyond that, lines between the common beginning and end count as different
const BLANK = "\u00a0"; // so that a line too many is seen although nothing stands in it

// Spaces at the end of a line, and empty lines at the end, are no difference that anybody sees.
const linesOf = (text) => text.replace(/\s+$/u, "").split("\n").map((line) => line.trimEnd());

// How much two lists share at their beginning, and of the rest at their end.
function shared(one, other) {
  const most = Math.min(one.length, other.length);
  let head = 0, tail = 0;
  while (head < most && one[head] === other[head]) head += 1;
  while (tail < most - head && one.at(-1 - tail) === other.at(-1 - tail)) tail += 1;
  return [head, tail];
}

// The pairs of equal lines that leave the fewest lines alone, in order: a longest common subsequence.
function pairs(one, other) {
  const [head, tail] = shared(one, other);
  const rows = one.length - head - tail, columns = other.length - head - tail;
  const found = Array.from({ length: head }, (_, at) => [at, at]);
  if (rows * columns <= MOST) {
    const best = Array.from({ length: rows + 1 }, () => new Uint16Array(columns + 1));
    const equal = (row, column) => one[head + row] === other[head + column];
    for (let row = rows - 1; row >= 0; row -= 1) {
      for (let column = columns - 1; column >= 0; column -= 1) {
        best[row][column] = equal(row, column) ? best[row + 1][column + 1] + 1 : Math.max(best[row + 1][column], best[row][column + 1]);
      }
    }
    for (let row = 0, column = 0; row < rows && column < columns;) {
      if (equal(row, column)) found.push([head + row++, head + column++]);
      else if (best[row + 1][column] >= best[row][column + 1]) row += 1;
      else column += 1;
    }
  }
  for (let at = tail; at > 0; at -= 1) found.push([one.length - at, other.length - at]);
  return found;
}

// A line as what comes before, what differs, and what comes after; by whole letters, never by halves of a pair.
function cut(line, partner) {
  const one = [...line], other = [...partner];
  const [head, tail] = shared(one, other);
  const end = one.length - tail;
  return [one.slice(0, head).join(""), one.slice(head, end).join(""), one.slice(end).join("")];
}

// Lines that stand where the other text has those others: partly the same only where they are as many.
const changed = (lines, others) => lines.map((line, at) => (lines.length === others.length && line ? cut(line, others[at]) : ["", line || BLANK, ""]));

// `first` is the number of the first expected line that is not there, 0 where only spaces differ; both texts as lines of
// three parts: [before, what differs, after].
export function difference(expected, printed) {
  const wanted = linesOf(expected), got = linesOf(printed);
  const found = { first: 0, expected: [], printed: [] };
  let [row, column] = [0, 0];
  for (const [nextRow, nextColumn] of [...pairs(wanted, got), [wanted.length, got.length]]) {
    const missing = wanted.slice(row, nextRow), extra = got.slice(column, nextColumn);
    if (missing.length + extra.length) found.first ||= row + 1;
    found.expected.push(...changed(missing, extra));
    found.printed.push(...changed(extra, missing));
    if (nextRow < wanted.length) found.expected.push([wanted[nextRow], "", ""]);
    if (nextColumn < got.length) found.printed.push([got[nextColumn], "", ""]);
    [row, column] = [nextRow + 1, nextColumn + 1];
  }
  return found;
}

// Those parts as text, with marks around what differs.
export function marked(parts) {
  const code = document.createElement("code");
  parts.forEach(([before, differs, after], at) => {
    code.append(at ? `\n${before}` : before);
    if (differs) code.append(Object.assign(document.createElement("mark"), { textContent: differs }));
    code.append(after);
  });
  return code;
}
