// A sheet of scratch paper for each question. It never leaves this browser.

export async function start({ room, panel, memory }) {
  const field = panel.querySelector("textarea");
  const about = panel.querySelector("[data-about]");
  const notes = await memory.read({});
  let item = null;
  room.addEventListener("place", ({ detail }) => {
    item = detail.item;
    field.value = notes[item] ?? "";
    about.textContent = detail.title;
  });
  field.addEventListener("input", () => {
    notes[item] = field.value;
    memory.keep(notes);
  });
}
