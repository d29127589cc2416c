// The check-in's camera and microphone: opened with one button, shown and heard, with words that help where they do not open.

import { Camera } from "./camera.js";
import { meter } from "./capture/sound.js";
import { reasonOf } from "./capture/words.js";

const HEARD = 0.45; // about -33 dBFS: somebody speaks near the microphone
const byId = (id) => document.getElementById(id);

export class Devices {
  // `mark(name, works)` ticks a line of the computer check.
  constructor(device, say, mark) {
    this.device = device;
    this.say = say;
    this.mark = mark;
    this.asks = { video: say.camera === "yes", audio: say.microphone === "yes" };
    byId("open-camera")?.addEventListener("click", () => this.#open());
  }

  async #open() {
    const button = byId("open-camera");
    button.disabled = true;
    byId("devices-problem").textContent = "";
    this.close();
    const camera = new Camera(await this.device, this.asks);
    try {
      const stream = await camera.open();
      this.camera = camera;
      await this.#show(stream);
      if (camera.missing) this.#explain(camera.missing.device, camera.missing.error);
    } catch (error) {
      this.#explain(this.asks.video ? "camera" : "microphone", error);
    }
    this.mark("camera", Boolean(this.camera?.stream.getVideoTracks().length));
    this.mark("microphone", Boolean(this.camera?.stream.getAudioTracks().length));
    // What is missing can be tried again, as soon as it was allowed or plugged in.
    button.disabled = Boolean(this.camera && !this.camera.missing);
    if (byId("take-photo")) byId("take-photo").disabled = !this.camera?.stream.getVideoTracks().length;
    this.onopen?.(this.camera);
  }

  async #show(stream) {
    if (this.asks.video && stream.getVideoTracks().length) {
      byId("view").srcObject = new MediaStream(stream.getVideoTracks());
      await byId("view").play();
    }
    for (const track of stream.getTracks()) track.addEventListener("ended", () => this.#lost(track));
    if (!stream.getAudioTracks().length) return;
    const level = byId("level");
    const words = byId("level-words");
    words.textContent = this.say.saySpeak;
    this.silence = meter(stream, (loud) => {
      level.value = loud;
      if (loud >= HEARD && words.textContent !== this.say.sayHeard) words.textContent = this.say.sayHeard;
    });
  }

  #lost(track) {
    const name = track.kind === "video" ? "camera" : "microphone";
    this.mark(name, false);
    byId("devices-problem").textContent = this.say[`say${name === "camera" ? "Camera" : "Microphone"}Busy`];
    byId("open-camera").disabled = false;
  }

  #explain(device, error) {
    const name = device === "camera" ? "Camera" : "Microphone";
    const reason = reasonOf(error);
    byId("devices-problem").textContent = this.say[`say${name}${reason[0].toUpperCase()}${reason.slice(1)}`];
  }

  picture(...how) {
    return this.camera.picture(...how);
  }

  close() {
    this.silence?.();
    this.silence = null;
    this.camera?.close();
    this.camera = null;
  }
}
