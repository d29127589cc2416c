// Trying a program: asked for, waited for, shown. What programs print is text and never markup.

import { Offline } from "../device.js";
import { difference, marked } from "./difference.js";

const LOOK = [700, 1500, 3000, 5000]; // ms between looks, should the live channel say nothing
const room = document.getElementById("room");

export class Trial {
  constructor({ section, item, device, read }) {
    this.place = section.querySelector("[data-trial]");
    this.say = this.place.dataset;
    this.status = this.place.querySelector("[data-trial-status]");
    this.result = this.place.querySelector("[data-trial-result]");
    this.input = this.place.querySelector("[data-trial-input]");
    this.buttons = [...this.place.querySelectorAll("[data-trial-run]")];
    this.path = `/api/attempts/${device.attempt}/trials`;
    Object.assign(this, { item, device, read, waits: null });
    for (const button of this.buttons) {
      button.addEventListener("click", () => this.#run(button.dataset.trialRun === "input" ? this.input.value : undefined));
    }
    room.addEventListener("news", () => { if (this.waits) this.#look(); });
  }

  async #run(stdin) {
    if (this.busy) return;
    this.#busy(true);
    this.#tell(this.say.sayWaiting);
    this.result.replaceChildren();
    try {
      const { id } = await this.device.request("POST", this.path, { item: this.item, response: this.read(), stdin });
      this.waits = id;
      this.#soon(0);
    } catch (error) {
      this.#end(error instanceof Offline ? this.say.sayOffline : error.message);
    }
  }

  #soon(tries) {
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      await this.#look();
      if (this.waits) this.#soon(tries + 1);
    }, LOOK[Math.min(tries, LOOK.length - 1)]);
  }

  async #look() {
    const id = this.waits;
    const trial = await this.device.request("GET", `${this.path}/${id}`).catch((error) => (error instanceof Offline ? null : error));
    if (this.waits !== id || !trial || trial.state === "waiting") return;
    this.waits = null;
    clearTimeout(this.timer);
    if (trial instanceof Error) { this.#end(trial.message); return; }
    this.#show(trial);
  }

  #end(words) {
    this.waits = null;
    this.#busy(false);
    this.#tell(words);
  }

  // A button that is pressed keeps the focus: it only says that it does nothing now.
  #busy(busy) {
    this.busy = busy;
    for (const button of this.buttons) button.setAttribute("aria-disabled", String(busy));
  }

  #tell(words) { this.status.textContent = words; }

  #show(trial) {
    if (trial.state === "failed") { this.#end(trial.reason); return; }
    const passed = trial.tests.filter((test) => test.passed).length;
    const counted = trial.tests.some((test) => test.passed !== null);
    const ran = this.say[trial.tests.length === 1 ? "sayRanOne" : "sayRan"];
    if (!trial.compiled) this.#end(this.say.sayNotCompiled);
    else if (counted) this.#end(ran.replace("%(all)s", trial.tests.length).replace("%(passed)s", passed));
    else this.#end(trial.tests.map((test) => `${test.name || this.say.sayInput}: ${test.verdict}`).join(" "));
    const remarks = trial.remarks.map((text) => Object.assign(document.createElement("p"), { textContent: text }));
    this.result.replaceChildren(
      ...remarks,
      ...(trial.compile_log.trim() ? [block(this.say.sayCompiler, trial.compile_log)] : []),
      ...trial.tests.map((test) => this.#test(test)),
    );
  }

  #test(test) {
    const box = document.createElement("details");
    box.className = "trial__test";
    box.open = !test.passed;
    if (test.passed !== null) box.dataset.passed = test.passed ? "yes" : "no";
    const head = document.createElement("summary");
    const mark = Object.assign(document.createElement("span"), { className: "trial__mark", textContent: { true: "✓", false: "✗" }[test.passed] ?? "▸" });
    mark.setAttribute("aria-hidden", "true");
    const name = Object.assign(document.createElement("bdi"), { className: "trial__name", textContent: test.name || this.say.sayInput });
    const words = Object.assign(document.createElement("span"), { textContent: test.verdict });
    head.append(mark, name, words, Object.assign(document.createElement("span"), { className: "trial__used", textContent: this.#used(test) }));
    box.append(head);
    if (test.stdin) box.append(block(this.say.sayStdin, test.stdin));
    const differs = test.passed === false && test.expected && test.printed ? difference(test.expected, test.printed) : null;
    if (differs) box.append(this.#where(differs));
    if (test.expected) box.append(block(this.say.sayExpected, test.expected, differs?.first ? differs.expected : null));
    box.append(block(this.say.sayPrinted, test.printed, differs?.first ? differs.printed : null));
    if (test.stderr) box.append(block(this.say.sayErrors, test.stderr));
    return box;
  }

  #where({ first }) {
    const words = first ? this.say.sayDiffers.replace("%(line)s", first) : this.say.saySpaces;
    return Object.assign(document.createElement("p"), { className: "trial__label", textContent: words });
  }

  #used({ cpu_seconds, peak_bytes }) {
    const language = document.documentElement.lang;
    const seconds = cpu_seconds.toLocaleString(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    const memory = (peak_bytes / 2 ** 20).toLocaleString(language, { maximumFractionDigits: 1 });
    return this.say.sayUsed.replace("%(seconds)s", seconds).replace("%(memory)s", memory);
  }
}

function block(label, text, parts = null) {
  const part = document.createElement("div");
  const pre = document.createElement("pre");
  pre.tabIndex = 0;
  pre.dir = "ltr";
  pre.setAttribute("role", "group"); // a part that can be scrolled has a name
  pre.setAttribute("aria-label", label);
  pre.append(parts ? marked(parts) : Object.assign(document.createElement("code"), { textContent: text || "–" }));
  part.append(Object.assign(document.createElement("p"), { className: "trial__label", textContent: label }), pre);
  return part;
}
