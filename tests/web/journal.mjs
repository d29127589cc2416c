// The page's own Saver and Device in a browser made of memory, before a server that follows the rules of
// exam_api/attempts/service/save.py and a network that does to each request what the example says.

import { AsyncLocalStorage } from "node:async_hooks";
import { readFileSync } from "node:fs";

const room = process.argv[2];
const { Device } = await import(`${room}/device.js`);
const { digest, jcs, toB64u } = await import(`${room}/encoding.js`);
const { open } = await import(`${room}/merge.js`);
const { passing } = await import(`${room}/refusals.js`);
const { Saver } = await import(`${room}/saver.js`);
const { readAnswers } = await import(`${room}/store.js`);

const FASTER = 100; // all pauses of the page are so much shorter
const sleep = globalThis.setTimeout;
const pause = (ms) => new Promise((resolve) => sleep(resolve, ms / FASTER));
globalThis.setTimeout = (work, ms, ...rest) => sleep(() => { if (!gone()) work(...rest); }, ms / FASTER);
// Everything that a page begins knows its page; once another one is there, it reaches neither the store nor the network.
const pages = new AsyncLocalStorage();
let alive = 0;
const gone = () => pages.getStore() !== alive;
const never = () => new Promise(() => undefined);
globalThis.addEventListener = () => undefined;
globalThis.document = Object.assign(new EventTarget(), { hidden: false });
globalThis.location = { origin: "http://localhost" };
Object.defineProperty(globalThis, "navigator", { value: { onLine: true }, configurable: true });

// IndexedDB as far as store.js uses it: what is put in is copied, and stays when the page goes.
const kept = new Map();
globalThis.IDBKeyRange = { bound: ([attempt]) => attempt };
const later = (request, name) => queueMicrotask(() => request[name]?.());
globalThis.indexedDB = {
  open() {
    const request = { result: { transaction } };
    later(request, "onsuccess");
    return request;
  },
};
function transaction() {
  const done = { objectStore: () => ({
    put: (value) => { if (!gone()) kept.set(`${value.attempt} ${value.order}`, structuredClone(value)); },
    getAll: (attempt) => ({
      result: [...kept.values()].filter((each) => each.attempt === attempt).sort((one, two) => one.order - two.order).map((each) => structuredClone(each)),
    }),
  }) };
  later(done, "oncomplete");
  return done;
}

const ecdsa = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", ecdsa.publicKey);
const jwk = { crv, kty, x, y };
const mine = await digest(jwk);
const signing = await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"]);

class Server {
  constructor() {
    this.chain = [];
    this.aside = [];
    this.head = "genesis";
    this.elsewhere = false; // another device has the attempt
    this.last = Promise.resolve();
  }

  // One after the other, whoever asks: a save that is half done would give its number to the next one too.
  alone(work) {
    this.last = this.last.then(work);
    return this.last;
  }

  ask(path, body) {
    return this.alone(() => this.answer(path, body));
  }

  async save({ seq, item, answer, previous, created_at }, jkt = mine) {
    if (answer.text.includes("never")) return [422, { code: "invalid", title: "Never kept." }];
    const answer_hash = await digest(answer);
    if (seq <= this.chain.length) {
      const found = this.chain[seq - 1];
      const again = found.receipt.item === item && found.receipt.answer_hash === answer_hash;
      return again ? [201, found.receipt] : [409, { code: "sequence-conflict", title: "Another." }];
    }
    if (seq !== this.chain.length + 1 || (previous ?? this.head) !== this.head) return [409, { code: "sequence-gap", title: "Gap." }];
    const body = { type: "receipt", attempt: "a", seq, item, answer_hash, previous: this.head, jkt, received_at: new Date().toISOString() };
    const signature = toB64u(await crypto.subtle.sign({ name: "Ed25519" }, signing.privateKey, new TextEncoder().encode(jcs(body))));
    const receipt = { ...body, signature };
    this.head = await digest(receipt);
    this.chain.push({ item, answer, created_at, jkt, receipt });
    return [201, receipt];
  }

  paper() {
    const answers = {};
    this.chain.forEach(({ item, answer, jkt }, index) => { answers[item] = { seq: index + 1, answer, jkt }; });
    return [200, { seq: this.chain.length, head: this.head, answers }];
  }

  keepAside({ place, item, answer }) {
    if (answer.text.includes("never")) return [422, { code: "invalid", title: "Never kept." }];
    if (!this.aside.some((each) => each.place === place)) this.aside.push({ place, item, answer });
    return [201, {}];
  }

