// Pieces go to the server in order over one WebSocket that is bound to the device's key. What is not confirmed is held,
// linked anew where the server's chain ends, and sent again.

import { sha256, toB64u } from "../encoding.js";
import { link, pack } from "./chain.js";
import { thin } from "./pieces.js";

const WINDOW = 20; // pieces on their way that no answer has come for
const BUFFER = 128 * 1024; // bytes that wait in the socket itself
const AGAIN = 3000; // ms until a lost connection is tried again
const SILENCE = 45000; // ms that an answer may take before the connection counts as dead

// Events: "ready", "kept" {kept, sentAt, waiting}, "lost" reason, "refused" reason, "ask" {clip}, {challenge} or {spot},
// "unsaid" {n, why}: what was said of a picture cannot be.
export class Sender extends EventTarget {
  // `device` proves who we are; `store` keeps pieces (pieces.js); `connect(url)` opens a socket.
  constructor(device, store, { connect = (url) => new WebSocket(url), limits } = {}) {
    super();
    this.device = device;
    this.store = store;
    this.connect = connect;
    this.limits = limits;
    this.head = null; // where the server's chain ends, with what is on its way to it; the server says it first
    this.held = []; // in order
    this.order = 0;
    this.next = null; // the number of the next piece of each kind; the server says it first
    this.line = Promise.resolve(); // pieces enter one after the other, though their digests take time
    this.greeted = false;
    this.closed = false;
    this.looks = "server"; // who looks at the pictures
    this.heardAt = performance.now();
  }

  // What an earlier page of this device could not send goes first.
  async load() {
    const kept = await this.store.read(this.device.attempt).catch(() => []);
    this.held = kept.map((piece) => ({ ...piece, sent: false }));
    this.order = kept.reduce((most, { order }) => Math.max(most, order), 0);
  }

  // `more`: `challenge`, the sign of life that a picture belongs to; `seen`, what this computer saw in it; `nonce`, the check
  // that it answers.
  add(kind, body, taken_at, more = {}) {
    this.line = this.line.then(() => this.#add(kind, body, taken_at, more)).catch(() => undefined);
    return this.line;
  }

  async #add(kind, body, taken_at, more) {
    const piece = {
      order: ++this.order, n: null, kind, taken_at, ...more, size: body.byteLength,
      digest: toB64u(await sha256(body)), body, sent: false,
    };
    if (this.next) piece.n = this.next[kind]++;
    this.held.push(piece);
    const gone = thin(this.held, this.limits);
    this.held = this.held.filter((each) => !gone.includes(each));
    // Storage that is full or closed only means that a reload loses what was not sent.
    this.store.keep(this.device.attempt, [piece]).catch(() => undefined);
    if (gone.length) this.store.drop(this.device.attempt, gone).catch(() => undefined);
    await this.pump();
  }

