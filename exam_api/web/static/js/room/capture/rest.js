// After the hand-in: what camera and microphone had taken before it and the network had not carried yet. It is taken for two
// minutes. Nobody waits for it, and where it fails nothing is said: what is missing shows in the record as a gap.

import { Device } from "../device.js";
import * as pieces from "./pieces.js";
import { Sender } from "./sender.js";

const LATE = 110_000; // ms
const name = (attempt) => `late:${attempt}`;

// The token outlives the room's page, in this tab only: it is worth nothing without the device's key.
export function remember(attempt, token) {
  try {
    if (token) sessionStorage.setItem(name(attempt), token);
  } catch { /* storage is closed: then nothing was held there either */ }
}

export async function sendRest(attempt) {
  const held = await pieces.read(attempt).catch(() => []);
  const token = sessionStorage.getItem(name(attempt));
  if (held.length && token) {
    const sender = new Sender(await Device.open(attempt), pieces);
    sender.device.token = token;
    await sender.load();
    await new Promise((resolve) => {
      const done = () => { clearInterval(looks); clearTimeout(ends); resolve(); };
      const looks = setInterval(() => { if (sender.held.length) sender.look(); else done(); }, 200);
      const ends = setTimeout(done, LATE);
      sender.addEventListener("refused", done);
      sender.open();
    });
    sender.close();
  }
  sessionStorage.removeItem(name(attempt));
  if (held.length) await pieces.clear(attempt).catch(() => undefined);
}
