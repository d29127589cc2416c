// Everything that watches in the room: what the page notices, camera and microphone, the shared screen, short checks that
// somebody is there. Nobody is watched in a break.

import { Camera } from "./camera.js";
import { remember } from "./capture/rest.js";
import { Challenge } from "./challenge.js";
import { eyeOf } from "./device/eye.js";
import { Rhythm } from "./rhythm.js";
import { Share } from "./share.js";
import { Signals } from "./signals.js";

const AGAIN = 5000; // ms until a camera that was lost is opened again
const byId = (id) => document.getElementById(id);

// Event: "refused", when the server takes no more from this camera: the room asks what that means.
export class Watching extends EventTarget {
  constructor(device, say) {
    super();
    this.device = device;
    this.say = say;
    this.asks = { video: say.camera === "yes", audio: say.microphone === "yes", eye: eyeOf(say) };
    this.signals = new Signals(device, Math.floor(Date.now() / 1000) * 1000 % 2_000_000_000);
    this.challenge = byId("challenge") && new Challenge(byId("challenge"));
    this.resting = false;
    if (say.fullscreen === "yes") this.#askForFullScreen();
    if (say.screen === "yes") this.share = new Share(byId("share-ask"), this.signals);
    if (say.rhythm === "yes") new Rhythm((kind, detail) => this.signals.note(kind, detail)).listen(byId("sheet"));
    this.#open();
  }

  #askForFullScreen() {
    const line = byId("fullscreen-ask");
    const ask = () => { line.hidden = Boolean(document.fullscreenElement); };
    document.addEventListener("fullscreenchange", ask);
    byId("fullscreen").addEventListener("click", () => document.documentElement.requestFullscreen?.());
    ask();
  }

  #show(state, text) {
    const line = byId("camera-state");
    line.hidden = false;
    line.dataset.state = state;
    const words = line.querySelector("[data-text]");
    if (words.textContent !== text) words.textContent = text;
  }

  async #open() {
    const { say } = this;
    if (this.resting || this.over || !(this.asks.video || this.asks.audio)) return;
    const camera = new Camera(this.device, this.asks);
    this.camera = camera;
    const on = () => (camera.missing ? say[camera.missing.device === "camera" ? "sayOnlyMicrophone" : "sayOnlyCamera"]
      : !this.asks.video ? say.sayMicrophoneOn
      : this.asks.eye ? (camera.looks === "device" ? say.sayCameraHere : say.sayCameraSent) : say.sayCameraOn);
    const off = this.asks.video ? say.sayCameraOff : say.sayMicrophoneOff;
    const gone = () => { if (camera === this.camera) { this.#show("off", off); this.#close(); this.#later(); } };
    camera.addEventListener("ready", () => this.#show(camera.missing ? "off" : "on", on()));
    camera.addEventListener("kept", () => this.#show(camera.missing ? "off" : "on", on()));
    camera.addEventListener("refused", () => this.dispatchEvent(new Event("refused")));
    camera.addEventListener("lost", ({ detail }) => this.#show("off", detail === "store-down" ? say.sayCameraUnkept : say.sayCameraWaits));
    camera.addEventListener("ended", gone);
    camera.addEventListener("challenge", ({ detail }) => this.challenge?.offer(detail, camera));
    try {
      const stream = await camera.open();
      if (camera !== this.camera) { camera.close(); return; }
      // What it calls itself is looked at by the server and not kept.
      for (const { label } of stream.getVideoTracks()) this.signals.note("camera_named", { label: label.slice(0, 200) });
      await camera.connect();
    } catch {
      gone();
    }
  }

  #later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#open(), AGAIN);
  }

  #close(how) {
    clearTimeout(this.timer);
    this.challenge?.withdraw();
    this.camera?.close(how);
    this.camera = null;
  }

  // A break, another device or another tab.
  rest() {
    this.resting = this.signals.muted = true;
    if (byId("camera-state")) byId("camera-state").hidden = true;
    this.#close();
  }

  goOn() {
    this.resting = this.signals.muted = false;
    this.#open();
  }

  // Before the exam is handed in. Nobody waits for a slow line: what was taken before may still come from the next page, with a
  // token that is fresh.
  async settle() {
    const fresh = this.camera && this.device.renew().catch(() => undefined);
    await Promise.all([this.signals.send(), this.camera?.settle(), fresh]);
  }

  // Handed in.
  end() {
    this.over = true;
    remember(this.device.attempt, this.device.token);
    this.share?.end();
    this.#close({ over: true });
  }
}
