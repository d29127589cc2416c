// Camera and microphone of the candidate: opened and shown here, sent by the capture's thread (capture/serve.js).

import { serve } from "./capture/serve.js";
import { Clips } from "./capture/clips.js";
import { Windows } from "./capture/sound.js";

const SIZE = { width: 640, height: 480 };

// Events: "kept", "ready", "refused", "lost" (detail: why), "ended" (detail: "video" or "audio"), "challenge" (detail: which),
// "looks" (detail: who looks at the pictures, "device" or "server"). `eye`: where the model is that looks on this computer.
export class Camera extends EventTarget {
  constructor(device, { video = true, audio = false, eye = null } = {}) {
    super();
    this.device = device;
    this.asks = { video, audio };
    this.eye = eye;
    this.video = document.createElement("video");
    this.video.muted = true;
    this.video.playsInline = true;
    this.canvas = document.createElement("canvas");
    this.clips = new Clips(device);
    this.beats = 0;
  }

  // Throws what the browser says (capture/words.js knows the words for it). Where only one of the two opens, `missing` names
  // the other: a lost microphone is no reason to see nothing.
  async open() {
    const video = this.asks.video && { width: SIZE.width, height: SIZE.height, facingMode: "user" };
    // The browser's own cleaning would take away just what a second voice or a device sounds like.
    const audio = this.asks.audio && { echoCancellation: true, noiseSuppression: false, autoGainControl: true };
    const { mediaDevices } = navigator;
    try {
      this.stream = await mediaDevices.getUserMedia({ video, audio });
    } catch (error) {
      if (!video || !audio) throw error;
      const alone = await Promise.allSettled([mediaDevices.getUserMedia({ video }), mediaDevices.getUserMedia({ audio })]);
      if (alone.every(({ status }) => status === "rejected")) throw error;
      const [seen, heard] = alone.map(({ value }) => value?.getTracks() ?? []);
      this.missing = { device: seen.length ? "microphone" : "camera", error: alone.find(({ reason }) => reason).reason };
      this.stream = new MediaStream([...seen, ...heard]);
    }
    for (const track of this.stream.getTracks()) track.addEventListener("ended", () => this.#say("ended", track.kind));
    if (!this.stream.getVideoTracks().length) return this.stream;
    this.video.srcObject = new MediaStream(this.stream.getVideoTracks());
    await this.video.play();
    return this.stream;
  }

  #size(widest) {
    const { videoWidth, videoHeight } = this.video;
    const scale = Math.min(1, widest / (videoWidth || 1));
    return videoWidth ? [Math.round(videoWidth * scale), Math.round(videoHeight * scale)] : null;
  }

  async picture(quality = 0.6, widest = SIZE.width) {
    const size = this.#size(widest);
    if (!size) return null;
    [this.canvas.width, this.canvas.height] = size;
    this.canvas.getContext("2d").drawImage(this.video, 0, 0, ...size);
    return new Promise((resolve) => this.canvas.toBlob(resolve, "image/jpeg", quality));
  }

  async connect() {
    this.#use(thread() ?? here());
    if (this.asks.audio) {
      this.windows = new Windows(this.stream, () => this.device.now(), (body, taken_at) => this.#tell("sound", { body, taken_at }, [body]));
    }
    if (this.asks.video && !this.eye) await this.clips.start(this.stream);
  }

  #use(port) {
    let heard = false;
    this.port = port;
    port.onmessage = ({ data: { name, detail } }) => { heard = true; this.#hear(name, detail); };
    // A thread that says nothing but this could not be loaded.
    port.onerror = () => { if (!heard && this.port === port) this.#use(here()); };
    const { attempt, key, jwk } = this.device;
    this.#tell("open", { attempt, key, jwk, camera: this.stream.getVideoTracks().length > 0, eye: this.eye });
  }

  #say(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #tell(name, detail, transfer = []) {
    this.port?.postMessage({ name, detail }, transfer);
  }

  #hear(name, detail) {
    if (name === "picture") this.#take(detail).catch(() => undefined);
    else if (name === "looks") this.#looks(detail);
    else if (name === "beat") this.#beat();
    else if (name === "ask" && detail.clip) this.clips.ask(detail.clip);
    else if (name === "ask") this.#say("challenge", detail.challenge);
    else this.#say(name, detail);
  }

  // No video is kept for one whose pictures stay on this computer.
  #looks(who) {
    this.looks = who;
    if (who === "server") this.clips.start(this.stream).catch(() => undefined);
    this.#say("looks", who);
  }

  #beat() {
    if (this.beats++ % 2 === 0) this.windows?.cut();
    this.clips.beat();
  }

  async #take({ width, quality, turn }) {
    const size = this.#size(width);
    if (!size) return;
    const taken_at = new Date(this.device.now()).toISOString();
    if (!globalThis.OffscreenCanvas) {
      const body = await (await this.picture(quality, width)).arrayBuffer();
      this.#tell("picture", { body, taken_at, turn }, [body]);
      return;
    }
    const [resizeWidth, resizeHeight] = size;
    const bitmap = await createImageBitmap(this.video, { resizeWidth, resizeHeight });
    this.#tell("picture", { bitmap, quality, taken_at, turn }, [bitmap]);
  }

  // Pictures come four times a second and name this challenge while it lasts.
  answer({ n, seconds }) {
    this.#tell("challenge", { n, seconds });
  }

  decline({ n }) {
    this.#tell("decline", { n });
  }

  // Give what was taken `patience` ms to arrive, before the exam is handed in: on a good line it is there by then.
  async settle(patience = 400) {
    if (!this.port) return;
    this.windows?.stop();
    await new Promise((resolve) => setTimeout(resolve, 100)); // the last window of sound comes a moment after its end
    const settled = new Promise((resolve) => this.addEventListener("settled", resolve, { once: true }));
    this.#tell("settle", { patience });
    await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, patience + 500))]);
  }

  // `over`: the exam is, so nothing of it is kept in this browser but what has not arrived.
  close({ over = false } = {}) {
    this.clips.stop();
    this.windows?.stop();
    this.#tell("close", { over });
    const { port } = this;
    setTimeout(() => (port?.terminate ?? port?.close)?.call(port), 1000); // what it still writes is written
    for (const track of this.stream?.getTracks() ?? []) track.stop();
  }
}

// A thread of its own, where the browser has module workers.
function thread() {
  try {
    return new Worker(new URL("./capture/worker.js", import.meta.url), { type: "module" });
  } catch {
    return null;
  }
}

// The same code in the page.
function here() {
  const { port1, port2 } = new MessageChannel();
  serve(port2);
  return port1;
}
