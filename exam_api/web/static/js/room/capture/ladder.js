// How often and how well pictures are taken: as well as the line carries, down to 50 kbit/s with sound (16 kbit/s of it), and
// on the lowest rung one still in ten seconds. Sizes were measured on a talking head: 640 wide at .6 has 15 KB, 320 at .45 5 KB.

export const RUNGS = [
  { every: 1000, width: 640, quality: 0.6 }, // 120 kbit/s
  { every: 1000, width: 480, quality: 0.5 }, // 60 kbit/s
  { every: 2000, width: 400, quality: 0.5 }, // 28 kbit/s
  { every: 4000, width: 320, quality: 0.45 }, // 10 kbit/s
  { every: 10000, width: 320, quality: 0.45 }, // 4 kbit/s
];
const LAG = 8000; // ms from sending to "kept" that are still good: the server waits two seconds for company, a window of
// sound takes three on the narrowest line
const CALM = 10; // good answers in a row before a better rung is tried
const PATIENT = 320; // before one that failed again and again is

// Times are ms on one clock that only runs.
export class Ladder {
  constructor(rungs = RUNGS) {
    this.rungs = rungs;
    this.at = 0;
    this.good = 0;
    this.needed = rungs.map(() => CALM); // good answers before each rung is tried
    this.climbed = false; // the last move was upwards
    this.heardAt = 0;
    this.patientUntil = 0; // what still waits drains meanwhile
  }

  get rung() {
    return this.rungs[this.at];
  }

  // The server has said at `now` that it kept something that was sent at `sentAt`.
  kept(sentAt, now) {
    const lag = now - sentAt;
    this.heardAt = now;
    if (lag > LAG) {
      if (now >= this.patientUntil) this.#down(now, lag);
      return;
    }
    this.good += 1;
    if (this.at === 0 || this.good < this.needed[this.at - 1]) return;
    this.good = 0;
    this.at -= 1;
    this.climbed = true;
  }

  // What was sent does not arrive: the line is narrower than what we put into it.
  stuck(now) {
    if (now - this.heardAt > LAG && now >= this.patientUntil) this.#down(now, LAG);
  }

  #down(now, lag) {
    // A climb that failed is not tried again as soon: otherwise a narrow line is full every minute for ever.
    if (this.climbed) this.needed[this.at] = Math.min(PATIENT, this.needed[this.at] * 2);
    this.climbed = false;
    this.good = 0;
    this.at = Math.min(this.rungs.length - 1, this.at + 1);
    this.patientUntil = now + 2 * lag;
  }
}
