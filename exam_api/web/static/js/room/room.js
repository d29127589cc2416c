// The exam room: one question at a time, the clock, the save state, the map. Nothing else.

import { bringIntoView } from "../tabs.js";
import { Attachments } from "./attachments.js";
import { handOver } from "./beside.js";
import { Choices } from "./choices.js";
import { Clock } from "./clock.js";
import { Device, Offline, Refused } from "./device.js";
import { watchGate } from "./gate.js";
import { Leader } from "./leader.js";
import { cover, covered, giveBack, LockedBrowser } from "./locked.js";
import { signAndSend, signedElsewhere } from "./passkey.js";
import { BadReceipt, importReceiptKey } from "./receipts.js";
import { open as isOpen } from "./merge.js";
import { download, sealFile } from "./recovery.js";
import { passing } from "./refusals.js";
import { Saver } from "./saver.js";
import { Sheet } from "./sheet.js";
import { keepNote, readAnswers, readNote } from "./store.js";
import { Time } from "./time.js";
import { Truth } from "./truth.js";
import { Watching } from "./watching.js";

const room = document.getElementById("room");
const say = room.dataset;
const attempt = say.attempt;
const byId = (id) => document.getElementById(id);
const truth = new Truth(document.querySelector("[data-save-state]"), say);
const leader = new Leader(attempt);
const RECHECK = 15000; // ms between looks for what another device still held

let onlooker; // the clock of a page on which nobody works
let device, saver, sheet, files, time, part, watching, choices, recoveryKey, locked;
let current = 0;
let marked = new Set();
let closing = false, left = false;

// The tools of the room hear where it is; they never hear an answer (toolbox.js).
const tell = (name, detail) => room.dispatchEvent(new CustomEvent(name, { detail }));
const announce = (text) => { byId("announce").textContent = text; };

function onState({ detail }) {
  truth.tell({ ...detail, refused: sheet?.refused, files: files?.totals });
  const journal = byId("journal-failed").hidden;
  byId("recovery").hidden = !(detail.waiting && (closing || detail.state === "stopped" || !journal));
}

// Nobody works on this page now, and the time runs on all the same: show it.
async function showClock() {
  const answer = await fetch(`/api/attempts/${attempt}`).catch(() => null);
  const state = answer?.ok ? await answer.json() : null;
  if (state?.clock.ends_at && !time) onlooker ??= new Clock(document.querySelector("[data-clock]"), state.clock);
}

function stop(text, { takeOver = false, otherTab = false, signIn = false, ending = false, title = say.sayPaused } = {}) {
  byId("desk").hidden = true;
  byId("stopped").hidden = false;
  byId("stopped-section-title").textContent = title;
  byId("stopped-text").textContent = text;
  byId("take-over").hidden = !takeOver;
  if (byId("sign-elsewhere")) byId("sign-elsewhere").hidden = !takeOver;
  byId("use-tab").hidden = !otherTab;
  byId("sign-in").hidden = !signIn;
  byId("reload").hidden = closing || otherTab || signIn;
  if (!time && !ending) showClock();
  if (!saver) truth.show("problem", title);
  if (byId("submit-dialog").open) byId("submit-dialog").close();
  if (!ending) { saver?.stop(); files?.stop(); }
  sheet?.rest();
  watching?.rest();
}

function onStopped({ detail: error }) {
  if (["time-is-up", "wrong-state"].includes(error.code)) close();
  else if (error instanceof BadReceipt) stop(say.sayUnproven);
  else if (error.code === "locked-browser-needed") location.assign(`/attempts/${attempt}/browser`);
  else if (error.code === "sign-in-needed") stop(say.sayOut, { signIn: true });
  else if (error.code === "device-replaced") stop(error.message, { takeOver: true, title: say.sayElsewhere });
  else stop(error.message);
  if (error.code === "device-replaced") setAside().catch(() => undefined);
}

// What this device still holds goes beside the chain; without a network it stays in the journal until there is one.
async function setAside() {
  if (saver) await saver.setAside();
  else await handOver(device, (await readAnswers(attempt)).filter(isOpen));
}

