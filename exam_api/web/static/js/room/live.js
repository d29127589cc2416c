// News about the time as it happens: server-sent events, read by fetch, because they need the token and a proof.
// The first event of each connection says how everything stands, so a gap loses nothing.

import { Refused } from "./device.js";
import { passing } from "./refusals.js";

const SILENCE = 40000; // ms without a sign of life after which the connection counts as dead
const AGAIN = [300, 1000, 2000, 5000, 10000]; // ms between tries

export class Live extends EventTarget {
  constructor(device) {
    super();
    this.device = device;
    this.path = `/api/attempts/${device.attempt}/stream`;
    this.tries = 0;
    this.closed = false;
    this.connected = false;
    device.addEventListener("back", () => this.#hurry());
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.#hurry(); });
    addEventListener("pagehide", () => this.stop());
  }

  async run() {
    while (!this.closed) {
      try {
        await this.#listen();
      } catch (error) {
        if (this.closed) return;
        if (error instanceof Refused && !passing(error)) {
          this.dispatchEvent(new CustomEvent("refused", { detail: error }));
          return;
        }
      }
      this.connected = false;
      // Not all at the same moment, when a server comes back.
      const wait = AGAIN[Math.min(this.tries, AGAIN.length - 1)] * (0.5 + Math.random());
      this.tries += 1;
      if (!this.closed) await new Promise((resolve) => { this.wake = resolve; setTimeout(resolve, wait); });
    }
  }

  stop() {
    this.closed = true;
    this.abort?.abort();
    this.wake?.();
  }

  // The connection may be dead without a word, as after a sleep: make a new one.
  renew() {
    this.connected = false;
    this.abort?.abort();
    this.#hurry();
  }

  #hurry() {
    if (this.connected) return;
    this.tries = 0;
    this.wake?.();
  }

  async #listen() {
    this.abort = new AbortController();
    const alive = () => { clearTimeout(this.timer); this.timer = setTimeout(() => this.abort.abort(), SILENCE); };
    try {
      alive();
      const answer = await this.device.request("GET", this.path, undefined, { as: "stream", signal: this.abort.signal });
      this.connected = true;
      this.tries = 0;
      let text = "";
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        alive();
        const parts = (text + value).split("\n\n");
        text = parts.pop();
        for (const part of parts) {
          if (part.startsWith("data: ")) this.dispatchEvent(new CustomEvent("news", { detail: JSON.parse(part.slice(6)) }));
        }
      }
    } finally {
      clearTimeout(this.timer);
    }
  }
}
