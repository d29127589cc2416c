// The text that a question is about, beside it or above it. Folded or not, and where one was in it, stays between its questions.

export function start({ room, sheet }) {
  const texts = [...room.querySelectorAll("[data-stimulus]")].filter((each) => each.matches("details"));
  const show = (item) => {
    const wanted = sheet.section(item).dataset.stimulus;
    for (const text of texts) text.hidden = text.dataset.stimulus !== wanted;
  };
  room.addEventListener("place", ({ detail }) => show(detail.item));
}