// Once only: the live channel and the answer to the submission both say that it is over, and a second navigation would
// cut the first one off.
function leave() {
  if (left) return;
  left = closing = true;
  if (saver) saver.closed = true;
  time?.stop();
  watching?.end();
  locked?.stop();
  location.assign(`/attempts/${attempt}/submitted`);
}

// After the end this page sends what it still holds, hands in, and leaves when the server has closed the attempt. Without
// a network it goes on trying, and offers what it holds as a file.
async function close() {
  if (closing) return;
  closing = true;
  stop(say.sayClosing, { title: say.sayOver, ending: true });
  saver?.tell();
  for (;;) {
    const answer = await fetch(`/api/attempts/${attempt}`).catch(() => null);
    const state = answer?.ok ? await answer.json() : null;
    if (state && !["running", "paused"].includes(state.status)) { leave(); return; }
    const left = state ? Date.parse(state.clock.ends_at) - Date.parse(state.clock.now) : 0;
    // Extra time or a break came at the last moment.
    if (state?.status === "paused" || left > 2000) { location.reload(); return; }
    if (state && saver && left <= 0) await handIn().catch(() => undefined);
    else if (!state) byId("stopped-text").textContent = saver?.unsent.length || files?.totals ? say.sayUnsentOver : say.sayClosing;
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

// Everything that was written, drawn, chosen or recorded is proven to be kept. Rejects with Offline when it cannot be now.
async function settled() {
  await sheet.rest();
  await files.settled();
  await saver.settled();
}

async function handIn() {
  if (!files.stopped) await files.settled();
  // What came too late even so is not a save; the next page keeps it beside the chain.
  if (!saver.stopped) await saver.settled().catch((error) => { if (!saver.stopped) throw error; });
  await device.request("POST", `/api/attempts/${attempt}/submit`, { seq: saver.seq, head: saver.head });
}

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
    const refused = sheet.refusals.has(item);
    button.dataset.refused = refused ? "yes" : "no";
    const state = refused ? say.sayNotKept : answered ? say.sayAnswered : say.sayOpen;
    const words = [`${index + 1}`, sheet.section(item).dataset.title, state];
    if (marked.has(item)) words.push(say.sayMarked);
    if (choices?.waits(item)) words.push(say.sayChoose);
    button.dataset.choice = choices?.waits(item) ? "yes" : "no";
    button.setAttribute("aria-label", words.join(", "));
  });
}

function showPlace() {
  bringIntoView(byId("map"), byId("map").children[current]);
}

function go(index, { focus = true } = {}) {
  current = Math.max(0, Math.min(sheet.items.length - 1, index));
  sheet.sections.forEach((section, place) => { section.hidden = place !== current; });
  byId("previous").disabled = current === 0;
  byId("next").disabled = current === sheet.items.length - 1;
  byId("mark").setAttribute("aria-pressed", String(marked.has(sheet.items[current])));
  drawMap();
  showPlace();
  tell("place", { item: sheet.items[current], title: sheet.sections[current].dataset.title });
  if (focus) sheet.sections[current].querySelector("h1").focus();
  saver.flush();
  keepNote(`place:${attempt}`, { current, marked: [...marked] }).catch(() => undefined);
}

// Before the paper is asked for; from then on the questions are covered while nothing is proven. Answers go on being sent.
async function lookAtBrowser() {
  if (!locked) {
    locked = new LockedBrowser(device, "room", say.browserCheck);
    locked.addEventListener("state", onBrowser);
    locked.start();
  }
  await locked.look();
}

async function onBrowser({ detail }) {
  if (closing || !cover(detail === "refused")) return;
  uncover();
  announce(covered() ? "" : say.sayUncovered);
  if (!covered()) { giveBack(); return; }
  await sheet?.rest();
  await saver?.flush().catch(() => undefined);
}

// The desk is shown while nothing lies on it.
function uncover() {
  byId("desk").hidden = covered() || !byId("break").hidden || !byId("stopped").hidden;
  if (byId("desk").hidden && byId("submit-dialog").open) byId("submit-dialog").close();
}

