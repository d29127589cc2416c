// Files to hand in: chosen or dropped, sent by themselves, removed or exchanged until the end.

import { linkTo, megabytes } from "./shared.js";

export function start({ section, item, attachments, device, changed }) {
  const place = section.querySelector("[data-files]");
  const say = place.dataset;
  const list = place.querySelector("[data-file-list]");
  const input = place.querySelector("input[type=file]");
  const problem = place.querySelector("[data-file-problem]");
  const status = place.querySelector("[data-file-status]");
  const endings = say.types.split(" ");
  const most = { files: Number(say.mostFiles), bytes: Number(say.mostMib) * 2 ** 20 };
  let files = []; // what the answer names

  function line(name, words) {
    const row = document.createElement("li");
    row.className = "file-list__item";
    row.append(Object.assign(document.createElement("bdi"), { className: "file-list__name", textContent: name }));
    row.append(Object.assign(document.createElement("span"), { className: "file-list__words", textContent: words }));
    return row;
  }

  function remover(name, remove) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button button--quiet", textContent: say.sayRemove });
    button.setAttribute("aria-label", `${say.sayRemove}: ${name}`);
    button.addEventListener("click", () => { remove(); draw(); input.focus(); });
    return button;
  }

  function draw() {
    const rows = files.map((file) => {
      const row = line(file.name, `${megabytes(file.size)} · ${say.sayHere}`);
      row.append(linkTo(device, file, say.sayOpen), remover(file.name, () => {
        files = files.filter((each) => each.id !== file.id);
        attachments.withdraw(file.id);
        changed();
        status.textContent = say.sayRemoved.replace("%(name)s", file.name);
      }));
      return row;
    });
    const open = attachments.of(item).map((file) => {
      const row = line(file.name, say.sayPart.replace("%(sent)s", megabytes(file.held)).replace("%(all)s", megabytes(file.size)));
      const bar = Object.assign(document.createElement("progress"), { max: file.size, value: file.held });
      bar.setAttribute("aria-label", file.name);
      row.append(bar, remover(file.name, () => attachments.withdraw(file.id)));
      return row;
    });
    list.replaceChildren(...rows, ...open);
    const full = files.length + open.length >= most.files;
    input.disabled = full;
    place.querySelector("[data-file-full]").hidden = !full;
  }

  function take(chosen) {
    problem.textContent = "";
    const wrong = [];
    for (const file of chosen) {
      const ending = file.name.includes(".") ? file.name.split(".").pop().toLowerCase() : "";
      if (!endings.includes(ending)) wrong.push(say.sayType.replace("%(name)s", file.name));
      else if (!file.size) wrong.push(say.sayEmpty.replace("%(name)s", file.name));
      else if (file.size > most.bytes) wrong.push(say.sayLarge.replace("%(name)s", file.name));
      else if (files.length + attachments.of(item).length >= most.files) wrong.push(say.sayMany.replace("%(name)s", file.name));
      else attachments.add(item, file);
    }
    problem.textContent = wrong.join(" ");
    draw();
  }

  for (const name of ["input", "change"]) input.addEventListener(name, (event) => event.stopPropagation());
  input.addEventListener("change", () => { take([...input.files]); input.value = ""; });
  const drop = place.querySelector("[data-drop]");
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.dataset.over = ""; });
  drop.addEventListener("dragleave", () => delete drop.dataset.over);
  drop.addEventListener("drop", (event) => { event.preventDefault(); delete drop.dataset.over; take([...event.dataTransfer.files]); });

  attachments.addEventListener("progress", draw);
  attachments.addEventListener("refused", ({ detail }) => {
    if (detail.item !== item) return;
    problem.textContent = `${detail.file.name}: ${detail.why}`;
    draw();
  });
  attachments.addEventListener("done", ({ detail: { file } }) => {
    if (file.item !== item) return;
    if (!files.some((each) => each.id === file.id)) {
      files = [...files, file.reference].slice(-most.files);
      changed(file);
    }
    status.textContent = say.sayDone.replace("%(name)s", file.name);
    draw();
  });
  draw();

  return {
    read: () => ({ files }),
    write: (answer) => { files = answer.files ?? []; draw(); },
    answered: () => files.length > 0,
    words: (answer) => (answer.files ?? []).map((file) => file.name).join("\n"),
  };
}
