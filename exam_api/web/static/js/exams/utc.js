// Times are typed in UTC; below each field stands what that is where the reader is.
const shown = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full", timeStyle: "short" });

for (const input of document.querySelectorAll("[data-utc]")) {
  const note = document.createElement("p");
  note.className = "field__hint";
  note.setAttribute("role", "status");
  input.after(note);
  const say = () => {
    const moment = new Date(`${input.value}Z`);
    note.textContent = Number.isNaN(moment.getTime()) ? "" : input.dataset.utc.replace("{}", shown.format(moment));
  };
  input.addEventListener("input", say);
  say();
}
