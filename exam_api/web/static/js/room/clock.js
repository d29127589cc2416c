// The time left, by the server's clock: until the end, and after it until the end of the late time, where there is one. It is spoken seldom: at half of the time, 15, 5 and 1 minutes, 30 and 10 seconds.

const SPOKEN = [900, 300, 60, 30, 10];
const LAST = 300; // seconds in which the time cannot be hidden

// "1 hour, 5 minutes": whole minutes from ten minutes on.
export function inWords(seconds) {
  const language = document.documentElement.lang || "en";
  const whole = Math.max(0, seconds >= 600 ? Math.round(seconds / 60) * 60 : Math.round(seconds));
  const parts = [["hour", Math.floor(whole / 3600)], ["minute", Math.floor((whole % 3600) / 60)], ["second", whole % 60]]
    .filter(([, count]) => count);
  const say = ([unit, count]) => new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(count);
  return new Intl.ListFormat(language, { type: "unit" }).format((parts.length ? parts : [["second", 0]]).map(say));
}

export class Clock extends EventTarget {
  constructor(element, clock) {
    super();
    this.element = element;
    this.hidden = false;
    this.set(clock);
    this.timer = setInterval(() => this.#tick(), 500);
  }

  // Measured against both clocks of the computer, and the one that has counted more is right: one cannot be set back, the
  // other does not stand still while the computer sleeps. In a break the time left stands.
  set({ now, ends_at, paused_at, seconds, late_from }) {
    const left = Date.parse(ends_at) - Date.parse(paused_at ?? now);
    this.extra = late_from ? Math.round((Date.parse(ends_at) - Date.parse(late_from)) / 1000) : 0;
    this.stands = paused_at ? left / 1000 : null;
    this.left = left;
    this.steady = performance.now();
    this.wall = Date.now();
    this.half = seconds / 2;
    this.said = undefined; // what is crossed by a change is not what has run down
    this.#tick();
  }

  // To the very end, the late time included.
  get #all() {
    const passed = Math.max(performance.now() - this.steady, Date.now() - this.wall);
    return Math.max(0, Math.floor(this.stands ?? (this.left - passed) / 1000));
  }

  get late() {
    return this.extra > 0 && this.#all <= this.extra;
  }

  get seconds() {
    return this.late ? this.#all : this.#all - this.extra;
  }

  hide(hidden) {
    this.hidden = hidden && this.seconds > LAST;
    this.#tick();
  }

  #tick() {
    if (this.late !== Boolean(this.wasLate)) {
      this.wasLate = this.late;
      this.said = undefined;
      this.dispatchEvent(new CustomEvent("late", { detail: this.late }));
    }
    const left = this.seconds;
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(left / 3600);
    const text = `${hours ? `${hours}:` : ""}${two(Math.floor((left % 3600) / 60))}:${two(left % 60)}`;
    if (this.hidden && left <= LAST) {
      this.hidden = false;
      this.dispatchEvent(new Event("back"));
    }
    const value = this.element.querySelector("[data-clock-value]");
    if (value.textContent !== text) value.textContent = text;
    this.element.classList.toggle("clock--hidden", this.hidden);
    this.element.classList.toggle("clock--stands", this.stands !== null);
    this.element.classList.toggle("clock--calm", left > 300 && !this.late);
    this.element.classList.toggle("clock--soon", left > 60 && (left <= 300 || this.late));
    this.element.classList.toggle("clock--last", left <= 60);
    this.#speak(left);
    // Within the last second, and not after it: nothing that was typed may carry a later time than the end.
    if (this.#all === 0 && this.stands === null) {
      clearInterval(this.timer);
      this.dispatchEvent(new Event("over"));
    }
  }

  // Of several marks that passed together (a page that slept) only the last counts.
  #speak(left) {
    const marks = this.half > 1000 ? [this.half, ...SPOKEN] : SPOKEN;
    const crossed = this.said === undefined ? [] : marks.filter((mark) => left <= mark && this.said > mark);
    this.said = left;
    if (crossed.length) {
      const mark = crossed.at(-1);
      this.dispatchEvent(new CustomEvent("speak", { detail: { seconds: left, half: mark === this.half } }));
    }
  }
}
