// A program: one file or several, in one language or in one of several, and what it does when it is tried.

import { Editor } from "./editor.js";
import { Files } from "./files.js";
import { Trial } from "./trial.js";

export function start({ section, item, device, changed }) {
  const place = section.querySelector("[data-program]");
  const languages = JSON.parse(place.dataset.languages);
  const most = Number(place.dataset.mostFiles);
  const choice = place.querySelector("[data-language]");
  const editor = new Editor(place.querySelector("[data-editor]"));
  let language = languages[0];
  const initial = languages.find((each) => each.name === place.dataset.language) ?? language;

  const files = new Files(place.querySelector("[data-files-of]"), editor, most, () => changed());
  const startsWith = (each) => ({ [each.main]: "", ...each.starter });

  function speak(next) {
    language = next;
    if (choice) choice.value = next.name;
    files.main = next.main;
    editor.speak(next.name);
    place.querySelector("[data-language-title]").textContent = next.title;
  }

  const untouched = (texts) => Object.entries(texts).every(([name, text]) => ["", (language.starter[name] ?? "").trim()].includes(text.trim()));

  choice?.addEventListener("change", () => {
    const next = languages.find((each) => each.name === choice.value);
    const texts = files.texts;
    // What was written stays; only what nobody has touched is exchanged for the other language's beginning.
    if (untouched(texts)) files.texts = startsWith(next);
    else files.rename(language.main, next.main);
    speak(next);
    changed();
  });
  editor.field.addEventListener("input", () => changed());

  function read() {
    const texts = files.texts;
    const answer = most > 1 ? { files: texts } : { source: texts[language.main] ?? "" };
    return languages.length > 1 ? { ...answer, language: language.name } : answer;
  }

  files.texts = startsWith(initial);
  speak(initial);
  new Trial({ section, item, device, read });

  return {
    read,
    write: (answer) => {
      speak(languages.find((each) => each.name === answer.language) ?? initial);
      files.texts = answer.files ?? { [language.main]: answer.source ?? "" };
    },
    answered: () => !untouched(files.texts),
    words: (answer) => answer.source ?? Object.entries(answer.files ?? {}).map(([name, text]) => `--- ${name} ---\n${text}`).join("\n\n"),
  };
}
