// The time left, by the server's clock. It is spoken seldom: at half an hour, ten, five and one minutes.

const SPOKEN = [30, 10, 5, 1];

export class Clock extends EventTarget {
  constructor(element, clock) {
    super();
    this.element = element;
    this.set(clock);
    this.timer = setInterval(() => this.#tick(), 500);
  }

  // Measured against a clock that cannot be set: a changed computer time moves nothing.
  set({ now, ends_at }) {
    this.ends = performance.now() + (Date.parse(ends_at) - Date.parse(now));
    this.#tick();
  }

  get seconds() {
    return Math.max(0, Math.floor((this.ends - performance.now()) / 1000));
  }

  #tick() {
    const left = this.seconds;
    const two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(left / 3600);
    const text = `${hours ? `${hours}:` : ""}${two(Math.floor((left % 3600) / 60))}:${two(left % 60)}`;
    const value = this.element.querySelector("[data-clock-value]");
    if (value.textContent !== text) value.textContent = text;
    this.element.classList.toggle("clock--calm", left > 300);
    this.element.classList.toggle("clock--soon", left <= 300 && left > 60);
    this.element.classList.toggle("clock--last", left <= 60);
    const minutes = Math.ceil(left / 60);
    if (this.minutes !== undefined && minutes < this.minutes && SPOKEN.includes(minutes)) {
      this.dispatchEvent(new CustomEvent("minutes", { detail: minutes }));
    }
    this.minutes = minutes;
    if (left === 0) {
      clearInterval(this.timer);
      this.dispatchEvent(new Event("over"));
    }
  }
}
