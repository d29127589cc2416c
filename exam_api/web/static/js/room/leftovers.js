// After the end: whatever this browser still holds of the attempt goes beside the chain, or into a recovery file.

import { handOver } from "./beside.js";
import { sendRest } from "./capture/rest.js";
import { Device } from "./device.js";
import { open } from "./merge.js";
import { download, sealFile } from "./recovery.js";
import { dropFile, readAnswers, readFiles, readParts } from "./store.js";

const place = document.getElementById("leftovers");
const attempt = place.dataset.attempt;
const line = place.querySelector("[data-text]");

// Files that never came whole can only be saved by hand; what the server has needs no second place.
async function offerFiles() {
  const open = document.getElementById("unsent-files");
  for (const file of await readFiles(attempt).catch(() => [])) {
    if (file.reference) { await dropFile(attempt, file.id); continue; }
    const parts = file.blob ? [file.blob] : (await readParts(attempt, file.id)).map((part) => part.blob);
    if (!parts.length) continue;
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob(parts)), download: file.name });
    link.textContent = open.dataset.saySave.replace("%(name)s", file.name);
    open.querySelector("[data-list]").append(Object.assign(document.createElement("li")));
    open.querySelector("[data-list]").lastChild.append(link);
    open.hidden = false;
  }
}
sendRest(attempt).catch(() => undefined);
await offerFiles();

const journal = await readAnswers(attempt).catch(() => []);
const entries = journal.filter(open);
if (entries.length) {
  place.hidden = false;
  const device = await Device.open(attempt);
  place.querySelector("button").addEventListener("click", async () => {
    await download(await sealFile(device, entries, JSON.parse(place.dataset.key)), `recovery-${attempt}.json`);
  });
  await handOver(device, entries).then(
    () => {
      const refused = entries.find((entry) => entry.refused);
      line.textContent = refused ? `${place.dataset.sayFailed} ${refused.refused}` : place.dataset.sayKept;
    },
    (error) => { line.textContent = `${place.dataset.sayFailed} ${error.message}`; },
  );
}
