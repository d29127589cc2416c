// The files of a program as tabs over one editor. With one file there are none.

export class Files {
  #texts = {};

  constructor(place, editor, most, changed) {
    Object.assign(this, { place, editor, most, changed, open: "", main: "" });
    if (!place) return;
    this.say = place.dataset;
    this.tabs = place.querySelector("[role=tablist]");
    this.name = place.querySelector("[data-file-name]");
    this.problem = place.querySelector("[data-file-wrong]");
    this.remove = place.querySelector("[data-file-remove]");
    place.querySelector("[data-file-add]").addEventListener("click", () => this.#add());
    this.remove.addEventListener("click", () => this.#remove());
    this.name.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); this.#add(); } });
    this.tabs.addEventListener("keydown", (event) => this.#arrow(event));
  }

  get texts() {
    return { ...this.#texts, [this.open]: this.editor.value };
  }

  set texts(texts) {
    this.#texts = { ...texts };
    const names = Object.keys(this.#texts);
    this.open = names.includes(this.open) ? this.open : names.includes(this.main) ? this.main : names[0];
    this.editor.value = this.#texts[this.open] ?? "";
    this.#draw();
  }

  rename(from, to) {
    if (from === to) return;
    const { [from]: text, ...others } = this.texts;
    if (this.open === from) this.open = to;
    this.texts = { [to]: text ?? "", ...others };
  }

  #show(name, focus) {
    this.#texts = this.texts;
    this.open = name;
    this.editor.value = this.#texts[name];
    this.#draw();
    if (focus) this.tabs.querySelector("[aria-selected=true]").focus();
  }

  #add() {
    const name = this.name.value.trim();
    const wrong = !/^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/.test(name) || name.length > 100;
    const given = this.say.given.split("\n").includes(name);
    this.problem.textContent = wrong ? this.say.sayName : given || name in this.texts ? this.say.sayThere : "";
    if (this.problem.textContent) { this.name.focus(); return; }
    this.#texts = { ...this.texts, [name]: "" };
    this.name.value = "";
    this.#show(name, false);
    this.editor.field.focus();
    this.changed();
  }

  #remove() {
    const { [this.open]: _gone, ...others } = this.texts;
    this.open = this.main;
    this.texts = others;
    this.tabs.querySelector("[aria-selected=true]").focus();
    this.changed();
  }

  #arrow(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const names = Object.keys(this.#texts);
    event.preventDefault();
    this.#show(names[(names.indexOf(this.open) + step + names.length) % names.length], true);
  }

  #draw() {
    if (!this.place) return;
    this.tabs.replaceChildren(...Object.keys(this.#texts).map((name) => {
      const tab = Object.assign(document.createElement("button"), { type: "button", className: "editor__tab", textContent: name });
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-selected", String(name === this.open));
      tab.setAttribute("aria-controls", this.say.panel);
      tab.tabIndex = name === this.open ? 0 : -1;
      tab.addEventListener("click", () => this.#show(name, true));
      return tab;
    }));
    this.remove.disabled = this.open === this.main;
    this.place.querySelector("[data-file-add]").disabled = Object.keys(this.#texts).length >= this.most;
  }
}
