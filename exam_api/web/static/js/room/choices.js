// What another device had also written: shown at its question until the candidate chooses. Choosing is a normal save.

import { same } from "./merge.js";
import { keepNote, readNote } from "./store.js";

export class Choices {
  constructor(device, sheet, held, change) {
    this.device = device;
    this.sheet = sheet;
    this.held = held; // the newest saved answer per question, when this page was opened
    this.change = change;
    this.shown = new Map(); // id → element
    this.chosen = null;
  }

  // Ask the server what lies beside the chain. Returns how many questions wait for a choice.
  async look() {
    const name = `chosen:${this.device.attempt}`;
    this.chosen ??= new Set((await readNote(name).catch(() => null)) ?? []);
    const mine = await this.device.thumbprint();
    const found = await this.device.request("GET", `/api/attempts/${this.device.attempt}/aside`).catch(() => []);
    for (const each of found) {
      if (each.counts || this.chosen.has(each.id) || this.shown.has(each.id) || !this.sheet.section(each.item)) continue;
      if (same(this.sheet.read(each.item), each.answer)) continue;
      const done = () => {
        this.chosen.add(each.id);
        keepNote(name, [...this.chosen]).catch(() => undefined);
      };
      // Written here, and nobody has answered this question since: then there is nothing to choose.
      if (each.jkt === mine && (this.held[each.item]?.seq ?? 0) <= each.base) {
        this.sheet.write(each.item, each.answer);
        this.change(each.item, each.answer);
        done();
      } else this.#show(each, done);
    }
    return this.shown.size;
  }

  waits(item) {
    return [...this.shown.values()].some((panel) => panel.dataset.choiceItem === item);
  }

  #show(each, done) {
    const panel = document.getElementById("choice-template").content.firstElementChild.cloneNode(true);
    panel.dataset.choiceItem = each.item;
    panel.querySelector("[data-choice-text]").textContent = this.#words(each);
    const time = new Date(each.created_at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    panel.querySelector("[data-choice-at]").textContent = time;
    const choose = (answer) => {
      this.sheet.write(each.item, answer);
      done();
      this.shown.delete(each.id);
      panel.remove();
      this.change(each.item, answer);
    };
    panel.querySelector("[data-choice-take]").addEventListener("click", () => choose(each.answer));
    panel.querySelector("[data-choice-keep]").addEventListener("click", () => choose(this.sheet.read(each.item)));
    this.sheet.section(each.item).querySelector("h1").parentElement.after(panel);
    this.shown.set(each.id, panel);
  }

  #words({ item, answer }) {
    if (this.sheet.parts.has(item)) return this.sheet.parts.get(item).words(answer) || "–";
    if (!answer.choice) return Object.values(answer).join("\n") || "–";
    const options = [...this.sheet.section(item).querySelectorAll("label.choice")];
    const chosen = options.filter((label) => answer.choice.includes(label.querySelector("input").value));
    return chosen.map((label) => label.textContent.trim()).join("\n") || "–";
  }
}