// Another tab of this browser has the exam open: wait until it is closed, or take its place when asked to.
async function lead() {
  leader.onleave = async () => {
    await saver?.flush();
    stop(say.sayOtherTab, { otherTab: true, title: say.sayElsewhere });
    leader.wait().then(() => location.reload()); // when the other one is closed
  };
  if (await leader.free()) return;
  stop(say.sayOtherTab, { otherTab: true, title: say.sayElsewhere });
  const asked = sessionStorage.getItem("use-tab");
  sessionStorage.removeItem("use-tab");
  await (asked ? leader.ask() : leader.wait());
}

async function open() {
  device = await Device.open(attempt);
  let paper, questions;
  try {
    if (say.browserCheck) await lookAtBrowser();
    paper = await device.request("GET", `/api/attempts/${attempt}/paper`);
    questions = await device.text(`/attempts/${attempt}/sheet`);
  } catch (error) {
    if (passing(error)) { truth.tell({ state: "offline", waiting: 0 }); setTimeout(open, 2000); return; }
    onStopped({ detail: error });
    return;
  }
  byId("sheet").innerHTML = questions;
  saver = new Saver(device, await importReceiptKey(paper.receipt_jwk));
  saver.hear(paper.clock);
  saver.addEventListener("state", onState);
  recoveryKey = paper.recovery_jwk;
  saver.addEventListener("saved", ({ detail: { item, answer, at } }) => {
    truth.saved(at);
    sheet.keep(item);
    files.saved(item, answer);
    drawMap();
  });
  saver.addEventListener("stopped", onStopped);
  saver.addEventListener("aside", () => { if (choices) lookForChoices(); });
  saver.addEventListener("refused", ({ detail }) => { sheet.refuse(detail.item, detail.refused); drawMap(); });
  saver.addEventListener("journal", ({ detail: kept }) => { byId("journal-failed").hidden = kept; });
  part = watchGate(byId("sheet"), device, settled, attempt);
  sheet = new Sheet(byId("sheet"), (item, answer, file) => { saver.change(item, answer, file); drawMap(); });
  await openFiles();
  const saved = Object.entries(paper.answers).sort(([, one], [, two]) => one.seq - two.seq);
  for (const [item, { answer, received_at }] of saved) {
    sheet.write(item, answer);
    truth.saved(received_at);
  }
  // What an earlier page wrote but could not send is newer than what the server holds.
  for (const { item, answer, refused } of await saver.resume(paper)) {
    sheet.write(item, answer);
    if (refused) sheet.refuse(item, refused);
  }
  files.start();
  saver.tell();
  const place = (await readNote(`place:${attempt}`).catch(() => null)) ?? { current: 0, marked: [] };
  marked = new Set(place.marked);
  // The time is over; only what was written before may still be sent.
  if (paper.clock.status === "running" && Date.parse(paper.clock.ends_at) <= Date.parse(paper.clock.now)) { await close(); return; }
  byId("stopped").hidden = true;
  uncover();
  tell("ready", { attempt, sheet, go: (index = current) => go(index), marked: (item) => marked.has(item) });
  go(place.current, { focus: false });
  startWatching();
  startTime(paper);
  choices = new Choices(device, sheet, paper.answers, (item, answer) => { saver.change(item, answer); drawMap(); });
  await lookForChoices();
  if (paper.generation > 1) setInterval(lookForChoices, RECHECK);
}

async function openFiles() {
  files = new Attachments(device);
  files.addEventListener("progress", () => { saver.tell(); drawMap(); });
  files.addEventListener("stopped", onStopped);
  files.addEventListener("journal", () => { byId("journal-failed").hidden = false; });
  await files.load();
  await sheet.furnish({ attachments: files, device });
}

// Another device of this attempt may come online at any time with something it had not sent.
async function lookForChoices() {
  if (closing || saver.closed || saver.stopped) return;
  const before = choices.shown.size;
  if ((await choices.look()) > before) announce(say.sayChoose);
  drawMap();
}

