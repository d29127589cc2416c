// The shared screen, where the exam asks for it. The picture of the screen stays here: what is told is whether something is
// shared, of which kind (the whole screen, a window, a tab), and when that ends.

export class Share {
  constructor(place, signals) {
    this.place = place;
    this.signals = signals;
    this.say = place.dataset;
    this.words = place.querySelector("[data-share-words]");
    this.button = place.querySelector("button");
    this.button.addEventListener("click", () => this.#start());
    const able = Boolean(navigator.mediaDevices?.getDisplayMedia);
    if (!able) { // as on phones: the page says so, and the server hears that it is unknown
      this.words.textContent = say.sayShareUnable;
      this.button.hidden = true;
    }
    place.hidden = false;
  }

  async #start() {
    let stream;
    try {
      stream = await navigator.mediaDevices.getDisplayMedia({ video: { displaySurface: "monitor" }, audio: false });
    } catch {
      this.words.textContent = this.say.refused;
      return;
    }
    this.stream = stream;
    const [track] = stream.getVideoTracks();
    const surface = ["monitor", "window", "browser"].find((each) => each === track.getSettings().displaySurface) ?? "unknown";
    const began = performance.now();
    this.signals.note("share_started", { surface });
    // A window alone is not what was asked for; it is told as it is, and the page asks again.
    this.words.textContent = surface === "monitor" || surface === "unknown" ? this.say.on : this.say.window;
    this.button.hidden = surface === "monitor" || surface === "unknown";
    track.addEventListener("ended", () => {
      if (stream !== this.stream) return;
      this.signals.note("share_ended", { surface, seconds: Math.round((performance.now() - began) / 100) / 10 });
      this.words.textContent = this.say.ended;
      this.button.hidden = false;
    });
  }

  end() {
    const { stream } = this;
    this.stream = null;
    for (const track of stream?.getTracks() ?? []) track.stop();
  }
}
