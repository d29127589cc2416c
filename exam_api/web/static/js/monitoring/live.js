// Renews the live table in place when the server says that something changed, and now and then for the counts that it does
// not speak of. Nothing moves while somebody reads a row by keyboard or has chosen text in it: it catches up afterwards.

const place = document.getElementById("live");
const OFTEN = Number(place.dataset.seconds) * 1000; // while no news come
const SELDOM = 3 * OFTEN; // while they do
let source, renewing = false, stale = false, heard = false, renewedAt = performance.now();

const busy = () => place.contains(document.activeElement) || !getSelection().isCollapsed;

async function renew() {
  stale = true;
  if (document.hidden || renewing || busy()) return;
  renewing = true;
  stale = false;
  try {
    const answer = await fetch(place.dataset.live, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(answer.statusText);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
    if (fresh && busy()) stale = true;
    else if (fresh) place.replaceChildren(...fresh.childNodes);
    renewedAt = performance.now();
  } catch {
    // The server is away for a moment; the caption's time shows how old the table is.
  } finally {
    renewing = false;
  }
  if (stale && !busy()) renew(); // news came while we asked
}

function listen() {
  source?.close();
  heard = false;
  if (document.hidden) return;
  // The first message of each connection says: look, whatever you missed.
  source = new EventSource(place.dataset.news);
  source.onmessage = () => { heard = true; renew(); };
  source.onerror = () => { heard = false; };
}

setInterval(() => {
  if (document.hidden) return;
  if (source?.readyState === EventSource.CLOSED) listen(); // refused once: the browser would not ask again by itself
  if (performance.now() - renewedAt >= (heard ? SELDOM : OFTEN) || (stale && !busy())) renew();
}, OFTEN / 5);
document.addEventListener("visibilitychange", listen);
addEventListener("pagehide", () => source?.close());
addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
listen();
