// A recording of the voice, or of voice and picture. It goes out while it is made; each second is on this disk at once.

import { findLength } from "../../player.js";
import { addressOf } from "./shared.js";

const SLICE = 1000; // ms: what a crash of this page can lose
const TYPES = {
  audio: [["audio/webm;codecs=opus", "webm"], ["audio/mp4", "m4a"], ["audio/ogg;codecs=opus", "ogg"]],
  video: [["video/webm;codecs=vp8,opus", "webm"], ["video/webm", "webm"], ["video/mp4", "mp4"]],
};
const BITS = { audioBitsPerSecond: 48_000, videoBitsPerSecond: 700_000 };

export function start({ section, item, attachments, device, changed }) {
  const place = section.querySelector("[data-recording]");
  const say = place.dataset;
  const by = (name) => place.querySelector(`[data-${name}]`);
  const most = Number(say.mostSeconds);
  let files = [];
  let running = null; // { recorder, stream, file, since, ticking, level, stopped }
  let shown = ""; // what the player plays

  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

  function play(address) {
    if (shown === address) return;
    if (shown.startsWith("blob:")) URL.revokeObjectURL(shown);
    shown = address;
    const player = by("player");
    if (address) player.src = address; else player.removeAttribute("src");
    player.hidden = !address;
  }

  function draw() {
    const open = attachments.of(item).filter((file) => file !== running?.file);
    by("record").hidden = Boolean(running);
    by("stop").hidden = by("live").hidden = !running;
    by("remove").hidden = Boolean(running) || (!files.length && !open.length);
    by("record-text").textContent = files.length || open.length ? say.sayAgain : say.sayRecord;
    if (running) play("");
    else if (open.length) { if (!shown.startsWith("blob:")) play(URL.createObjectURL(attachments.blob(open.at(-1)))); }
    else if (files.length) { if (!shown.startsWith("blob:")) play(addressOf(device, files[0])); }
    else play("");
  }

  async function record() {
    const note = by("note");
    note.textContent = say.sayAsks;
    let stream;
    try {
      const video = say.media === "video" ? { width: 640, height: 480, facingMode: "user" } : false;
      stream = await navigator.mediaDevices.getUserMedia({ audio: true, video });
    } catch (error) {
      note.textContent = error.name === "NotAllowedError" ? say.sayDenied : error.name === "NotFoundError" ? say.sayMissing : say.sayBusy;
      return;
    }
    const found = TYPES[say.media].find(([type]) => MediaRecorder.isTypeSupported(type));
    if (!found) { note.textContent = say.sayBusy; for (const track of stream.getTracks()) track.stop(); return; }
    const recorder = new MediaRecorder(stream, { mimeType: found[0], ...BITS });
    const file = attachments.open(item, `recording.${found[1]}`);
    const mine = running = { recorder, stream, file, since: performance.now(), level: listen(stream) };
    let written = Promise.resolve();
    recorder.addEventListener("dataavailable", ({ data }) => { written = written.then(() => attachments.append(file, data)); });
    mine.stopped = new Promise((resolve) => {
      recorder.addEventListener("stop", async () => {
        clearInterval(mine.ticking);
        mine.level.close();
        for (const track of stream.getTracks()) track.stop();
        running = null;
        await written;
        attachments.close(file);
        by("preview").srcObject = null;
        play("");
        note.textContent = say.sayStopped.replace("%(time)s", clock((performance.now() - mine.since) / 1000));
        draw();
        resolve();
      });
    });
    recorder.start(SLICE);
    note.textContent = say.sayRuns;
    if (say.media === "video") { by("preview").srcObject = stream; by("preview").play().catch(() => undefined); }
    mine.ticking = setInterval(() => tick(mine), 200);
    draw();
    by("stop").focus();
  }

  function tick(mine) {
    const seconds = (performance.now() - mine.since) / 1000;
    by("time").textContent = `${clock(seconds)} / ${clock(most)}`;
    by("level").value = mine.level.now();
    if (seconds >= most) stop();
  }

  function stop() {
    if (running?.recorder.state === "recording") running.recorder.stop();
    return running?.stopped;
  }

  by("record").addEventListener("click", record);
  by("stop").addEventListener("click", async () => { await stop(); by("record").focus(); });
  by("remove").addEventListener("click", () => {
    for (const file of attachments.of(item)) attachments.withdraw(file.id);
    play("");
    if (files.length) { files = []; changed(); }
    by("note").textContent = say.sayRemoved;
    draw();
    by("record").focus();
  });
  by("player").addEventListener("loadedmetadata", () => findLength(by("player")));

  attachments.addEventListener("progress", draw);
  attachments.addEventListener("refused", ({ detail }) => {
    if (detail.item !== item) return;
    by("note").textContent = detail.why;
    draw();
  });
  attachments.addEventListener("done", ({ detail: { file } }) => {
    if (file.item !== item) return;
    if (!files.some((each) => each.id === file.id)) { files = [file.reference]; changed(file); }
    if (!running) by("note").textContent = say.sayDone;
    draw();
  });
  draw();

  return {
    read: () => ({ files }),
    write: (answer) => { files = answer.files ?? []; if (!running) play(""); draw(); },
    answered: () => files.length > 0,
    words: (answer) => (answer.files ?? []).map((file) => file.name).join("\n"),
    rest: stop,
  };
}

// How loud it is, 0 to 1, so that somebody sees that the microphone hears them.
function listen(stream) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  const samples = new Float32Array(analyser.fftSize);
  context.createMediaStreamSource(stream).connect(analyser);
  return {
    now() {
      analyser.getFloatTimeDomainData(samples);
      return Math.min(1, Math.sqrt(samples.reduce((sum, each) => sum + each * each, 0) / samples.length) * 4);
    },
    close: () => context.close(),
  };
}
