// When a single picture leaves this computer unasked: at the beginning of something that a rule may note, and seldom while it
// lasts. What is said about every second goes to the server in any case; what is noted there is decided there.

const STEADY = 2; // words of the same kind in a row: one alone is a blink of the camera
const AGAIN = 20_000; // ms while it lasts
export const FIRST = 6; // pictures at once
const REFILL = 60_000; // ms until one more may go

// What a picture shows, as one word; "calm" where no rule waits for it.
export function stateOf({ faces, luma, contrast, pose }) {
  if (luma < 20) return "dark";
  if (!faces.length) return contrast < 5 ? "covered" : "nobody";
  if (faces.length > 1) return "several";
  if (!pose) return "calm";
  const [pitch, yaw] = pose;
  if (Math.abs(yaw) >= 25) return "turned";
  return pitch <= -28 ? "lowered" : "calm";
}

export class Incidents {
  constructor() {
    this.state = "calm";
    this.seen = 0;
    this.left = FIRST;
    this.filledAt = null;
    this.sentAt = -Infinity;
  }

  // Whether this picture goes. `now` in ms, on a clock that only runs.
  look(seen, now) {
    this.filledAt ??= now;
    while (now - this.filledAt >= REFILL) {
      this.filledAt += REFILL;
      this.left = Math.min(FIRST, this.left + 1);
    }
    const state = stateOf(seen);
    this.seen = state === this.state ? this.seen + 1 : 1;
    if (state !== this.state) this.sentAt = -Infinity;
    this.state = state;
    if (state === "calm" || this.seen < STEADY || now - this.sentAt < AGAIN || this.left < 1) return false;
    this.left -= 1;
    this.sentAt = now;
    return true;
  }
}
