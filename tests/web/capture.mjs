// The page's own Sender, with a real key, before a server that follows the rules of the wire and a network that cuts as the
// example says. What comes out: which pieces the server holds, and whether every signature and link held.

import { webcrypto } from "node:crypto";

const room = process.argv[2];
const { Sender } = await import(`${room}/capture/sender.js`);
const { digest, fromB64u, jcs, sha256, toB64u } = await import(`${room}/encoding.js`);
globalThis.location = { protocol: "http:", host: "localhost", origin: "http://localhost" };

const FASTER = 200;
const sleep = globalThis.setTimeout;
globalThis.setTimeout = (work, ms, ...rest) => sleep(work, ms / FASTER, ...rest);
const clock = performance.now.bind(performance);
performance.now = () => clock() * FASTER;
const turn = () => new Promise((resolve) => sleep(resolve, 0));

const pair = await webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
const ES256 = { name: "ECDSA", hash: "SHA-256" };
const device = () => ({
  attempt: "a-1",
  token: "token",
  renew: async () => undefined,
  proof: async () => "proof",
  sign: async (text) => toB64u(await webcrypto.subtle.sign(ES256, pair.privateKey, new TextEncoder().encode(text))),
});

// What stays when the page goes.
function memory() {
  const rows = new Map();
  return {
    read: async () => [...rows.values()].sort((one, two) => one.order - two.order).map((row) => ({ ...row })),
    keep: async (_, pieces) => { for (const { sent, sentAt, ...piece } of pieces) rows.set(piece.order, piece); },
    drop: async (_, pieces) => { for (const { order } of pieces) rows.delete(order); },
    rows,
  };
}

class Server {
  constructor() {
    this.next = { frame: 1, sound: 1 };
    this.head = null;
    this.held = []; // bodies
    this.wrong = [];
    this.relinked = false;
    this.sockets = [];
  }

  async start() {
    this.head = toB64u(await sha256("a-1"));
    return this;
  }

  // How many messages this connection lives for; `deaf`: its last answers are lost.
  connect(lives, deaf) {
    const socket = { readyState: 0, bufferedAmount: 0, closed: false };
    let line = Promise.resolve(), taken = 0;
    const say = (message) => { if (!socket.closed && !(deaf && taken >= lives - 2)) socket.onmessage({ data: JSON.stringify(message) }); };
    const cut = () => {
      if (socket.closed) return;
      socket.closed = true;
      socket.readyState = 3;
      sleep(() => socket.onclose({ code: 1006, reason: "" }), 0);
    };
    socket.close = cut;
    socket.send = (data) => {
      if (typeof data === "string") { line = line.then(() => { socket.readyState = 1; say({ ready: true, next: { ...this.next }, head: this.head }); }); return; }
      taken += 1;
      if (taken > lives) { cut(); return; }
      line = line.then(() => this.take(data, say));
    };
    sleep(() => { socket.readyState = 1; socket.onopen(); }, 0);
    return socket;
  }

  async take(data, say) {
    const size = new DataView(data).getUint32(0);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, size)));
    const body = data.slice(4 + size);
    const { signature, ...said } = header;
    const words = new TextEncoder().encode(jcs(said));
    if (!(await webcrypto.subtle.verify(ES256, pair.publicKey, fromB64u(signature), words))) this.wrong.push("signature");
    if (header.digest !== toB64u(await sha256(body))) this.wrong.push("digest");
    if (header.n < this.next[header.kind]) return; // kept already
    if (header.previous !== this.head) {
      if (!this.relinked) say({ relink: { next: { ...this.next }, head: this.head } });
      this.relinked = true;
      return;
    }
    this.relinked = false;
    this.head = await digest(said);
    this.next[header.kind] = header.n + 1;
    this.held.push({ kind: header.kind, body: new TextDecoder().decode(body), challenge: header.challenge ?? null });
    say({ kept: { frame: this.next.frame - 1, sound: this.next.sound - 1 } });
  }
}

async function story({ steps, lives, limits }) {
  const server = await new Server().start();
  const store = memory();
  let connections = 0, sender = null;
  const page = async () => {
    const connect = () => {
      const life = lives[connections++];
      return server.connect(life ? life.messages : Infinity, life?.deaf);
    };
    sender = new Sender(device(), store, { connect, limits });
    await sender.load();
    await sender.open();
  };
  await page();
  let made = 0;
  for (const step of steps) {
    if (step === "reload") { sender.close(); await turn(); await page(); continue; }
    if (step === "foreign") { server.head = `other-${made}`; continue; } // the server's chain ends elsewhere than we think
    if (step === "wait") { for (let n = 0; n < 8; n++) await turn(); continue; }
    made += 1;
    await sender.add(step, new TextEncoder().encode(`${made}`).buffer, `2027-01-01T00:00:${String(made % 60).padStart(2, "0")}Z`);
  }
  for (let n = 0; n < 4000 && sender.held.length; n++) { sender.look(); await turn(); }
  for (let n = 0; n < 20; n++) await turn();
  sender.close();
  return { held: server.held, wrong: server.wrong, made, waiting: sender.held.length, stored: store.rows.size };
}

const asked = JSON.parse(await new Response(process.stdin).text());
const told = [];
for (const each of asked) told.push(await story(each));
process.stdout.write(JSON.stringify(told), () => process.exit(0));
