// The exam room: one question at a time, the clock, the save state, the map. Nothing else.

import { Camera } from "./camera.js";
import { Clock } from "./clock.js";
import { Device, Offline, Refused } from "./device.js";
import { signAndSend } from "./passkey.js";
import { importReceiptKey } from "./receipts.js";
import { Saver } from "./saver.js";
import { Sheet } from "./sheet.js";
import { Signals } from "./signals.js";
import { keepNote, readNote } from "./store.js";

const room = document.getElementById("room");
const say = room.dataset;
const attempt = say.attempt;
const byId = (id) => document.getElementById(id);
const saveState = document.querySelector("[data-save-state]");
const RECHECK = 15000; // ms between looks at the server's clock: how fast extra time is seen

let device, saver, sheet, clock, camera, signals;
let current = 0;
let marked = new Set();
let lastSaved = null;

const announce = (text) => { byId("announce").textContent = text; };

function showSave(state, text) {
  saveState.dataset.state = state;
  saveState.querySelector("[data-save-state-text]").textContent = text;
}

function onState({ detail: { state } }) {
  if (state === "offline") showSave("offline", say.sayOffline);
  else if (state === "saving") showSave("saving", say.saySaving);
  else if (state === "typing") showSave("saving", say.sayTyping);
  else showSave("saved", lastSaved ? `${say.saySaved} ${lastSaved}` : say.sayReady);
}

function onSaved({ detail: { at } }) {
  lastSaved = new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
}

function stop(text, { takeOver = false } = {}) {
  byId("desk").hidden = true;
  byId("stopped").hidden = false;
  byId("stopped-text").textContent = text;
  byId("take-over").hidden = !takeOver;
  camera?.close();
}

function onStopped({ detail: error }) {
  if (error.code === "time-is-up" || error.code === "wrong-state") leave();
  else stop(error.message, { takeOver: error.code === "device-replaced" });
}

const leave = () => location.assign(`/attempts/${attempt}/submitted`);

function drawMap() {
  const map = byId("map");
  if (!map.children.length) {
    sheet.items.forEach((item, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = String(index + 1);
      button.addEventListener("click", () => go(index));
      map.append(Object.assign(document.createElement("li")));
      map.lastChild.append(button);
    });
  }
  sheet.items.forEach((item, index) => {
    const button = map.children[index].firstChild;
    const answered = sheet.answered(item);
    button.dataset.answered = answered ? "yes" : "no";
    button.dataset.marked = marked.has(item) ? "yes" : "no";
    if (index === current) button.setAttribute("aria-current", "true"); else button.removeAttribute("aria-current");
    const words = [`${index + 1}`, sheet.section(item).dataset.title, answered ? say.sayAnswered : say.sayOpen];
    if (marked.has(item)) words.push(say.sayMarked);
    button.setAttribute("aria-label", words.join(", "));
  });
}

function go(index, { focus = true } = {}) {
  current = Math.max(0, Math.min(sheet.items.length - 1, index));
  sheet.sections.forEach((section, place) => { section.hidden = place !== current; });
  byId("previous").disabled = current === 0;
  byId("next").disabled = current === sheet.items.length - 1;
  byId("mark").setAttribute("aria-pressed", String(marked.has(sheet.items[current])));
  drawMap();
  byId("map").children[current].scrollIntoView?.({ block: "nearest", inline: "nearest" });
  if (focus) sheet.sections[current].querySelector("h1").focus();
  saver.flush();
  keepNote(`place:${attempt}`, { current, marked: [...marked] }).catch(() => undefined);
}

