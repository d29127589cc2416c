// The last ninety seconds of video, in memory only. A clip leaves this computer only where the server asks for one. Recordings
// of forty-five seconds start every twenty, so that any twenty-five seconds lie whole in one of them and none has to be cut.
// They are silent: sound goes its own way in any case, and an encoder more would cost slow computers the sound itself.

const BEAT = 5; // seconds; the capture's thread says each
const EVERY = 20 / BEAT; // beats from one start to the next
const LONG = 45 / BEAT; // beats of one recording
const KEPT = 4; // 90 s back and more from the newest
const SMALL = { width: 320, height: 240, frameRate: 10 }; // a width alone may be passed over
const BITS = 160_000; // about 700 KB a recording
// VP9 first: three recorders of VP8 keep a core busy (28 % each, VP9 4 %), and the pictures that are sent wait for it.
const FORMATS = ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm", "video/mp4"];
const MAX = 8 * 2 ** 20;

// Which recording shows the time from `from` to `until` best: the most of it, then the one that has it nearest its middle.
export function best(recordings, from, until) {
  const shown = ({ began, ended }) => Math.min(until, ended) - Math.max(from, began);
  const off = ({ began, ended }) => Math.abs((began + ended) / 2 - (from + until) / 2);
  const some = recordings.filter((each) => shown(each) >= 0);
  return some.sort((one, two) => shown(two) - shown(one) || off(one) - off(two))[0] ?? null;
}

export class Clips {
  constructor(device) {
    this.device = device;
    this.done = []; // {began, ended, blob}
    this.running = new Set();
    this.asked = new Map(); // flag → {from, until}
    this.sent = new Set();
    this.beats = 0;
    this.stopped = false;
  }

  async start(stream) {
    this.formats = globalThis.MediaRecorder ? FORMATS.filter((each) => MediaRecorder.isTypeSupported(each)) : [];
    const [camera] = stream.getVideoTracks();
    if (!this.formats.length || !camera) return;
    this.small = camera.clone(); // small and slow, whatever the pictures need
    await this.small.applyConstraints(SMALL).catch(() => undefined);
    this.stream = new MediaStream([this.small]);
  }

  // Five seconds are over.
  beat() {
    if (!this.stream || this.small.readyState !== "live") return;
    for (const each of this.running) if (this.beats - each.beat >= LONG && each.recorder.state === "recording") each.recorder.stop();
    if (this.beats % EVERY === 0) this.#record();
    this.beats += 1;
    this.#answer();
  }

  #record() {
    const [format] = this.formats;
    try {
      this.#recordAs(format);
    } catch {
      this.#without(format);
    }
  }

  // A browser can name a format that this computer's encoder then refuses. The last one is tried again and again.
  #without(format) {
    if (this.formats[0] === format && this.formats.length > 1) this.formats.shift();
  }

  #recordAs(format) {
    const recorder = new MediaRecorder(this.stream, { mimeType: format, videoBitsPerSecond: BITS });
    const one = { recorder, beat: this.beats };
    const began = this.device.now();
    recorder.ondataavailable = ({ data }) => {
      this.running.delete(one);
      if (data.size && !this.stopped) this.done = [...this.done, { began, ended: this.device.now(), blob: data }].slice(-KEPT);
      this.#answer();
    };
    recorder.onerror = () => {
      this.running.delete(one);
      this.#without(format);
    };
    recorder.start();
    this.running.add(one);
  }

  // The server wants to see this time. It may ask again for what is already on its way.
  ask({ flag, from, until }) {
    if (this.sent.has(flag) || this.asked.has(flag)) return;
    this.asked.set(flag, { from: Date.parse(from), until: Date.parse(until) });
    this.#answer();
  }

  #answer() {
    for (const [flag, { from, until }] of this.asked) {
      const found = best(this.done, from, until);
      const whole = found && found.began <= from && found.ended >= until;
      // A better one is still being recorded, as long as its time has not passed.
      if (!whole && this.running.size && this.device.now() < until + LONG * BEAT * 1000) continue;
      this.asked.delete(flag);
      if (!found) continue;
      this.sent.add(flag);
      this.#send(flag, found.blob).catch(() => this.sent.delete(flag)); // the server asks again
    }
  }

  async #send(flag, blob) {
    if (blob.size > MAX) return;
    const type = blob.type.split(";")[0];
    const path = `/api/attempts/${this.device.attempt}/clips/${flag}`;
    await this.device.request("PUT", path, await blob.arrayBuffer(), { said: { "Content-Type": type } });
  }

  stop() {
    this.stopped = true;
    for (const { recorder } of this.running) if (recorder.state === "recording") recorder.stop();
    this.small?.stop();
    this.done = [];
  }
}
