// Larger questions, up to four times; the room around them stays as it is, and nothing needs sideways scrolling.

export async function start({ room, panel, memory }) {
  const show = (size) => { room.dataset.zoom = size; };
  const size = await memory.read("100");
  const wanted = panel.querySelector(`input[value="${CSS.escape(size)}"]`);
  if (wanted) {
    wanted.checked = true;
    show(size);
  }
  panel.addEventListener("change", ({ target }) => {
    show(target.value);
    memory.keep(target.value);
  });
}