async function open() {
  device = await Device.open(attempt);
  let paper;
  try {
    paper = await device.request("GET", `/api/attempts/${attempt}/paper`);
  } catch (error) {
    if (error instanceof Offline) { showSave("offline", say.sayOffline); setTimeout(open, 2000); return; }
    if (error instanceof Refused && ["time-is-up", "wrong-state"].includes(error.code)) { leave(); return; }
    stop(error.message, { takeOver: error.code === "device-replaced" });
    return;
  }
  byId("sheet").innerHTML = await device.text(`/attempts/${attempt}/sheet`);
  saver = new Saver(device, await importReceiptKey(paper.receipt_jwk));
  saver.addEventListener("state", onState);
  saver.addEventListener("saved", onSaved);
  saver.addEventListener("stopped", onStopped);
  saver.addEventListener("refused", ({ detail }) => showSave("problem", `${say.sayRefused} ${detail.error.message}`));
  saver.addEventListener("journal-failed", () => announce(say.sayJournal));
  sheet = new Sheet(byId("sheet"), (item, answer) => { saver.change(item, answer); drawMap(); });
  const saved = Object.entries(paper.answers).sort(([, one], [, two]) => one.seq - two.seq);
  for (const [item, { answer, received_at }] of saved) {
    sheet.write(item, answer);
    onSaved({ detail: { at: received_at } });
  }
  // What an earlier page wrote but could not send is newer than what the server holds.
  for (const { item, answer } of await saver.resume(paper)) sheet.write(item, answer);
  const place = (await readNote(`place:${attempt}`).catch(() => null)) ?? { current: 0, marked: [] };
  marked = new Set(place.marked);
  startClock(paper.clock);
  byId("desk").hidden = false;
  byId("stopped").hidden = true;
  go(place.current, { focus: false });
  startWatching();
}

function startClock(times) {
  clock = new Clock(document.querySelector("[data-clock]"), times);
  clock.addEventListener("minutes", ({ detail }) => announce(detail === 1 ? say.sayMinute : say.sayMinutes.replace("%(n)s", detail)));
  clock.addEventListener("over", async () => {
    announce(say.sayOver);
    await saver.flush().catch(() => undefined);
    setTimeout(leave, 3000);
  });
  setInterval(async () => {
    try {
      clock.set(await device.request("GET", `/api/attempts/${attempt}/clock`));
    } catch (error) {
      if (error instanceof Refused && error.code === "device-replaced") onStopped({ detail: error });
    }
  }, RECHECK);
}

async function startWatching() {
  signals ??= new Signals(device, Math.floor(Date.now() / 1000) * 1000 % 2_000_000_000);
  if (say.fullscreen === "yes" && byId("fullscreen-ask")) {
    const ask = () => { byId("fullscreen-ask").hidden = Boolean(document.fullscreenElement); };
    document.addEventListener("fullscreenchange", ask);
    byId("fullscreen").addEventListener("click", () => document.documentElement.requestFullscreen?.());
    ask();
  }
  if (say.camera === "yes") await startCamera();
}

async function startCamera() {
  const line = byId("camera-state");
  const show = (state, text) => { line.dataset.state = state; line.querySelector("[data-text]").textContent = text; };
  camera = new Camera(device);
  camera.addEventListener("kept", () => show("on", say.sayCameraOn));
  camera.addEventListener("lost", () => show("off", say.sayCameraOff));
  camera.addEventListener("ended", () => { show("off", say.sayCameraOff); camera.close(); setTimeout(startCamera, 5000); });
  try {
    await camera.open();
    await camera.connect();
  } catch {
    show("off", say.sayCameraOff);
    setTimeout(startCamera, 5000);
  }
}

byId("previous").addEventListener("click", () => go(current - 1));
byId("next").addEventListener("click", () => go(current + 1));
byId("mark").addEventListener("click", () => {
  const item = sheet.items[current];
  if (!marked.delete(item)) marked.add(item);
  go(current, { focus: false });
});
byId("reload").addEventListener("click", () => location.reload());
byId("take-over").addEventListener("click", async () => {
  try {
    await signAndSend(device, "hand-over");
    location.reload();
  } catch (error) {
    byId("stopped-text").textContent = error.message;
  }
});

byId("submit-dialog").addEventListener("toggle", () => {
  const open = sheet.items.filter((item) => !sheet.answered(item)).length;
  byId("submit-summary").textContent = open ? say.sayLeft.replace("%(n)s", open) : say.sayAll;
});

byId("submit").addEventListener("click", async () => {
  byId("submit").disabled = true;
  byId("submit-problem").textContent = "";
  try {
    await saver.settled();
    await device.request("POST", `/api/attempts/${attempt}/submit`, { seq: saver.seq, head: saver.head });
    await signals?.send();
    saver.closed = true;
    camera?.close();
    leave();
  } catch (error) {
    byId("submit-problem").textContent = error instanceof Offline ? say.sayUnsent : error.message;
    byId("submit").disabled = false;
  }
});

addEventListener("beforeunload", (event) => { if (saver && saver.state !== "saved" && !saver.closed) event.preventDefault(); });

await open();
