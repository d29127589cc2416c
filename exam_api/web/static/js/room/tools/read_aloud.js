// The question read by the browser's own voices. Voices that a company speaks over the network are not asked.

import { rangeOf, read, segments } from "./passage.js";

const BLOCKS = "p, li, td, th, h1, h2, h3, h4, h5, h6, pre, legend, .choice__text, summary";
const canMark = "highlights" in CSS;

/** Every sentence in sight of the question and its text, with its place. */
function sentences(roots, language) {
  const found = [];
  for (const root of roots) {
    const blocks = [...root.querySelectorAll(BLOCKS)].filter((each) => each.checkVisibility() && !each.querySelector(BLOCKS));
    for (const block of blocks) {
      const { text } = read(block);
      for (const [start, end] of segments(text, "sentence", language)) found.push({ block, start, end, text: text.slice(start, end) });
    }
  }
  return found;
}

export async function start({ room, sheet, panel, memory }) {
  const speech = window.speechSynthesis;
  const language = room.dataset.language || document.documentElement.lang;
  const main = panel.querySelector("[data-act=play]");
  const stopper = panel.querySelector("[data-act=stop]");
  const speed = panel.querySelector("select");
  const now = panel.querySelector("[data-now]");
  const say = panel.dataset;
  let [queue, at, state, item] = [[], 0, "idle", null];
  let run = 0; // what was started before the last stop says nothing any more

  const voices = () => speech?.getVoices().filter((voice) => voice.localService) ?? [];
  const voice = () => {
    const own = voices();
    return own.find((each) => each.lang.replace("_", "-").toLowerCase().startsWith(language.slice(0, 2))) ?? own.find((each) => each.default) ?? own[0];
  };

  function show(next) {
    state = next;
    main.querySelector("span").textContent = { idle: say.sayPlay, speaking: say.sayPause, paused: say.sayResume }[state];
    main.dataset.state = state;
    stopper.disabled = state === "idle";
    if (state === "idle") {
      now.textContent = "";
      if (canMark) CSS.highlights.delete("spoken");
    }
  }

  function mark({ block, start, end, text }) {
    now.textContent = text;
    if (!canMark) return;
    const range = rangeOf(block, start, end);
    if (range) CSS.highlights.set("spoken", new Highlight(range));
  }

  function speak() {
    if (at >= queue.length) { stop(); return; }
    const mine = run;
    const words = new SpeechSynthesisUtterance(queue[at].text);
    words.voice = voice();
    words.lang = words.voice?.lang ?? language;
    words.rate = Number(speed.value);
    words.onend = words.onerror = () => {
      if (mine !== run) return;
      at += 1;
      speak();
    };
    mark(queue[at]);
    speech.speak(words);
  }

  function halt() {
    run += 1;
    speech?.cancel();
  }

  function stop() {
    halt();
    show("idle");
  }

  // Pause ends the sentence and goes on at its start: not every browser's own pause works with every voice.
  main.addEventListener("click", () => {
    if (state === "speaking") {
      halt();
      show("paused");
      return;
    }
    if (state === "idle") {
      const text = [...room.querySelectorAll("details[data-stimulus]:not([hidden])")];
      queue = sentences([...text, sheet.section(item)], language);
      at = 0;
    }
    show("speaking");
    speak();
  });
  stopper.addEventListener("click", stop);
  speed.value = await memory.read("1");
  speed.addEventListener("change", () => {
    memory.keep(speed.value);
    if (state !== "speaking") return;
    halt();
    speak();
  });
  panel.addEventListener("closed", stop);
  addEventListener("pagehide", halt);
  room.addEventListener("place", ({ detail }) => {
    if (item === detail.item) return;
    item = detail.item;
    if (state !== "idle") stop();
  });

  const look = () => {
    const own = voices();
    panel.querySelector("[data-none]").hidden = own.length > 0;
    panel.querySelector("[data-some]").hidden = own.length === 0;
    panel.querySelector("[data-other]").hidden = !own.length || voice().lang.slice(0, 2).toLowerCase() === language.slice(0, 2);
  };
  speech?.addEventListener?.("voiceschanged", look);
  look();
  show("idle");
}
