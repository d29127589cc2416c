// Strike out options one has ruled out. It chooses nothing, and says nothing to anybody.

export async function start({ sheet, panel, memory }) {
  const struck = new Set(await memory.read([]));
  const model = panel.querySelector("template").content.firstElementChild;

  for (const section of sheet.sections) {
    for (const choice of section.querySelectorAll(".choices .choice")) {
      const name = `${section.dataset.item}:${choice.querySelector("input").value}`;
      const row = document.createElement("div");
      row.className = "choice-row";
      choice.replaceWith(row);
      const button = model.cloneNode(true);
      row.append(choice, button);
      button.querySelector("[data-option]").textContent = choice.textContent.trim();
      const draw = () => {
        row.dataset.struck = struck.has(name) ? "yes" : "no";
        button.setAttribute("aria-pressed", String(struck.has(name)));
      };
      button.addEventListener("click", () => {
        if (!struck.delete(name)) struck.add(name);
        memory.keep([...struck]);
        draw();
      });
      draw();
    }
  }
  const show = (shown) => { for (const button of document.querySelectorAll(".choice-row > button")) button.hidden = !shown; };
  panel.addEventListener("opened", () => show(true));
  panel.addEventListener("closed", () => show(false));
  show(false);
}
