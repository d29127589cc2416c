// How evenly somebody types, once a minute of typing: how many keys, in how long, and whether all gaps are alike, as when a
// program types. Which keys they were is never looked at. Only where the exam asks for it; off by default.

const MINUTE = 60_000; // ms of typing that one summary covers
const PAUSE = 2000; // ms without a key after which nobody types
const FEW = 40; // keys below which nothing can be said
const EVEN = 0.12; // standard deviation of the gaps over their mean; people lie above .3

export class Rhythm {
  constructor(note) {
    this.note = note;
    this.#begin();
  }

  #begin() {
    this.gaps = [];
    this.last = null;
    this.typed = 0; // ms
  }

  // A key went down at `at` ms; one that repeats because it is held does not count.
  key(at) {
    const gap = this.last === null ? null : at - this.last;
    this.last = at;
    if (gap === null || gap < 0 || gap >= PAUSE) return;
    this.gaps.push(gap);
    this.typed += gap;
    if (this.typed >= MINUTE) this.#sum();
  }

  #sum() {
    const { gaps, typed } = this;
    if (gaps.length >= FEW) {
      const mean = typed / gaps.length;
      const spread = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
      this.note("rhythm_changed", { length: gaps.length, seconds: Math.round(typed / 100) / 10, spaced: spread / mean < EVEN });
    }
    this.#begin();
  }

  listen(place) {
    place.addEventListener("keydown", (event) => { if (!event.repeat && event.key.length === 1) this.key(event.timeStamp); });
  }
}
