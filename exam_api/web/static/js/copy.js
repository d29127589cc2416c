// A button that copies a field. Without JavaScript, or where a browser has no clipboard, it stays hidden: the text can be selected.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  if (!field || !navigator.clipboard) continue;
  button.hidden = false;
  field.addEventListener("focus", () => field.select());
  const words = button.querySelector("span");
  const usual = words.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    words.textContent = button.dataset.copied;
    button.setAttribute("aria-live", "polite");
    setTimeout(() => (words.textContent = usual), 3000);
  });
}
