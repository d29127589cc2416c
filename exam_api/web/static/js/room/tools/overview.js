// All questions on one page, before submitting: what is answered, what is marked, what is empty; each a link.

export function start({ room, sheet, go, marked }) {
  const page = document.getElementById("overview");
  const list = page.querySelector("ol");
  const model = page.querySelector("template").content.firstElementChild;
  const desk = document.getElementById("question-desk");

  const draw = () => {
    const counts = { answered: 0, refused: 0, marked: 0, empty: 0 };
    list.replaceChildren(...sheet.items.map((item, index) => {
      const line = model.cloneNode(true);
      const answered = sheet.answered(item);
      const refused = sheet.refusals.has(item);
      const link = line.querySelector("a");
      link.textContent = `${index + 1}. ${sheet.section(item).dataset.title}`;
      link.href = `#question-${item}`;
      link.addEventListener("click", (event) => {
        event.preventDefault();
        go(index);
      });
      for (const state of line.querySelectorAll("[data-state]")) {
        const holds = { answered, refused, empty: !answered && !refused, marked: marked(item) }[state.dataset.state];
        state.hidden = !holds;
        counts[state.dataset.state] += holds ? 1 : 0;
      }
      return line;
    }));
    for (const place of page.querySelectorAll("[data-count]")) place.textContent = String(counts[place.dataset.count]);
  };
  const show = (shown) => {
    if (shown) draw();
    page.hidden = !shown;
    desk.hidden = shown;
  };
  for (const opener of room.querySelectorAll("[data-overview]")) {
    opener.addEventListener("click", () => {
      opener.closest("dialog")?.close();
      show(true);
      page.querySelector("h1").focus();
    });
  }
  // Any way to a question leads back to it.
  room.addEventListener("place", () => show(false));
  page.querySelector("[data-back]").addEventListener("click", () => go());
}
