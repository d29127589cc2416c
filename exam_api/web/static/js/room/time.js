// What the room knows of its time: the clock, breaks, time that was given, and the two ways it hears of them: the live
// channel, and under it a look at the clock every quarter of a minute.

import { Clock, inWords } from "./clock.js";
import { Refused } from "./device.js";
import { Live } from "./live.js";
import { passing } from "./refusals.js";
import { keepNote, readNote } from "./store.js";

const RECHECK = 15000;
const LOOK = 1000; // ms between looks whether the computer has slept
const SLEPT = 1500; // ms that one of its clocks then counts more than the other
const byId = (id) => document.getElementById(id);

// Events: "state" (how the time stands, whenever that is heard), "over" (the clock ran out), "closed" (no longer at work), "refused" (with the error), "break", "work".
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
    this.part = null; // the clock of the open part, where it has one
    this.clock = new Clock(document.querySelector("[data-clock]"), paper.clock);
    this.label = document.querySelector("[data-clock] .clock__label");
    this.called = this.label.textContent;
    this.clock.addEventListener("late", ({ detail }) => this.#late(detail));
    if (this.clock.late) this.#late(true);
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
    this.looks = setInterval(() => this.#lookForSleep(), LOOK);
    document.addEventListener("resume", () => this.#wake());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.recheck(); });
  }

  stop() {
    clearInterval(this.timer);
    clearInterval(this.looks);
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
      if (error instanceof Refused && !passing(error)) this.#tell("refused", error);
    }
  }

  #lookForSleep() {
    const apart = Date.now() - performance.now();
    if (Math.abs(apart - (this.apart ?? apart)) > SLEPT) this.#wake();
    this.apart = apart;
  }

  // The computer slept, the page was frozen, or somebody set the clock: ask at once how it stands.
  #wake() {
    if (this.stopped) return;
    this.live.renew();
    this.recheck();
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
    this.part?.hear(state);
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
    if (state.status === "paused") this.#cover(state);
    else if (this.paused) this.#uncover();
    else this.#added(before, state);
  }

  #tell(name, detail) {
    if (!this.stopped) this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #left() {
    return inWords(this.clock.seconds);
  }

  // The time is over, and one may go on at a price; or it is not over after all, because time was given.
  #late(now) {
    this.label.textContent = now ? this.say.sayLateLabel : this.called;
    if (now) this.#note(this.say.sayLate.replace("%(time)s", this.#left()));
  }

  #speak({ half }) {
    this.announce((half ? this.say.sayHalf : this.say.sayLeftTime).replace("%(time)s", this.#left()));
  }

  #added(before, state) {
    const more = (Date.parse(state.ends_at) - Date.parse(before.ends_at)) / 1000;
    if (more <= 0) return;
    const reason = state.note ? ` ${this.say.sayReason.replace("%(reason)s", state.note)}` : "";
    this.#note(this.say.sayAdded.replace("%(time)s", inWords(more)).replace("%(left)s", this.#left()) + reason);
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
      setTimeout(() => this.announce(this.say.sayLeftTime.replace("%(time)s", this.#left())), 50);
    });
    byId("time-note-close").addEventListener("click", () => { byId("time-note").hidden = true; });
    const toggle = byId("clock-toggle");
    toggle.addEventListener("click", () => {
      this.clock.hide(!this.clock.hidden);
      this.#drawToggle();
      this.announce(this.clock.hidden ? this.say.sayClockHidden : this.say.sayLeftTime.replace("%(time)s", this.#left()));
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
