// What the exam page itself notices: hidden, out of focus, out of full screen, copied, pasted, printed, a second display, a
// network that was away, a clock that jumped. Never what was typed or copied: a text's length, and whether it came from here.

import { Offline, Refused } from "./device.js";

const BATCH = 2000; // ms
const JUMP = 3000; // ms by which the two clocks of a computer may differ between two looks
const LOOK = 5; // batches between two looks at the displays

// What was copied in this page, so that pasting it here is told apart from bringing it in. It never leaves the page.
export class Copies {
  constructor(most = 50) {
    this.most = most;
    this.texts = [];
  }

  static plain(text) {
    return text.replace(/\s+/g, " ").trim();
  }

  keep(text) {
    const plain = Copies.plain(text);
    if (plain) this.texts = [...this.texts.filter((each) => each !== plain), plain].slice(-this.most);
  }

  // "inside": exactly that, or a part of it, was copied here. "unknown": there is no text to compare (a picture, a file).
  originOf(text) {
    const plain = Copies.plain(text);
    if (!plain) return "unknown";
    return this.texts.some((each) => each.includes(plain)) ? "inside" : "outside";
  }
}

// How far two clocks of one computer went apart between two looks: one can be set, the other only runs. A slow drift is none.
export class Jumps {
  constructor(wall, steady) {
    this.apart = wall - steady;
  }

  // Seconds, or 0.
  look(wall, steady) {
    const jump = Math.abs(wall - steady - this.apart);
    this.apart = wall - steady;
    return jump > JUMP ? Math.round(jump / 100) / 10 : 0;
  }
}

function selected(target) {
  const text = String(document.getSelection());
  if (text || typeof target?.selectionStart !== "number") return text;
  return target.value.slice(target.selectionStart, target.selectionEnd);
}

export class Signals {
  constructor(device, first = 1) {
    this.device = device;
    this.number = first;
    this.queue = [];
    this.since = {};
    this.muted = false; // nobody is watched in a break
    this.copies = new Copies();
    this.jumps = new Jumps(Date.now(), performance.now());
    this.extended = undefined; // whether there is a second display; a browser that does not know says nothing
    this.beats = 0;
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#begin("hidden") : this.#finish("hidden", "visible")));
    addEventListener("blur", () => this.#begin("blur"));
    addEventListener("focus", () => this.#finish("blur", "focus"));
    document.addEventListener("fullscreenchange", () =>
      (document.fullscreenElement ? this.#finish("fullscreen_left", "fullscreen_entered") : this.#begin("fullscreen_left")));
    for (const kind of ["copy", "cut"]) {
      document.addEventListener(kind, (event) => {
        const text = selected(event.target);
        this.copies.keep(text);
        this.note(kind, { length: text.length, origin: "inside" });
      });
    }
    document.addEventListener("paste", ({ clipboardData }) => this.#brought(clipboardData));
    document.addEventListener("drop", ({ dataTransfer }) => { if (dataTransfer?.types.includes("text/plain")) this.#brought(dataTransfer); });
    addEventListener("beforeprint", () => this.note("print"));
    addEventListener("offline", () => this.#begin("network_lost"));
    addEventListener("online", () => this.#finish("network_lost", "network_back"));
    device.addEventListener?.("back", () => this.#finish("network_lost", "network_back"));
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.note("device_changed"));
    screen.addEventListener?.("change", () => this.#displays());
    this.#displays();
    this.timer = setInterval(() => this.#beat(), BATCH);
    addEventListener("pagehide", () => this.send());
  }

  note(kind, detail = {}) {
    if (this.muted) return;
    this.queue.push({ n: this.number++, kind, at: new Date(this.device.now()).toISOString(), ...detail });
  }

  #brought(data) {
    const text = data?.getData("text") ?? "";
    this.note("paste", { length: text.length, origin: this.copies.originOf(text) });
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

  #displays() {
    const { isExtended } = screen;
    if (isExtended === undefined || isExtended === this.extended) return;
    this.extended = isExtended;
    this.note(isExtended ? "display_extended" : "display_single");
  }

  #beat() {
    const jump = this.jumps.look(Date.now(), performance.now());
    if (jump) this.note("clock_jumped", { seconds: Math.min(86_400, jump) });
    if (this.beats++ % LOOK === 0) this.#displays();
    this.send();
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
      if (error instanceof Offline) this.#begin("network_lost");
      else if (error instanceof Refused && error.code === "paused") this.queue = [];
      else if (error instanceof Refused && error.status === 409) clearInterval(this.timer);
    } finally {
      this.sending = false;
    }
  }
}
