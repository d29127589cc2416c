// A window of a few lines on the question; the rest is dimmed. It follows the pointer, the focus, and its own buttons.

const HEIGHTS = [2, 3, 5, 8]; // in lines

export async function start({ panel, memory }) {
  const sheet = document.getElementById("sheet");
  const window_ = document.createElement("div");
  window_.className = "line-reader";
  window_.hidden = true;
  window_.setAttribute("aria-hidden", "true");
  sheet.append(window_);
  let height = await memory.read(HEIGHTS[1]);
  let middle = 0;
  const line = () => parseFloat(getComputedStyle(sheet).lineHeight) || 24;
  // The sheet may be magnified; what is measured on the screen is then larger than what is written in its styles.
  const scale = () => sheet.getBoundingClientRect().height / (sheet.offsetHeight || 1) || 1;

  const draw = () => {
    const half = (line() * height) / 2;
    middle = Math.min(Math.max(middle, half), Math.max(half, sheet.offsetHeight - half));
    window_.style.setProperty("--line-reader-top", `${Math.round(middle - half)}px`);
    window_.style.setProperty("--line-reader-height", `${Math.round(line() * height)}px`);
  };
  const follow = (y) => {
    if (window_.hidden) return;
    middle = (y - sheet.getBoundingClientRect().top) / scale();
    draw();
  };
  const step = (lines) => {
    middle += lines * line();
    draw();
    const box = window_.getBoundingClientRect();
    const top = box.top + parseFloat(window_.style.getPropertyValue("--line-reader-top")) * scale();
    const bar = document.querySelector(".room-bar").getBoundingClientRect().bottom;
    const [over, under] = [bar + 8 - top, top + line() * height * scale() + 8 - innerHeight];
    if (over > 0) scrollBy(0, -over); else if (under > 0) scrollBy(0, under);
  };
  sheet.addEventListener("pointermove", ({ clientY }) => follow(clientY));
  sheet.addEventListener("pointerdown", ({ clientY }) => follow(clientY));
  sheet.addEventListener("focusin", ({ target }) => {
    const box = target.getBoundingClientRect();
    follow(box.top + Math.min(box.height, 80) / 2);
  });
  const acts = {
    up: () => step(-1),
    down: () => step(1),
    less: () => { height = HEIGHTS[Math.max(0, HEIGHTS.indexOf(height) - 1)]; },
    more: () => { height = HEIGHTS[Math.min(HEIGHTS.length - 1, HEIGHTS.indexOf(height) + 1)]; },
  };
  for (const button of panel.querySelectorAll("[data-act]")) {
    button.addEventListener("click", () => {
      acts[button.dataset.act]();
      memory.keep(height);
      draw();
    });
  }
  panel.addEventListener("opened", () => {
    window_.hidden = false;
    draw();
  });
  panel.addEventListener("closed", () => { window_.hidden = true; });
  addEventListener("resize", () => { if (!window_.hidden) draw(); });
}