  async answer(path, body) {
    if (path.endsWith("/aside")) return this.keepAside(body);
    if (this.elsewhere) return [409, { code: "device-replaced", title: "Replaced." }];
    if (path.endsWith("/token")) return [200, { token: "t", mark: "m", now: new Date().toISOString() }];
    return path.endsWith("/paper") ? this.paper() : this.save(body);
  }
}

const response = ([status, said]) => new Response(JSON.stringify(said), { status });
const NETWORK = {
  good: async (ask) => response(await ask()),
  lost: async (ask) => { await ask(); throw new TypeError("network error"); },
  late: async (ask) => { sleep(ask, 3000 / FASTER); throw new TypeError("network error"); },
  dropped: async () => { throw new TypeError("network error"); },
  cut: async (ask) => { const [status, said] = await ask(); return new Response(JSON.stringify(said).slice(0, 9), { status }); },
  doubled: async (ask) => { await ask(); return response([401, { code: "proof-replayed", title: "Twice." }]); },
  busy: async () => response([503, { code: "service-down", title: "Away." }]),
  gateway: async () => new Response("<h1>Bad Gateway</h1>", { status: 502 }),
  login: async () => new Response("<h1>Welcome to our network</h1>", { status: 200 }),
};

// What room.js does with the Saver's events.
async function sit(stops) {
  const device = new Device("a", ecdsa.privateKey, jwk);
  const saver = new Saver(device, signing.publicKey);
  saver.addEventListener("stopped", ({ detail }) => {
    if (detail.code === "device-replaced") saver.setAside();
    else stops.push(String(detail));
  });
  for (;;) {
    try {
      const paper = await device.request("GET", "/api/attempts/a/paper");
      const shown = await saver.resume(paper);
      return { device, saver, shown: shown.map(({ item, answer }) => [item, answer.text]) };
    } catch (error) {
      if (!passing(error)) throw error;
      await pause(500);
    }
  }
}

// One example: what the person and the other device do, and what the network does to each request in turn.
async function live({ steps, network }) {
  kept.clear();
  const server = new Server();
  const typed = [], stops = [];
  const here = (work) => pages.run(alive, work);
  let requests = 0, others = 0;
  globalThis.fetch = async (path, { body }) => {
    if (gone()) return never();
    const how = network[requests++] ?? "good";
    const ended = await NETWORK[how](() => server.ask(path, body && JSON.parse(body))).then((said) => () => said, (error) => () => { throw error; });
    return gone() ? never() : ended();
  };
  const come = () => { alive += 1; return pages.run(alive, () => sit(stops)); };
  let page = await come();
  const DO = {
    type: (item) => type(item, "words"),
    "type-refused": (item) => type(item, "never"),
    pause: () => pause(1200),
    reload: async () => { here(() => page.saver.flush()); await pause(40); page = await come(); },
    crash: async () => { await pause(400); page = await come(); }, // what has stood so long is in the journal
    // Another device takes over, writes, and this one takes the exam back.
    other: async (item) => {
      server.elsewhere = true;
      await server.alone(() => server.save({ seq: server.chain.length + 1, item, answer: { text: `other ${others++}` } }, "another device"));
      await pause(3000);
      server.elsewhere = false;
      page = await come();
    },
  };
  function type(item, word) {
    const text = `${typed.length} ${word}`;
    typed.push([item, text]);
    here(() => page.saver.change(item, { text }));
  }
  for (const [what, item] of steps) await DO[what](item);
  network = [];
  for (let tries = 0; tries < 200; tries += 1) {
    if (await here(() => page.saver.settled()).then(() => true, () => false)) break;
    await pause(1000);
  }
  const journal = await readAnswers("a");
  return {
    typed,
    stops,
    chain: server.chain.map(({ item, answer, jkt }) => [item, answer.text, jkt === mine]),
    aside: server.aside.map(({ item, answer }) => [item, answer.text]),
    refused: journal.filter((each) => each.refused).map(({ item, answer }) => [item, answer.text]),
    bases: journal.filter((each) => each.receipt).map((each) => [each.receipt.seq, each.base]),
    open: journal.filter(open).length,
    proven: journal.every((each) => !each.receipt || jcs(each.receipt) === jcs(server.chain[each.receipt.seq - 1].receipt)),
    shown: (await come()).shown,
  };
}

const found = [];
for (const example of JSON.parse(readFileSync(0, "utf8"))) found.push(await live(example));
process.stdout.write(JSON.stringify(found));
process.exit(0);
