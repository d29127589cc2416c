// The microphone: a level that the candidate can see, and windows of ten seconds that each can be heard on their own.

const BITS = 16000; // a second: enough for speech in Opus
const FORMATS = ["audio/webm;codecs=opus", "audio/mp4"];

export function soundFormat() {
  return globalThis.MediaRecorder && FORMATS.find((each) => MediaRecorder.isTypeSupported(each));
}

// Windows of the stream's sound, one after the other without a gap: the next recorder starts before the last one stops. The
// capture's thread says when to cut; `keep(ArrayBuffer, taken_at)` hears each window.
export class Windows {
  constructor(stream, now, keep) {
    this.stream = new MediaStream(stream.getAudioTracks());
    this.now = now;
    this.keep = keep;
    this.open = null;
  }

  // A recorder's own way of cutting would leave every window but the first without a beginning, so each has its own recorder.
  cut() {
    const before = this.open;
    const [track] = this.stream.getAudioTracks();
    this.open = track?.readyState === "live" && soundFormat() ? this.#record() : null;
    if (before?.state === "recording") before.stop();
  }

  #record() {
    const recorder = new MediaRecorder(this.stream, { mimeType: soundFormat(), audioBitsPerSecond: BITS });
    const taken_at = new Date(this.now()).toISOString();
    recorder.ondataavailable = async ({ data }) => { if (data.size) this.keep(await data.arrayBuffer(), taken_at); };
    recorder.start();
    return recorder;
  }

  // What was heard until now is kept too.
  stop() {
    if (this.open?.state === "recording") this.open.stop();
    this.open = null;
  }
}

// Calls `show(0..1)` while the stream lives: how loud it is, from -60 dBFS to 0. Answers what ends it.
export function meter(stream, show) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    show(loudness(samples));
  }, 100);
  return () => { clearInterval(timer); context.close(); };
}

// 0 at -60 dBFS or less, 1 at full scale.
export function loudness(samples) {
  const power = samples.reduce((sum, each) => sum + each * each, 0) / samples.length;
  const decibels = 10 * Math.log10(Math.max(power, 1e-12));
  return Math.max(0, Math.min(1, 1 + decibels / 60));
}
