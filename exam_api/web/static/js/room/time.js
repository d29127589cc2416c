// What the room knows of its time: the clock, breaks, time that was given, and the two ways it hears of them: the live
// channel, and under it a look at the clock every quarter of a minute.

import { Clock, inWords } from "./clock.js";
import { Refused } from "./device.js";
import { Live } from "./live.js";
import { keepNote, readNote } from "./store.js";

const RECHECK = 15000;
const clockTime = (moment) =>
  new Date(moment).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const byId = (id) => document.getElementById(id);

// Events: "state" (how the time stands, whenever it is heard), "over" (the clock ran out, that for writing late included), "closed" (no longer at work), "refused" (with the error), "break", "work".
export class Time extends EventTarget {
  constructor(device, paper, say, announce) {
    super();
    this.device = device;
    this.generation = paper.generation;
    this.say = say;
    this.announce = announce;
    this.heard = "";
    this.state = paper.clock;
    this.paused = false;
    this.clock = new Clock(document.querySelector("[data-clock]"), paper.clock);
    this.label = document.querySelector("[data-clock] .clock__label");
    this.usual = this.label.textContent;
    this.clock.addEventListener("late", () => this.#late());
    this.clock.addEventListener("over", () => this.dispatchEvent(new Event("over")));
    this.clock.addEventListener("speak", ({ detail }) => this.#speak(detail));
    this.clock.addEventListener("back", () => { this.#drawToggle(); this.announce(say.sayClockBack); });
    this.live = new Live(device);
    this.live.addEventListener("news", ({ detail }) => this.hear(detail));
    this.live.addEventListener("refused", ({ detail }) => this.#tell("refused", detail));
    this.#controls();
  }

  start() {
    this.hear(this.state);
    this.live.run();
    this.timer = setInterval(() => this.recheck(), RECHECK);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.recheck(); });
  }

  stop() {
    clearInterval(this.timer);
    this.live.stop();
    this.stopped = true;
  }

  // Has extra time come, has the exam moved to another device, has somebody closed it?
  async recheck() {
    if (this.stopped) return;
    try {
      this.hear(await this.device.request("GET", `/api/attempts/${this.device.attempt}/clock`));
    } catch (error) {
      // Without a network the clock runs on by itself; only a plain refusal ends the work on this page.
      if (error instanceof Refused && error.status < 500 && error.status !== 429) this.#tell("refused", error);
    }
  }

  hear(state) {
    if (this.stopped || state.now < this.heard) return; // an answer that something newer has overtaken
    this.heard = state.now;
    if (state.generation !== this.generation) {
      this.#tell("refused", new Refused(409, { code: "device-replaced", title: this.say.sayReplaced }));
      return;
    }
    if (!["running", "paused"].includes(state.status)) {
      this.dispatchEvent(new Event("closed"));
      return;
    }
    const before = this.state;
    this.state = state;
    this.clock.set(state);
    if (!this.clock.late) this.#inTime();
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
    if (state.status === "paused") this.#cover(state);
    else if (this.paused) this.#uncover();
    else this.#added(before, state);
  }

  #tell(name, detail) {
    if (!this.stopped) this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #left() {
    return inWords(this.clock.left);
  }

  // What the clock says when it is asked.
  #asked() {
    return (this.clock.late ? this.say.sayLateLeft : this.say.sayLeftTime).replace("%(time)s", this.#left());
  }

  #speak({ half }) {
    this.announce(half ? this.say.sayHalf.replace("%(time)s", this.#left()) : this.#asked());
  }

  // The time is over and one may go on: until when and at what price stands there as long as that is so.
  #late() {
    const { until, percent, each } = this.state.late;
    const { sayLateFree, sayLateOnce, sayLateMinute } = this.say;
    const words = percent === 0 ? sayLateFree : each === "once" ? sayLateOnce : sayLateMinute;
    byId("late-note-text").textContent = words.replace("%(time)s", clockTime(until)).replace("%(percent)s", percent);
    byId("late-note").hidden = false;
    this.label.textContent = this.say.sayLateLabel;
  }

  #inTime() {
    byId("late-note").hidden = true;
    this.label.textContent = this.usual;
  }

  #added(before, state) {
    const more = (Date.parse(state.ends_at) - Date.parse(before.ends_at)) / 1000;
    if (more <= 0) return;
    const reason = state.note ? ` ${this.say.sayReason.replace("%(reason)s", state.note)}` : "";
    const part = this.#partOf(before, state);
    this.#note(this.say.sayAdded.replace("%(time)s", inWords(more)).replace("%(left)s", this.#left()) + part + reason);
  }

  // The part that is open has its share of what was given.
  #partOf(before, state) {
    const grew = before.section === state.section && state.section_ends_at > before.section_ends_at;
    const left = (Date.parse(state.section_ends_at) - Date.parse(state.now)) / 1000;
    return grew ? ` ${this.say.sayPartLeft.replace("%(time)s", inWords(left))}` : "";
  }

  // The place is a live region: what is put there is read aloud once, and stays until it is closed.
  #note(text) {
    byId("time-note-text").textContent = text;
    byId("time-note").hidden = false;
  }

  #cover(state) {
    byId("break-clock").textContent = this.say.sayStands.replace("%(time)s", this.#left());
    byId("break-reason").textContent = state.note ? this.say.sayReason.replace("%(reason)s", state.note) : "";
    if (this.paused) return;
    this.paused = true;
    this.focused = document.activeElement;
    this.dispatchEvent(new Event("break"));
    byId("break").hidden = false;
    byId("break-section-title").tabIndex = -1;
    byId("break-section-title").focus();
  }

  #uncover() {
    this.paused = false;
    byId("break").hidden = true;
    this.dispatchEvent(new Event("work"));
    this.focused?.focus?.();
    this.#note(this.say.sayWork.replace("%(time)s", this.#left()));
  }

  async #controls() {
    document.addEventListener("keydown", (event) => {
      if (!event.altKey || event.ctrlKey || event.metaKey || event.code !== "KeyT") return;
      event.preventDefault();
      this.announce("");
      setTimeout(() => this.announce(this.#asked()), 50);
    });
    byId("time-note-close").addEventListener("click", () => { byId("time-note").hidden = true; });
    const toggle = byId("clock-toggle");
    toggle.addEventListener("click", () => {
      this.clock.hide(!this.clock.hidden);
      this.#drawToggle();
      this.announce(this.clock.hidden ? this.say.sayClockHidden : this.#asked());
      keepNote("clock-hidden", this.clock.hidden).catch(() => undefined);
    });
    this.clock.hide((await readNote("clock-hidden").catch(() => false)) === true);
    this.#drawToggle();
  }

  #drawToggle() {
    const label = this.clock.hidden ? this.say.sayShowClock : this.say.sayHideClock;
    byId("clock-toggle").setAttribute("aria-label", label);
    byId("clock-toggle").title = label;
  }
}
