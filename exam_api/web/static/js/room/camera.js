// Camera frames over a WebSocket bound to the device's key. The pace adapts: from two a second to one in ten seconds.

const FASTEST = 500;
const SLOWEST = 10000;
const LAG = 2500; // ms from sending to "kept" beyond which we slow down
const QUALITY = 0.6;

export class Camera extends EventTarget {
  constructor(device, { interval = 1000, width = 640, height = 480 } = {}) {
    super();
    this.device = device;
    this.interval = interval;
    this.wanted = interval;
    this.size = { width, height };
    this.video = document.createElement("video");
    this.video.muted = true;
    this.video.playsInline = true;
    this.canvas = document.createElement("canvas");
    this.sent = new Map(); // number → when
    this.next = 1;
    this.kept = 0;
    this.closed = false;
  }

  async open() {
    this.stream = await navigator.mediaDevices.getUserMedia({ video: { ...this.size, facingMode: "user" }, audio: false });
    const [track] = this.stream.getVideoTracks();
    track.addEventListener("ended", () => this.dispatchEvent(new Event("ended")));
    this.video.srcObject = this.stream;
    await this.video.play();
    return this.stream;
  }

  async picture(quality = QUALITY) {
    const { videoWidth, videoHeight } = this.video;
    if (!videoWidth) return null;
    const scale = Math.min(1, this.size.width / videoWidth);
    this.canvas.width = Math.round(videoWidth * scale);
    this.canvas.height = Math.round(videoHeight * scale);
    this.canvas.getContext("2d").drawImage(this.video, 0, 0, this.canvas.width, this.canvas.height);
    return new Promise((resolve) => this.canvas.toBlob(resolve, "image/jpeg", quality));
  }

  async connect() {
    if (this.closed) return;
    const path = `/api/attempts/${this.device.attempt}/frames`;
    try {
      if (!this.device.token) await this.device.renew();
    } catch {
      this.#reconnect();
      return;
    }
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    const greet = async () => {
      if (!this.device.token) await this.device.renew();
      const { token } = this.device;
      socket.send(JSON.stringify({ token, proof: await this.device.proof("GET", path, token) }));
    };
    this.greet = greet;
    socket.onopen = () => greet().catch(() => socket.close());
    socket.onmessage = ({ data }) => this.#heard(JSON.parse(data));
    socket.onclose = ({ code, reason }) => {
      // The server's own "no" (4400 and above): another device, or the exam is over. The room asks what it is.
      if (code >= 4400) this.dispatchEvent(new Event("refused"));
      this.#reconnect(reason);
    };
  }

  #heard(message) {
    if (message.refused) {
      this.device.nonce = message.nonce ?? this.device.nonce;
      if (message.refused === "token-not-valid") this.device.token = null;
      this.greet().catch(() => this.socket.close());
    }
    if (message.ready) {
      this.next = Math.max(this.next, message.next);
      this.dispatchEvent(new Event("ready"));
      this.#tick();
    }
    if (message.kept) {
      const lag = performance.now() - (this.sent.get(message.kept) ?? performance.now());
      for (const number of this.sent.keys()) if (number <= message.kept) this.sent.delete(number);
      this.kept = message.kept;
      const slower = lag > LAG || this.socket.bufferedAmount > 64 * 1024;
      this.interval = slower ? Math.min(SLOWEST, this.interval * 1.5) : Math.max(Math.max(FASTEST, this.wanted), this.interval * 0.9);
      this.dispatchEvent(new CustomEvent("kept", { detail: { number: message.kept, interval: this.interval } }));
    }
  }

  async #tick() {
    clearTimeout(this.timer);
    const { socket } = this;
    if (this.closed || socket?.readyState !== WebSocket.OPEN) return;
    if (socket.bufferedAmount < 256 * 1024 && this.sent.size < 20) {
      const blob = await this.picture();
      if (blob && socket.readyState === WebSocket.OPEN) await this.#send(socket, blob);
    } else {
      this.interval = Math.min(SLOWEST, this.interval * 1.5);
    }
    this.timer = setTimeout(() => this.#tick(), this.interval);
  }

  // One message: four bytes with the header's length, the header as JSON, the JPEG.
  async #send(socket, blob) {
    const number = this.next++;
    const header = new TextEncoder().encode(JSON.stringify({ n: number, taken_at: new Date(this.device.now()).toISOString() }));
    const size = new DataView(new ArrayBuffer(4));
    size.setUint32(0, header.length);
    this.sent.set(number, performance.now());
    socket.send(await new Blob([size.buffer, header, blob]).arrayBuffer());
  }

  #reconnect(reason = "") {
    clearTimeout(this.timer);
    if (this.closed) return; // by ourselves: nothing is lost
    this.dispatchEvent(new CustomEvent("lost", { detail: reason }));
    setTimeout(() => this.connect(), 3000);
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket?.close();
    for (const track of this.stream?.getTracks() ?? []) track.stop();
  }
}
