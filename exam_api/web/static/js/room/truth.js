// What the room says about the candidate's answers: only what is so.

const time = (date, second) =>
  date.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", ...(second ? { second: "2-digit" } : {}), hourCycle: "h23" });

export class Truth {
  constructor(element, say) {
    this.element = element;
    this.say = say;
    this.last = null; // when the last receipt was made
  }

  saved(at) {
    this.last = time(new Date(at), true);
  }

  // Which questions have an answer that could not be kept. Why is said at each of them.
  unkept(numbers) {
    const questions = numbers.map((number) => this.say.sayQuestion.replace("%(n)s", number));
    const language = document.documentElement.lang || "en";
    return this.say.sayUnkept.replace("%(questions)s", new Intl.ListFormat(language).format(questions));
  }

  // How much of the files that were chosen or recorded the server has.
  filesOf({ sent, size, recording }) {
    if (recording && sent >= size) return this.say.sayRecording;
    const megabytes = (count) => (count / 2 ** 20).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1, minimumFractionDigits: 1 });
    return this.say.sayFiles.replace("%(sent)s", megabytes(sent)).replace("%(all)s", megabytes(size));
  }

  tell({ state, waiting, since, aside, refused = [], files = null }) {
    const { say } = this;
    if (files && state !== "stopped") {
      const words = this.filesOf(files);
      if (state !== "offline" && !files.since) { this.show("saving", words); return; }
      const away = say.sayOffline.replace("%(time)s", time(since ?? files.since ?? new Date()));
      this.show("offline", `${away} ${words}`);
      return;
    }
    const saved = this.last ? `${say.saySaved} ${this.last}` : say.sayReady;
    const count = waiting === 1 ? say.sayWaitingOne : say.sayWaiting.replace("%(n)s", waiting);
    if (state === "stopped") this.show(waiting ? "problem" : "saved", waiting ? say.sayKeptHere : aside ? say.sayAside : saved);
    else if (state === "offline") {
      const away = say.sayOffline.replace("%(time)s", time(since ?? new Date()));
      this.show("offline", waiting ? `${away} ${count}` : away);
    } else if (state === "saving") this.show("saving", waiting > 1 ? `${say.saySaving} ${count}` : say.saySaving);
    else if (state === "typing") this.show("saving", say.sayTyping);
    else if (refused.length) this.show("problem", this.last ? `${saved}. ${this.unkept(refused)}` : this.unkept(refused));
    else this.show("saved", saved);
  }

  show(state, text) {
    this.element.dataset.state = state;
    const line = this.element.querySelector("[data-save-state-text]");
    if (line.textContent !== text) line.textContent = text;
  }
}
