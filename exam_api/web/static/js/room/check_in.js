// The check-in: the computer, the photo, the start.

import { Calibration } from "./calibration.js";
import { Sign } from "./check_in_sign.js";
import { Devices } from "./check_in_devices.js";
import { Device, Offline, Refused } from "./device.js";
import { Eye, eyeOf } from "./device/eye.js";
import { LockedBrowser } from "./locked.js";
import { signAndSend, signedElsewhere } from "./passkey.js";
import { keepNote, readNote } from "./store.js";

const page = document.getElementById("check-in");
const say = page.dataset;
const byId = (id) => document.getElementById(id);
const passed = new Set();
const needed = ["crypto", "storage", "network", "clock", "passkey", ...(say.camera === "yes" ? ["camera"] : []), ...(say.microphone === "yes" ? ["microphone"] : [])];
let reference = say.reference;
let signed = say.sign !== "needed";

function mark(name, works) {
  const line = page.querySelector(`[data-check="${name}"]`);
  if (!line) return;
  line.dataset.state = works ? "works" : "fails";
  line.querySelector("[data-word]").textContent = works ? say.sayWorks : say.sayFails;
  if (works) passed.add(name); else passed.delete(name);
  offerStart();
}

function offerStart() {
  const fit = (names) => names.every((name) => passed.has(name)) && (say.camera !== "yes" || (reference === "accepted" && signed));
  const ready = fit(needed);
  byId("start").disabled = !ready;
  if (byId("sign-elsewhere")) byId("sign-elsewhere").disabled = !fit(needed.filter((name) => name !== "passkey"));
}

async function check(name, work) {
  try {
    mark(name, await work());
  } catch {
    mark(name, false);
  }
}

// The buttons answer from the first moment; the checks go on beside them.
const device = Device.open(say.attempt);
device.catch(() => mark("storage", false));
const devices = new Devices(device, say, mark);
const calibration = byId("calibration") && new Calibration(byId("calibration"), say.attempt);
const sign = byId("sign") && new Sign(byId("sign"), say.attempt, (state) => {
  signed = say.sign !== "needed" || ["shown", "spared", "off"].includes(state);
  offerStart();
});
if (say.browserCheck) {
  // Where it fails, the server has a page that says what to do.
  const locked = new LockedBrowser(await device, "check-in", say.browserCheck);
  locked.addEventListener("state", ({ detail }) => { if (detail === "refused") location.assign(`/attempts/${say.attempt}/browser`); });
  locked.look().catch(() => undefined);
  locked.start();
}
devices.onopen = (camera) => { calibration?.see(camera); sign?.see(camera); };

// Whether this browser can look at the pictures itself; what it fetches for that is then here when the exam starts.
if (eyeOf(say)) {
  Eye.open(eyeOf(say))
    .then((eye) => { eye.close(); byId("eye-state").textContent = say.sayEyeWorks; })
    .catch(() => { byId("eye-state").textContent = say.sayEyeFails; });
}

byId("take-photo")?.addEventListener("click", async () => {
  byId("take-photo").disabled = true;
  byId("photo-state").textContent = say.sayChecking;
  try {
    const photo = await devices.picture(0.9);
    const path = `/api/attempts/${say.attempt}/reference`;
    const sent = await fetch(path, { method: "PUT", headers: { "Content-Type": "image/jpeg" }, body: photo });
    let state = await sent.json();
    if (!sent.ok) state = { state: "refused", reason: state.detail };
    while (state.state === "checking") {
      await new Promise((resolve) => setTimeout(resolve, 500));
      state = await (await fetch(path)).json();
    }
    reference = state.state;
    byId("photo-state").textContent = reference === "accepted" ? say.sayAccepted : `${say.sayRefused} ${state.reason ?? ""}`;
  } catch {
    byId("photo-state").textContent = say.sayOffline;
  }
  byId("take-photo").disabled = false;
  offerStart();
});

async function start(sign) {
  const problem = byId("start-problem");
  byId("start").disabled = true;
  problem.textContent = say.sayStarting;
  try {
    // Full screen needs this very click; the room asks again if the browser ends it with the page.
    await signAndSend(await device, "start", sign);
    devices.close();
    location.assign(`/attempts/${say.attempt}/room`);
  } catch (error) {
    problem.textContent = error instanceof Refused ? error.message : error instanceof Offline ? say.sayOffline : say.sayPasskey;
    offerStart();
  }
}

byId("start").addEventListener("click", () => start());
byId("sign-elsewhere")?.addEventListener("click", () => start((asked) => {
  byId("start-problem").textContent = say.sayElsewhere;
  return signedElsewhere(asked);
}));

await Promise.all([
  check("crypto", async () => {
    await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);
    return true;
  }),
  check("storage", async () => {
    const now = String(Date.now());
    await keepNote("check", now);
    return (await readNote("check")) === now;
  }),
  check("network", async () => (await fetch(`/api/attempts/${say.attempt}`)).ok),
  check("clock", async () => {
    const { clock } = await (await fetch(`/api/attempts/${say.attempt}`)).json();
    return Math.abs(Date.parse(clock.now) - Date.now()) < 5 * 60 * 1000;
  }),
  check("passkey", async () => Boolean(window.PublicKeyCredential && navigator.credentials)),
]);
