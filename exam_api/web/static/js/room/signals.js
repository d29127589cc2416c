// What the exam page itself notices: hidden, out of focus, out of full screen, copied, pasted. Never what was typed.

import { Refused } from "./device.js";

const BATCH = 2000; // ms

export class Signals {
  constructor(device, first = 1) {
    this.device = device;
    this.number = first;
    this.queue = [];
    this.since = {};
    this.muted = false; // nobody is watched in a break
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#begin("hidden") : this.#finish("hidden", "visible")));
    addEventListener("blur", () => this.#begin("blur"));
    addEventListener("focus", () => this.#finish("blur", "focus"));
    document.addEventListener("fullscreenchange", () =>
      (document.fullscreenElement ? this.#finish("fullscreen_left", "fullscreen_entered") : this.#begin("fullscreen_left")));
    for (const kind of ["copy", "cut", "paste"]) {
      document.addEventListener(kind, (event) => {
        const length = kind === "paste"
          ? event.clipboardData?.getData("text").length ?? 0
          : String(document.getSelection()).length;
        this.note(kind, { length });
      });
    }
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.note("device_changed"));
    this.timer = setInterval(() => this.send(), BATCH);
    addEventListener("pagehide", () => this.send());
  }

  note(kind, detail = {}) {
    if (this.muted) return;
    this.queue.push({ n: this.number++, kind, at: new Date(this.device.now()).toISOString(), ...detail });
  }

  #begin(kind) {
    if (this.since[kind]) return;
    this.since[kind] = performance.now();
    this.note(kind);
  }

  #finish(kind, other) {
    if (!this.since[kind]) return;
    const seconds = (performance.now() - this.since[kind]) / 1000;
    delete this.since[kind];
    this.note(other, { seconds: Math.round(seconds * 10) / 10 });
  }

  async send() {
    if (!this.queue.length || this.sending) return;
    this.sending = true;
    const events = this.queue.slice(0, 100);
    try {
      await this.device.request("POST", `/api/attempts/${this.device.attempt}/events`, { events }, { keepalive: document.hidden });
      this.queue.splice(0, events.length);
    } catch (error) {
      // Kept in the queue and tried again; refused for good only when the attempt is over.
      if (error instanceof Refused && error.code === "paused") this.queue = [];
      else if (error instanceof Refused && error.status === 409) clearInterval(this.timer);
    } finally {
      this.sending = false;
    }
  }
}
