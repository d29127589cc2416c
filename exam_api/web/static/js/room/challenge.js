// A short check that somebody is there: blink, turn the head, or let the screen's colours light the face. It never takes the
// page away from who is writing: it waits in a line of its own, can be put off, and can be declined.

const WAITS = 210_000; // ms: after four minutes the server takes it as not answered
const seen = new Set(); // the server says it again after a reconnect

export class Challenge {
  constructor(place) {
    this.place = place;
    this.say = place.dataset; // words by the kind's name
    this.words = place.querySelector("[data-challenge-words]");
    this.stage = document.getElementById("challenge-stage");
    this.task = this.stage.querySelector("[data-challenge-task]");
    this.left = this.stage.querySelector("[data-challenge-left]");
    place.querySelector("[data-challenge-start]").addEventListener("click", () => this.#perform());
    place.querySelector("[data-challenge-decline]").addEventListener("click", () => this.#decline());
    this.stage.addEventListener("cancel", (event) => event.preventDefault()); // Escape would leave half an answer
  }

  offer(asked, camera) {
    this.camera = camera;
    if (seen.has(asked.n) || !this.say[asked.kind]) return;
    seen.add(asked.n);
    this.asked = asked;
    this.words.textContent = this.say[asked.kind];
    this.place.hidden = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.withdraw(), WAITS);
  }

  async #perform() {
    const { asked, camera } = this;
    if (!asked || !camera) { this.withdraw(); return; }
    this.withdraw();
    const seconds = asked.seconds ?? 6;
    const colours = asked.kind === "light" ? asked.colours : [];
    this.task.textContent = this.say[asked.kind];
    this.stage.showModal();
    camera.answer({ n: asked.n, seconds });
    const ends = performance.now() + seconds * 1000;
    for (let left = seconds; left > 0; left = Math.ceil((ends - performance.now()) / 1000)) {
      this.left.textContent = String(left);
      // The colours follow each other slower than twice a second: nothing flashes.
      const at = Math.min(colours.length - 1, Math.floor(((seconds * 1000 - (ends - performance.now())) / (seconds * 1000)) * colours.length));
      this.#light(colours[at]);
      await new Promise((resolve) => setTimeout(resolve, Math.min(200, Math.max(0, ends - performance.now()))));
    }
    this.stage.close();
  }

  #light(colour) {
    // Set on the element's own rules, which the content security policy allows a script to do.
    if (colour) this.stage.style.setProperty("--light", colour);
    else this.stage.style.removeProperty("--light");
    this.stage.dataset.light = colour ? "yes" : "no";
  }

  #decline() {
    if (this.asked) this.camera?.decline(this.asked);
    this.withdraw();
  }

  withdraw() {
    clearTimeout(this.timer);
    this.place.hidden = true;
    if (this.stage.open) this.stage.close();
    this.asked = null;
  }
}
