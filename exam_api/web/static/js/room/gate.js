// Parts of the exam that are entered one after the other: the button that opens the next, and the time left in this one.

export function watchGate(sheet, device, saver, attempt) {
  const started = performance.now(); // a clock that nobody can set
  const left = sheet.querySelector("[data-section-left]");
  if (left) {
    const tick = () => {
      const seconds = Math.max(0, Math.round(Number(left.dataset.sectionLeft) - (performance.now() - started) / 1000));
      left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    };
    setInterval(tick, 1000);
    tick();
  }
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
}
