// Scrolls a row sideways, and only the row: the page stays where the reader is.
export function bringIntoView(row, item) {
  if (!item) return;
  const [frame, box] = [row.getBoundingClientRect(), item.getBoundingClientRect()];
  row.scrollLeft += box.left + box.width / 2 - frame.left - frame.width / 2;
}

// Tabs are links; the arrow keys move between them as well, Home and End to the outermost.
export function startTabs(root) {
  for (const bar of root.querySelectorAll("[data-tabs]")) {
    const links = [...bar.querySelectorAll("a")];
    bar.addEventListener("keydown", (event) => {
      const here = links.indexOf(document.activeElement);
      if (here < 0) return;
      const forward = getComputedStyle(bar).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
      const back = forward === "ArrowRight" ? "ArrowLeft" : "ArrowRight";
      const next = { [forward]: here + 1, [back]: here - 1, Home: 0, End: links.length - 1 }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      links[(next + links.length) % links.length].focus();
    });
    const show = () => bringIntoView(bar, bar.querySelector("[aria-current]"));
    addEventListener("resize", show); // a telephone was turned
    show();
  }
}
