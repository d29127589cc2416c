// The time left, by the server's clock. It is spoken seldom: at half of the time, 15, 5 and 1 minutes, 30 and 10 seconds.

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

  // Measured against a clock that cannot be set: a changed computer time moves nothing. In a break the time left stands.
  // `late`: until when one may go on after the end.
  set({ now, ends_at, paused_at, seconds, late }) {
    const from = Date.parse(paused_at ?? now);
    const left = Date.parse(ends_at) - from;
    this.stands = paused_at ? left / 1000 : null;
    this.ends = performance.now() + left;
    this.last = late ? performance.now() + Date.parse(late.until) - from : this.ends;
    this.wasLate = false;
    this.half = seconds / 2;
    this.said = undefined; // what is crossed by a change is not what has run down
    this.#tick();
  }

  get seconds() {
    return Math.max(0, Math.floor(this.stands ?? (this.ends - performance.now()) / 1000));
  }

  get late() {
    return this.stands === null && this.seconds === 0 && this.#lateSeconds > 0;
  }

  // What is left to write in, after the end too.
  get left() {
    return this.late ? this.#lateSeconds : this.seconds;
  }

  get #lateSeconds() {
    return Math.max(0, Math.floor((this.last - performance.now()) / 1000));
  }

  hide(hidden) {
    this.hidden = hidden && this.seconds > LAST; // never in the time after the end
    this.#tick();
  }

  #tick() {
    const { left, late } = this;
    if (late && !this.wasLate) {
      this.wasLate = true;
      this.said = undefined;
      this.dispatchEvent(new Event("late"));
    }
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(left / 3600);
    const text = `${hours ? `${hours}:` : ""}${two(Math.floor((left % 3600) / 60))}:${two(left % 60)}`;
    if (this.hidden && (late || left <= LAST)) {
      this.hidden = false;
      this.dispatchEvent(new Event("back"));
    }
    const value = this.element.querySelector("[data-clock-value]");
    if (value.textContent !== text) value.textContent = text;
    this.element.classList.toggle("clock--hidden", this.hidden);
    this.element.classList.toggle("clock--stands", this.stands !== null);
    this.element.classList.toggle("clock--calm", !late && left > 300);
    this.element.classList.toggle("clock--soon", !late && left <= 300 && left > 60);
    this.element.classList.toggle("clock--last", late || left <= 60);
    this.#speak(left);
    if (left === 0 && this.stands === null) {
      clearInterval(this.timer);
      this.dispatchEvent(new Event("over"));
    }
  }

  // Of several marks that passed together (a page that slept) only the last counts.
  #speak(left) {
    const marks = this.half > 1000 && !this.late ? [this.half, ...SPOKEN] : SPOKEN;
    const crossed = this.said === undefined ? [] : marks.filter((mark) => left <= mark && this.said > mark);
    this.said = left;
    if (crossed.length) {
      const mark = crossed.at(-1);
      this.dispatchEvent(new CustomEvent("speak", { detail: { seconds: left, half: mark === this.half } }));
    }
  }
}
