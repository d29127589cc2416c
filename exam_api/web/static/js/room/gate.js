// Parts of the exam that are entered one after the other: the button that opens the next, and the time left in this one.

export function watchGate(sheet, device, saver, attempt) {
  const left = sheet.querySelector("[data-section-left]");
  // By a clock that nobody can set. In a break the time of a part stands like the whole.
  let ends = performance.now() + Number(left?.dataset.sectionLeft) * 1000;
  let stands = null;
  const tick = () => {
    if (!left) return;
    const seconds = Math.max(0, Math.round((stands ?? ends - performance.now()) / 1000));
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };
  if (left) setInterval(tick, 1000);
  tick();
  const button = sheet.querySelector("[data-open-section]");
  button?.addEventListener("click", async () => {
    const problem = sheet.querySelector("[data-section-problem]");
    button.disabled = true;
    problem.textContent = "";
    try {
      await saver.settled();
      await device.request("POST", `/api/attempts/${attempt}/sections`, { number: Number(button.dataset.openSection) });
      location.reload();
    } catch (error) {
      problem.textContent = error.message || problem.dataset.offline;
      button.disabled = false;
    }
  });
  // Time that was given, or a break.
  return ({ now, paused_at, section_ends_at }) => {
    if (!section_ends_at) return;
    const rest = Date.parse(section_ends_at) - Date.parse(paused_at ?? now);
    ends = performance.now() + rest;
    stands = paused_at ? rest : null;
    tick();
  };
}
