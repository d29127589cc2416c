// Parts of the exam that are entered one after the other: the button that opens the next, and the time left in this one.

// Counts down to the end of the open part; a break holds it, and what is given moves it (`hear` takes the server's clock).
class PartClock {
  constructor(place) {
    this.place = place;
    this.#from(Number(place.dataset.sectionLeft) * 1000);
    this.stands = null;
    setInterval(() => this.#tick(), 1000);
    this.#tick();
  }

  hear({ now, paused_at, section_ends_at }) {
    if (!section_ends_at) return;
    const left = Date.parse(section_ends_at) - Date.parse(paused_at ?? now);
    this.stands = paused_at ? left : null;
    this.#from(left);
    this.#tick();
  }

  // By both clocks of the computer, as the clock of the whole exam (clock.js).
  #from(left) {
    this.left = left;
    this.steady = performance.now();
    this.wall = Date.now();
  }

  #tick() {
    const passed = Math.max(performance.now() - this.steady, Date.now() - this.wall);
    const seconds = Math.max(0, Math.round((this.stands ?? this.left - passed) / 1000));
    const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (this.place.textContent !== text) this.place.textContent = text;
  }
}

// `settled`: everything of this part has come to the server. Returns what wants to hear of the clock, or null where this
// part has no time of its own.
export function watchGate(sheet, device, settled, attempt) {
  const left = sheet.querySelector("[data-section-left]");
  const button = sheet.querySelector("[data-open-section]");
  button?.addEventListener("click", async () => {
    const problem = sheet.querySelector("[data-section-problem]");
    button.disabled = true;
    problem.textContent = "";
    try {
      await settled();
      await device.request("POST", `/api/attempts/${attempt}/sections`, { number: Number(button.dataset.openSection) });
      location.reload();
    } catch (error) {
      problem.textContent = error.message || problem.dataset.offline;
      button.disabled = false;
    }
  });
  return left ? new PartClock(left) : null;
}
