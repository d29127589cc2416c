// The question's form shows beside itself what a candidate will see, a moment after typing stops.
const PAUSE = 500;

const form = document.querySelector("[data-preview-source]");
const place = document.querySelector("[data-preview]");
let timer;
let running = new AbortController();

async function preview() {
  running.abort();
  running = new AbortController();
  const answer = await fetch(form.dataset.previewSource, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    signal: running.signal,
  });
  if (!answer.ok) return;
  // Parsed without running anything; the server has cleaned the Markdown already.
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  place.replaceChildren(...page.body.childNodes);
}

if (form && place) {
  form.addEventListener("input", () => {
    clearTimeout(timer);
    // A preview that does not arrive leaves the last one; the button "Look at it" works without this script.
    timer = setTimeout(() => preview().catch(() => undefined), PAUSE);
  });
}
