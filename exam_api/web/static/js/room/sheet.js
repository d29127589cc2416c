// The questions as the server drew them: which answer stands in which field.

const MODULES = new Set(["code", "drawing", "file", "recording"]);

export class Sheet {
  constructor(element, onChange) {
    this.sections = [...element.querySelectorAll("[data-item]")];
    this.items = this.sections.map((section) => section.dataset.item);
    for (const section of this.sections) {
      const item = section.dataset.item;
      if (MODULES.has(section.dataset.kind)) continue; // `furnish` brings these to life
      const changed = () => { this.#count(section); onChange(item, this.read(item)); };
      section.addEventListener("input", changed);
      section.querySelector("[data-clear]")?.addEventListener("click", () => {
        for (const input of section.querySelectorAll("input:checked")) input.checked = false;
        changed();
      });
      this.#count(section);
    }
    this.onChange = onChange;
    this.parts = new Map(); // item → what a module made of its question
    this.refusals = new Map(); // item → the message at its question
  }

  // Kinds that are more than fields: each is a module of its own, loaded only where the exam has such a question.
  async furnish(tools) {
    await Promise.all(this.sections.filter((section) => MODULES.has(section.dataset.kind)).map(async (section) => {
      const { start } = await import(`./kinds/${section.dataset.kind}.js`);
      const item = section.dataset.item;
      const changed = (file) => this.onChange(item, this.read(item), file);
      this.parts.set(item, start({ ...tools, section, item, changed }));
    }));
  }

  // Nothing more is made here now: a break, the end, another device.
  async rest() {
    await Promise.all([...this.parts.values()].map((part) => part.rest?.()));
  }

  // The answer that stands at this question could not be kept: say so there, until a newer one is.
  refuse(item, why) {
    const section = this.section(item);
    if (!section) return;
    this.keep(item);
    const message = document.getElementById("refused-template").content.firstElementChild.cloneNode(true);
    message.querySelector("[data-refused-text]").append(why);
    section.querySelector(".question__head").after(message);
    this.refusals.set(item, message);
  }

  keep(item) {
    this.refusals.get(item)?.remove();
    this.refusals.delete(item);
  }

  // The numbers of the questions whose answer could not be kept.
  get refused() {
    return this.items.flatMap((item, index) => (this.refusals.has(item) ? [index + 1] : []));
  }

  section(item) {
    return this.sections[this.items.indexOf(item)];
  }

  read(item) {
    if (this.parts.has(item)) return this.parts.get(item).read();
    const section = this.section(item);
    if (section.dataset.kind === "choice") {
      return { choice: [...section.querySelectorAll("input:checked")].map((input) => input.value) };
    }
    if (section.dataset.kind === "match") return { match: chosen(section) };
    const field = section.querySelector("[data-text]");
    return { [field.dataset.text]: field.value };
  }

  write(item, answer) {
    const section = this.section(item);
    if (!section) return;
    if (this.parts.has(item)) {
      this.parts.get(item).write(answer);
    } else if (section.dataset.kind === "choice") {
      for (const input of section.querySelectorAll("input")) input.checked = (answer.choice ?? []).includes(input.value);
    } else if (section.dataset.kind === "match") {
      for (const list of section.querySelectorAll("[data-match]")) list.value = answer.match?.[list.dataset.match] ?? "";
    } else {
      const field = section.querySelector("[data-text]");
      field.value = answer[field.dataset.text] ?? "";
    }
    this.#count(section);
  }

  answered(item) {
    if (this.refusals.has(item)) return false;
    if (this.parts.has(item)) return this.parts.get(item).answered();
    const answer = this.read(item);
    if (answer.match) return Object.keys(answer.match).length > 0;
    return answer.choice ? answer.choice.length > 0 : Object.values(answer).some((text) => text.trim());
  }

  #count(section) {
    const words = section.querySelector("[data-words]");
    if (!words) return;
    const count = (section.querySelector("[data-text]").value.match(/\S+/g) ?? []).length;
    words.textContent = document.getElementById("room").dataset.sayWords.replace("%(n)s", count);
  }
}

// The rows of a match that have something chosen.
function chosen(section) {
  const rows = [...section.querySelectorAll("[data-match]")].map((list) => [list.dataset.match, list.value]);
  return Object.fromEntries(rows.filter(([, text]) => text));
}
