// The short check before the start: blink, turn the head, or let the screen's colours light the face. Judged by the server from
// pictures that go in one request; it can be tried again, and left out where the exam allows that.

const EVERY = 250; // ms between two pictures
const WIDTH = 480;
const QUALITY = 0.5;
const LOOK = 700; // ms between two questions whether it is judged
const PATIENCE = 90; // questions

// For each picture four bytes with its length, four with its milliseconds (big-endian), the JPEG.
export async function pack(pictures) {
  const parts = [];
  for (const { at, blob } of pictures) {
    const head = new DataView(new ArrayBuffer(8));
    head.setUint32(0, blob.size);
    head.setUint32(4, Math.round(at));
    parts.push(head.buffer, blob);
  }
  return new Blob(parts, { type: "application/octet-stream" });
}

export class Sign {
  // `onend(state)`: how it ended.
  constructor(place, attempt, onend) {
    this.say = place.dataset;
    this.path = `/api/attempts/${attempt}/check-in-sign`;
    this.onend = onend;
    this.words = place.querySelector("[data-sign-words]");
    this.begin = place.querySelector("[data-sign-begin]");
    this.stage = document.getElementById("challenge-stage");
    this.task = this.stage.querySelector("[data-challenge-task]");
    this.left = this.stage.querySelector("[data-challenge-left]");
    this.begin.addEventListener("click", () => this.#run());
    this.leave = place.querySelector("[data-sign-skip]"); // absent where the exam needs it
    this.leave?.addEventListener("click", () => this.#skip());
    this.stage.addEventListener("close", () => { this.stopped = true; });
  }

  see(camera) {
    this.camera = camera;
    this.begin.disabled = !camera?.stream.getVideoTracks().length;
  }

  async #call(method, rest = "", body = undefined) {
    const answer = await fetch(this.path + rest, { method, body });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.title ?? said.detail ?? this.say.failed);
    return said;
  }

  #work(busy) {
    this.begin.disabled = busy;
    if (this.leave) this.leave.disabled = busy;
  }

  async #run() {
    this.#work(true);
    try {
      const asked = await this.#call("POST");
      if (asked.state !== "asked") { this.#end(asked); return; }
      const pictures = await this.#perform(asked);
      if (this.stopped) { this.words.textContent = this.say.stopped; return; }
      this.words.textContent = this.say.looking;
      await this.#call("PUT", `/${asked.n}`, await pack(pictures));
      this.#end(await this.#judged());
    } catch (error) {
      this.words.textContent = error instanceof TypeError ? this.say.failed : error.message;
    } finally {
      this.#work(false);
    }
  }

  async #perform({ kind, colours, seconds }) {
    this.stopped = false;
    this.task.textContent = this.say[kind];
    this.stage.showModal();
    const pictures = [];
    const began = performance.now();
    for (let at = 0; at < seconds * 1000 && !this.stopped; at = performance.now() - began) {
      this.left.textContent = String(Math.ceil(seconds - at / 1000));
      this.#light(colours[Math.min(colours.length - 1, Math.floor((at / (seconds * 1000)) * colours.length))]);
      const blob = await this.camera.picture(QUALITY, WIDTH);
      if (blob) pictures.push({ at, blob });
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, EVERY - (performance.now() - began - at))));
    }
    const stopped = this.stopped;
    if (this.stage.open) this.stage.close();
    this.stopped = stopped; // closing it is not stopping it
    return pictures;
  }

  #light(colour) {
    if (colour) this.stage.style.setProperty("--light", colour);
    else this.stage.style.removeProperty("--light");
    this.stage.dataset.light = colour ? "yes" : "no";
  }

  async #judged() {
    for (let times = 0; times < PATIENCE; times += 1) {
      const said = await this.#call("GET");
      if (said.state !== "checking") return said;
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
    throw new Error(this.say.failed);
  }

  async #skip() {
    try {
      this.#end(await this.#call("DELETE"));
    } catch (error) {
      this.words.textContent = error instanceof TypeError ? this.say.failed : error.message;
    }
  }

  #end({ state }) {
    this.words.textContent = this.say[state] ?? this.say.failed;
    this.onend(state);
  }
}
