// In place of the exam while its browser has proven nothing: tries it, and goes on as soon as it holds or a person decided.

import { Device, Offline } from "./device.js";
import { LockedBrowser } from "./locked.js";

const AGAIN = 10_000; // ms
const page = document.getElementById("locked-browser");
const say = page.dataset;
const state = document.getElementById("browser-state");
const locked = new LockedBrowser(await Device.open(say.attempt), "browser", say.check);
let looking = false;

async function look({ aloud = false } = {}) {
  if (looking) return;
  looking = true;
  if (aloud) state.textContent = say.sayLooking;
  try {
    if ((await locked.look()) !== "refused") location.replace(`/attempts/${say.attempt}/check-in`);
    else if (state.textContent !== say.sayRefused) state.textContent = say.sayRefused;
  } catch (error) {
    // Another device has the exam, or it is over: there is nothing to prove here, and the way on is another page.
    if (["device-replaced", "wrong-state"].includes(error.code)) { location.replace(`/attempts/${say.attempt}/room`); return; }
    state.textContent = error instanceof Offline ? say.sayOffline : error.message;
  }
  looking = false;
}

document.getElementById("look-again").addEventListener("click", () => look({ aloud: true }));
setInterval(look, AGAIN);
await look({ aloud: true });
