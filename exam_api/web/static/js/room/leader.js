// One tab of this browser leads: two tabs with one journal would write over each other.

const BACK = 2000; // ms in which a tab that is only reloaded takes its place back
const WAIT = 1500; // ms that the leading tab has to put its answers into the journal; a frozen one has done so before

export class Leader extends EventTarget {
  constructor(attempt) {
    super();
    this.name = `invigil:${attempt}`;
    this.channel = new BroadcastChannel(this.name);
    this.channel.addEventListener("message", async () => {
      if (!this.release) return;
      await this.onleave?.();
      this.release();
      this.release = null;
    });
  }

  // Whether this tab leads now.
  free() {
    return this.#take({ ifAvailable: true });
  }

  // Resolves when this tab leads: the other one was closed. One that only reloads gets its place back.
  async wait() {
    do {
      await this.#take({});
      this.release();
      this.release = null;
      await new Promise((resolve) => setTimeout(resolve, BACK));
    } while (!(await this.free()));
  }

  // Ask the other tab to give way; take the place of one that does not answer.
  async ask() {
    const mine = this.#take({});
    this.channel.postMessage("leave");
    const late = new Promise((resolve) => setTimeout(resolve, WAIT, "late"));
    if ((await Promise.race([mine, late])) === "late") await this.#take({ steal: true });
  }

  #take(options) {
    if (!navigator.locks) return Promise.resolve(true);
    return new Promise((resolve) => {
      navigator.locks.request(this.name, options, (lock) => {
        resolve(Boolean(lock));
        return lock && new Promise((release) => { this.release = release; });
      }).catch(() => this.onleave?.()); // stolen
    });
  }
}
