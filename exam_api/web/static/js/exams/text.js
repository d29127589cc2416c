// The text editor: line numbers that follow, a jump to the line of a problem, and a check a moment after typing stops.
const PAUSE = 600;

function lineCount(text) {
  return text.split("\n").length;
}

function number(area, gutter) {
  const lines = Math.max(lineCount(area.value), 20);
  if (gutter.dataset.lines === String(lines)) return;
  gutter.dataset.lines = String(lines);
  gutter.textContent = Array.from({ length: lines }, (_, at) => at + 1).join("\n");
  area.rows = lines + 1;
}

function goToLine(area, line) {
  const lines = area.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  const end = start + (lines[line - 1] ?? "").length;
  area.focus();
  area.setSelectionRange(start, end);
  const height = area.scrollHeight / (area.rows || 1);
  area.closest("[data-lined]").scrollTop = Math.max(0, (line - 4) * height);
}

function showProblems(box, problems) {
  box.replaceChildren();
  const words = document.createElement(problems.length ? "ul" : "p");
  words.className = "problem-list";
  if (!problems.length) words.textContent = box.dataset.fileRight;
  for (const problem of problems) {
    const link = document.createElement("a");
    link.href = `#${box.dataset.area}`;
    link.dataset.goToLine = problem.line;
    link.textContent = `${box.dataset.line} ${problem.line}`;
    const said = document.createElement("span");
    said.dir = "auto";
    said.textContent = ` ${problem.message}`;
    const item = document.createElement("li");
    item.append(link, said);
    words.append(item);
  }
  box.append(words);
}

async function check(address, area, box, signal) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ source: area.value }),
    signal,
  });
  if (answer.ok) showProblems(box, (await answer.json()).problems);
}

for (const area of document.querySelectorAll("[data-source]")) {
  const form = area.closest("form");
  const gutter = form.querySelector("[data-numbers]");
  const box = form.querySelector("[data-problems]");
  let timer;
  let running = new AbortController();
  number(area, gutter);
  area.addEventListener("input", () => {
    number(area, gutter);
    clearTimeout(timer);
    if (!form.dataset.check) return;
    timer = setTimeout(() => {
      running.abort();
      running = new AbortController();
      // A check that fails for the network's sake changes nothing: saving checks again.
      check(form.dataset.check, area, box, running.signal).catch(() => undefined);
    }, PAUSE);
  });
  box?.addEventListener("click", (event) => {
    const link = event.target.closest("[data-go-to-line]");
    if (!link) return;
    event.preventDefault();
    goToLine(area, Number(link.dataset.goToLine));
  });
}