function startTime(paper) {
  clearInterval(onlooker?.timer);
  time = new Time(device, paper, say, announce);
  time.part = part;
  time.addEventListener("over", async () => {
    announce(say.sayOver);
    await sheet.rest();
    await saver.flush().catch(() => undefined);
    await close();
  });
  time.addEventListener("state", ({ detail }) => { saver.hear(detail); tell("news"); });
  time.addEventListener("closed", close);
  time.addEventListener("refused", ({ detail }) => { if (!closing && !saver.closed) onStopped({ detail }); });
  time.addEventListener("break", takeBreak);
  time.addEventListener("work", goOn);
  time.start();
  addEventListener("resize", showPlace);
}

// A break covers the room. What was written goes out at once; what the server no longer takes waits in the journal.
async function takeBreak() {
  byId("desk").hidden = true;
  if (byId("submit-dialog").open) byId("submit-dialog").close();
  watching?.rest();
  await sheet.rest();
  files.hold(true);
  await saver.flush().catch(() => undefined);
}

function goOn() {
  byId("desk").hidden = covered();
  saver.hold(false);
  files.hold(false);
  watching?.goOn();
}

function startWatching() {
  watching ??= new Watching(device, say);
  watching.addEventListener("refused", () => time?.recheck());
}

byId("previous").addEventListener("click", () => go(current - 1));
byId("next").addEventListener("click", () => go(current + 1));
byId("mark").addEventListener("click", () => {
  const item = sheet.items[current];
  if (!marked.delete(item)) marked.add(item);
  go(current, { focus: false });
});
byId("use-tab").addEventListener("click", () => { sessionStorage.setItem("use-tab", "yes"); location.reload(); });
byId("recovery-file").addEventListener("click", async () => {
  await saver.flush().catch(() => undefined);
  await download(await sealFile(device, saver.unsent, recoveryKey), `recovery-${attempt}.json`);
});
byId("sheet").addEventListener("focusout", () => saver?.flush());
byId("reload").addEventListener("click", () => location.reload());
byId("take-over").addEventListener("click", () => takeOver());
byId("sign-elsewhere")?.addEventListener("click", () => takeOver((asked) => {
  byId("stopped-text").textContent = say.sayElsewhereSign;
  return signedElsewhere(asked);
}));

async function takeOver(sign) {
  try {
    await signAndSend(device, "hand-over", sign);
    location.reload();
  } catch (error) {
    if (error.code === "sign-in-needed") onStopped({ detail: error });
    else byId("stopped-text").textContent = error instanceof Refused ? error.message : error instanceof Offline ? say.sayNoServer : say.sayPasskey;
  }
}

byId("submit-dialog").addEventListener("toggle", () => {
  const open = sheet.items.filter((item) => !sheet.answered(item)).length;
  const summary = [say.sayAll, say.sayLeftOne][open] ?? say.sayLeft.replace("%(n)s", open);
  byId("submit-summary").textContent = sheet.refused.length ? `${summary} ${truth.unkept(sheet.refused)}` : summary;
});

byId("submit").addEventListener("click", async () => {
  byId("submit").disabled = true;
  byId("submit-problem").textContent = "";
  const showFiles = () => { if (files.totals) byId("submit-summary").textContent = truth.filesOf(files.totals); };
  try {
    files.addEventListener("progress", showFiles);
    await settled();
    await watching?.settle();
    await device.request("POST", `/api/attempts/${attempt}/submit`, { seq: saver.seq, head: saver.head });
    leave();
  } catch (error) {
    byId("submit-problem").textContent = error instanceof Offline ? say.sayUnsent : error.message;
    byId("submit").disabled = false;
  } finally {
    files.removeEventListener("progress", showFiles);
  }
});

addEventListener("beforeunload", (event) => {
  const open = files?.totals || !["saved", "stopped"].includes(saver?.state);
  if (saver && open && saver.state !== "stopped" && !saver.closed) event.preventDefault();
});

navigator.storage?.persist?.().catch(() => undefined); // so that the browser does not clear the journal when space is short
await lead();
byId("stopped").hidden = true;
await open();
