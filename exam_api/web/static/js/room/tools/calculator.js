// The calculator's keys, display, memory and last results.

import { calculate } from "./arithmetic.js";
import { CalculationError, Decimal } from "./decimal.js";

const KEPT = 10;
const SIGNS = { "*": "×", "/": "÷", "-": "−" };

export async function start({ panel, memory }) {
  const say = panel.dataset;
  const point = say.point;
  const field = panel.querySelector("[data-calculation]");
  const result = panel.querySelector("[data-result]");
  const held = panel.querySelector("[data-memory]");
  const list = panel.querySelector("[data-history]");
  const model = panel.querySelector("template").content.firstElementChild;
  const state = await memory.read({ history: [], memory: null, degrees: true });
  let answer = new Decimal(0n);
  let fresh = false; // the field shows a result: the next digit starts anew, the next sign goes on from it

  const shown = (value) => value.show(12, point);
  const value = (text) => calculate(text, { degrees: state.degrees, answer });
  const keep = () => memory.keep(state);

  const drawHistory = () => {
    panel.querySelector("[data-history-empty]").hidden = state.history.length > 0;
    list.replaceChildren(...state.history.map(({ calculation, result: text }) => {
      const line = model.cloneNode(true);
      const button = line.querySelector("button");
      button.querySelector("[data-text]").textContent = `${calculation} = ${text}`;
      button.addEventListener("click", () => type(text));
      return line;
    }));
  };
  const drawMemory = () => { held.textContent = state.memory ?? "0"; };

  function type(text) {
    if (fresh) {
      const goesOn = /^[+−×÷^!%]/.test(text);
      field.setSelectionRange(goesOn ? field.value.length : 0, field.value.length);
    }
    fresh = false;
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  }

  /** The value of the field, or null with the reason said. */
  function read() {
    try {
      const found = value(field.value);
      result.dataset.state = "right";
      return found;
    } catch (error) {
      if (!(error instanceof CalculationError)) throw error;
      result.dataset.state = "wrong";
      result.textContent = say[`say${error.code.split("-").map((word) => word[0].toUpperCase() + word.slice(1)).join("")}`];
      return null;
    }
  }

  function equals() {
    const calculation = field.value.trim();
    const found = calculation ? read() : null;
    if (!found) return;
    answer = found;
    const text = shown(found);
    result.textContent = `= ${text}`;
    state.history = [{ calculation, result: text }, ...state.history].slice(0, KEPT);
    drawHistory();
    keep();
    field.value = text;
    fresh = true;
  }

  function remember(sign) {
    const found = read();
    if (!found) return;
    const before = Decimal.parse("0").plus(state.memory ? value(state.memory) : new Decimal(0n));
    state.memory = shown(sign > 0 ? before.plus(found) : before.minus(found));
    result.textContent = `${say.sayMemory} ${state.memory}`;
    drawMemory();
    keep();
  }

  const acts = {
    equals,
    clear: () => {
      field.value = "";
      result.textContent = "";
      fresh = false;
    },
    back: () => {
      fresh = false;
      if (field.selectionStart === field.selectionEnd && field.selectionStart > 0) field.selectionStart -= 1;
      field.setRangeText("");
    },
    "memory-clear": () => {
      state.memory = null;
      drawMemory();
      keep();
    },
    "memory-recall": () => type(state.memory ?? "0"),
    "memory-plus": () => remember(1),
    "memory-minus": () => remember(-1),
    point: () => type(point),
  };
  for (const button of panel.querySelectorAll("[data-key]")) button.addEventListener("click", () => type(button.dataset.key));
  for (const button of panel.querySelectorAll("[data-act]")) button.addEventListener("click", acts[button.dataset.act]);

  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "=") {
      event.preventDefault();
      equals();
    }
  });
  field.addEventListener("beforeinput", ({ data, inputType }) => {
    if (fresh && inputType === "insertText" && data) field.setSelectionRange(/^[+\-*/^!%]/.test(data) ? field.value.length : 0, field.value.length);
    fresh = false;
  });
  // One sign for another, so the caret stays where it is. A point or a comma becomes what this language writes.
  field.addEventListener("input", () => {
    const at = field.selectionStart;
    const text = field.value.replace(/[*/-]/g, (sign) => SIGNS[sign]).replace(/[.,]/g, point);
    if (text !== field.value) {
      field.value = text;
      field.setSelectionRange(at, at);
    }
  });
  for (const choice of panel.querySelectorAll("input[name=angle]")) {
    choice.checked = (choice.value === "degrees") === state.degrees;
    choice.addEventListener("change", () => {
      state.degrees = choice.value === "degrees";
      keep();
    });
  }
  drawHistory();
  drawMemory();
}
