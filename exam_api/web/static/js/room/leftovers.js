// After the end: whatever this browser still holds of the attempt goes beside the chain, or into a recovery file.

import { Device } from "./device.js";
import { download, sealFile } from "./recovery.js";
import { open } from "./merge.js";
import { keepAnswer, readAnswers } from "./store.js";

const place = document.getElementById("leftovers");
const attempt = place.dataset.attempt;
const line = place.querySelector("[data-text]");

async function hand(device, entries) {
  for (const entry of entries) {
    const { order, item, answer, created_at, base } = entry;
    const body = { place: order, item, answer, created_at, base: base ?? 0 };
    await device.request("POST", `/api/attempts/${attempt}/aside`, body, { bare: true });
    await keepAnswer({ ...entry, aside: true });
  }
}

const journal = await readAnswers(attempt).catch(() => []);
const entries = journal.filter(open);
if (entries.length) {
  place.hidden = false;
  const device = await Device.open(attempt);
  place.querySelector("button").addEventListener("click", async () => {
    await download(await sealFile(device, entries, JSON.parse(place.dataset.key)), `recovery-${attempt}.json`);
  });
  await hand(device, entries).then(
    () => { line.textContent = place.dataset.sayKept; },
    (error) => { line.textContent = `${place.dataset.sayFailed} ${error.message}`; },
  );
}