  async open() {
    if (this.closed) return;
    const path = `/api/attempts/${this.device.attempt}/frames`;
    try {
      if (!this.device.token) await this.device.renew();
    } catch (error) {
      this.#lost(error.code ?? "");
      return;
    }
    const socket = this.connect(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`);
    this.socket = socket;
    this.heardAt = performance.now();
    socket.binaryType = "arraybuffer";
    this.greet = async () => {
      if (!this.device.token) await this.device.renew();
      const { token } = this.device;
      socket.send(JSON.stringify({ token, proof: await this.device.proof("GET", path, token), looks: this.looks }));
    };
    socket.onopen = () => this.greet().catch(() => socket.close());
    socket.onmessage = ({ data }) => { if (socket === this.socket) this.#hear(JSON.parse(data)); };
    socket.onclose = ({ code, reason }) => {
      if (socket !== this.socket) return;
      // The server's own "no" (4400 and above): another device, or the exam is over. The room asks what it is.
      if (code >= 4400) this.#say("refused", reason);
      this.#lost(reason);
    };
  }

  #say(name, detail) {
    this.dispatchEvent(Object.assign(new Event(name), { detail }));
  }

  #hear(message) {
    this.heardAt = performance.now();
    if (message.refused) {
      this.device.nonce = message.nonce ?? this.device.nonce;
      if (message.refused === "token-not-valid") this.device.token = null;
      this.greet().catch(() => this.socket.close());
    }
    if (message.ready || message.relink) {
      this.#relink(message.relink ?? message);
      if (message.ready) this.#say("ready", null);
      this.pump();
    }
    if (message.kept) this.#confirm(message.kept);
    if (message.refused_word) this.#say("unsaid", message.refused_word);
    if (message.clip || message.challenge || message.spot) this.#say("ask", message);
  }

  // The server's chain ends at `head`: what it holds is ours no longer, everything else is linked from there.
  #relink({ next, head }) {
    const kept = this.held.filter(({ n, kind }) => n !== null && n < next[kind]);
    this.#forget(kept);
    this.head = head;
    this.next = { ...next };
    const numbered = [];
    for (const piece of this.held) {
      piece.sent = false;
      if (piece.n === null) numbered.push(piece);
      piece.n = Math.max(piece.n ?? 0, this.next[piece.kind]);
      this.next[piece.kind] = piece.n + 1;
    }
    if (numbered.length) this.store.keep(this.device.attempt, numbered).catch(() => undefined);
    this.turn = {}; // what is being signed at this moment belongs to the old chain
    this.greeted = true;
  }

  #confirm(kept) {
    const done = this.held.filter(({ n, kind, sent }) => sent && n <= kept[kind]);
    this.#forget(done);
    if (done.length) this.#say("kept", { kept, sentAt: Math.max(...done.map(({ sentAt }) => sentAt)), waiting: this.held.length });
    this.pump();
  }

  #forget(pieces) {
    if (!pieces.length) return;
    const gone = new Set(pieces);
    this.held = this.held.filter((piece) => !gone.has(piece));
    this.store.drop(this.device.attempt, pieces).catch(() => undefined);
  }

  // Whether more is on its way than the line carries.
  get stuck() {
    return (this.socket?.bufferedAmount ?? 0) > BUFFER || this.underway >= WINDOW;
  }

  get underway() {
    return this.held.filter(({ sent }) => sent).length;
  }

  // Send what may be sent, one after the other: each names the one before.
  async pump() {
    if (this.pumping) return;
    this.pumping = true;
    try {
      while (this.greeted && this.socket?.readyState === 1 && !this.stuck) {
        const piece = this.held.find(({ sent }) => !sent);
        if (!piece) return;
        const { turn } = this;
        const { header, head } = await link(piece, this.head, (text) => this.device.sign(text));
        // Meanwhile linked anew, cut off, or let go to make room.
        if (turn !== this.turn || this.socket.readyState !== 1 || !this.held.includes(piece)) continue;
        this.head = head;
        piece.sent = true;
        piece.sentAt = performance.now();
        this.socket.send(pack(header, piece.body));
      }
    } finally {
      this.pumping = false;
    }
  }

  // Called now and then: a connection can be dead without a word, before it begins or with pieces on their way.
  look() {
    if (!this.socket || this.socket.readyState > 1 || (this.greeted && !this.underway)) return;
    if (performance.now() - this.heardAt <= SILENCE) return;
    this.heardAt = performance.now();
    this.socket.close();
  }

  #lost(reason = "") {
    this.greeted = false;
    if (this.closed) return; // by ourselves: nothing is lost
    this.#say("lost", reason);
    clearTimeout(this.again);
    this.again = setTimeout(() => this.open(), AGAIN);
  }

  // Everything that was taken is confirmed; or `patience` ms are over, or there is no connection.
  async settle(patience) {
    await this.line;
    const ends = performance.now() + patience;
    while (this.held.length && this.socket?.readyState === 1 && performance.now() < ends) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  close() {
    this.closed = true;
    clearTimeout(this.again);
    this.socket?.close();
  }
}
