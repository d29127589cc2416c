// Renews the live table in place. Nothing moves while somebody reads a row by keyboard or has chosen text in it.

const place = document.getElementById("live");

async function renew() {
  if (document.hidden || place.contains(document.activeElement) || !getSelection().isCollapsed) return;
  try {
    const answer = await fetch(place.dataset.live, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
    if (fresh) place.replaceChildren(...fresh.childNodes);
  } catch {
    // The server is away for a moment; the caption's time shows how old the table is.
  }
}

setInterval(renew, Number(place.dataset.seconds) * 1000);
