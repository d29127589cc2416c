// A file field that also takes a drop, and says which files it holds.
export function startFileDrops(root) {
  for (const place of root.querySelectorAll("[data-file-drop]")) {
    const input = place.querySelector("input[type=file]");
    const text = place.querySelector("[data-file-drop-text]");
    const say = () => {
      const names = [...input.files].map((file) => file.name);
      if (names.length) text.textContent = `${text.dataset.chosen} ${names.join(", ")}`;
    };
    place.addEventListener("dragover", (event) => {
      event.preventDefault();
      place.dataset.over = "";
    });
    place.addEventListener("dragleave", () => delete place.dataset.over);
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      delete place.dataset.over;
      if (!event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
    input.addEventListener("change", say);
    say();
  }
}
