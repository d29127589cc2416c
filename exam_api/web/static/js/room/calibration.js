// Where somebody looks when they look at the screen: five points, one picture of each. Can be left out; then directions of gaze
// are not judged at all.

// As shares of the screen's width and height. The first is the middle: from there the eyes learn what to do.
export const POINTS = [[0.5, 0.5], [0.06, 0.06], [0.94, 0.06], [0.94, 0.94], [0.06, 0.94]];
const SETTLE = 1400; // ms that eyes need to reach a point and rest there
const QUALITY = 0.8;

export class Calibration {
  constructor(place, attempt) {
    this.say = place.dataset;
    this.path = `/api/attempts/${attempt}/calibration`;
    this.words = place.querySelector("[data-calibration-words]");
    this.begin = place.querySelector("[data-calibration-begin]");
    this.stage = document.getElementById("calibration-stage");
    this.dot = this.stage.querySelector("[data-calibration-dot]");
    this.begin.addEventListener("click", () => this.#run());
    place.querySelector("[data-calibration-skip]").addEventListener("click", () => this.#skip());
    this.stage.addEventListener("close", () => { this.stopped = true; });
  }

  see(camera) {
    this.camera = camera;
    this.begin.disabled = !camera?.stream.getVideoTracks().length;
  }

  async #run() {
    this.begin.disabled = true;
    this.stopped = false;
    this.stage.showModal();
    const pictures = [];
    for (const [x, y] of POINTS) {
      this.dot.style.setProperty("--x", String(x));
      this.dot.style.setProperty("--y", String(y));
      await new Promise((resolve) => setTimeout(resolve, SETTLE));
      if (this.stopped) break; // Escape leaves it as it was
      pictures.push(await this.camera.picture(QUALITY));
    }
    if (this.stage.open) this.stage.close();
    this.words.textContent = pictures.length < POINTS.length ? this.say.stopped : await this.#send(pictures);
    this.begin.disabled = false;
  }

  async #send(pictures) {
    this.words.textContent = this.say.sending;
    try {
      for (const [index, picture] of pictures.entries()) {
        const answer = await fetch(`${this.path}/${index + 1}`, { method: "PUT", headers: { "Content-Type": "image/jpeg" }, body: picture });
        if (!answer.ok) return this.say.failed;
      }
      return this.say.done;
    } catch {
      return this.say.failed;
    }
  }

  async #skip() {
    this.words.textContent = this.say.skipped;
    await fetch(this.path, { method: "DELETE" }).catch(() => undefined); // none was made, or this one no longer counts
  }
}
