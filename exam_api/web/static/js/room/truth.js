// What the room says about the candidate's answers: only what is so.

const time = (date, second) =>
  date.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", ...(second ? { second: "2-digit" } : {}), hourCycle: "h23" });

export class Truth {
  constructor(element, say) {
    this.element = element;
    this.say = say;
    this.refusals = new Map(); // item → why its newest answer was not taken
    this.last = null; // when the last receipt was made
  }

  saved(item, at) {
    this.refusals.delete(item);
    this.last = time(new Date(at), true);
  }

  refused(item, why) {
    this.refusals.set(item, why);
  }

  tell({ state, waiting, since, aside }) {
    const { say } = this;
    const saved = this.last ? `${say.saySaved} ${this.last}` : say.sayReady;
    const count = waiting === 1 ? say.sayWaitingOne : say.sayWaiting.replace("%(n)s", waiting);
    if (this.refusals.size) this.show("problem", `${say.sayRefused} ${[...this.refusals.values()][0]}`);
    else if (state === "stopped") this.show(waiting ? "problem" : "saved", waiting ? say.sayKeptHere : aside ? say.sayAside : saved);
    else if (state === "offline") {
      const away = say.sayOffline.replace("%(time)s", time(since ?? new Date()));
      this.show("offline", waiting ? `${away} ${count}` : away);
    } else if (state === "saving") this.show("saving", waiting > 1 ? `${say.saySaving} ${count}` : say.saySaving);
    else if (state === "typing") this.show("saving", say.sayTyping);
    else this.show("saved", saved);
  }

  show(state, text) {
    this.element.dataset.state = state;
    const line = this.element.querySelector("[data-save-state-text]");
    if (line.textContent !== text) line.textContent = text;
  }
}
