// Files on their way to the server. They stay in this browser until the server has them whole and a saved answer names them;
// a reload, a crash or a lost network goes on where the server is.

import { Offline, Refused } from "./device.js";
import { sha256, toB64u } from "./encoding.js";
import { passing } from "./refusals.js";
import { dropFile, keepFile, keepPart, readFiles, readParts } from "./store.js";

const LARGEST = 2 ** 20, SMALLEST = 2 ** 16; // bytes of one part
const BRISK = 1500, SLOW = 6000; // ms for one part: below it they grow, above it they shrink
const RETRY = [1000, 2000, 4000, 8000];
const BREAK = 10000; // ms between looks whether a break that refused a part is over
const AGAIN = ["attachment-gap", "attachment-conflict"]; // the server says where it is, and we go on there
const LOST = ["attachment-refused", "attachments-full", "unknown-item", "invalid", "section-closed", "not-found", "too-large"];

const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));

export class Attachments extends EventTarget {
  constructor(device) {
    super();
    this.device = device;
    this.files = []; // { id, item, name, size, blob, parts, complete, chosen, mark, reference, held, begun }
    this.part = LARGEST / 4;
    this.tries = 0;
    this.since = null;
    this.held = this.stopped = this.sending = false;
    device.addEventListener("back", () => this.#soon(0));
    addEventListener("online", () => this.#soon(0));
  }

  // What an earlier page had not finished. A recording that a crash cut off ends there.
  async load() {
    const kept = await readFiles(this.device.attempt).catch(() => []);
    for (const file of kept.sort((one, two) => one.chosen - two.chosen)) {
      const parts = file.blob ? [] : (await readParts(this.device.attempt, file.id)).map((part) => part.blob);
      const size = file.blob?.size ?? parts.reduce((sum, part) => sum + part.size, 0);
      if (size) this.files.push({ ...file, parts, size, complete: true, held: 0, begun: false });
      else await dropFile(this.device.attempt, file.id).catch(() => undefined);
    }
  }

  // Once the sheet shows the saved answers: tell it what is finished, and send the rest.
  start() {
    for (const file of this.files.filter((each) => each.reference)) this.#tell("done", file);
    this.#soon(0);
  }

  add(item, blob) {
    const file = this.#make({ item, name: blob.name, blob, size: blob.size, complete: true });
    this.#keep(file);
    this.#soon(0);
    return file;
  }

  // A recording: its parts come one after the other, then it is closed.
  open(item, name) {
    const file = this.#make({ item, name, blob: null, size: 0, complete: false });
    this.#keep(file);
    return file;
  }

  async append(file, blob) {
    if (!blob.size) return;
    const n = file.parts.push(blob);
    file.size += blob.size;
    // The disk first: what a crash of this page loses is the part that was not cut yet.
    await keepPart({ attempt: this.device.attempt, id: file.id, n, blob }).catch(() => this.#unkept());
    this.#soon(0);
  }

  close(file) {
    file.complete = true;
    if (!file.size) this.withdraw(file.id);
    this.#soon(0);
  }

  blob(file) {
    return file.blob ?? new Blob(file.parts, { type: file.parts[0]?.type });
  }

  // Taken back by the candidate: the server forgets it too, unless an answer names it already.
  withdraw(id) {
    const path = `/api/attempts/${this.device.attempt}/attachments/${id}`;
    if (this.files.find((file) => file.id === id)?.begun) this.device.request("DELETE", path).catch(() => undefined);
    this.forget(id);
  }

  // Named by a saved answer, refused or taken back: nothing has to be kept here.
  forget(id) {
    this.files = this.files.filter((file) => file.id !== id);
    dropFile(this.device.attempt, id).catch(() => undefined);
    this.#tell("progress");
  }

  // A receipt covers this answer: what it names, and what came before that, is not needed here any more.
  saved(item, answer) {
    const done = this.files.filter((file) => file.item === item && file.reference);
    const named = done.filter((file) => answer.files?.some(({ id }) => id === file.id));
    for (const file of done) if (named.some((other) => file.chosen <= other.chosen)) this.forget(file.id);
  }

  of(item) {
    return this.files.filter((file) => file.item === item && !file.reference);
  }

  // What the save state says; null where everything is here and there.
  get totals() {
    const open = this.files.filter((file) => !file.reference);
    if (!open.length) return null;
    const sum = (name) => open.reduce((all, file) => all + file[name], 0);
    return { sent: sum("held"), size: sum("size"), since: this.since, recording: open.some((file) => !file.complete) };
  }

  // Everything has come. Rejects with Offline when it cannot now.
  async settled() {
    while (this.files.some((file) => !file.reference)) {
      if (this.stopped || this.held) throw new Offline("not connected");
      this.#soon(0);
      await new Promise((resolve) => setTimeout(resolve, 100));
      if (this.tries > 0) throw new Offline("not connected");
    }
  }

  hold(held) {
    this.held = held;
    if (!held) this.#soon(0);
  }

  stop() {
    this.stopped = true;
  }

  #make(file) {
    const made = { id: crypto.randomUUID(), chosen: this.device.now(), mark: this.device.mark, parts: [], reference: null, held: 0, begun: false, ...file };
    this.files.push(made);
    return made;
  }

  async #keep({ id, item, name, blob, chosen, mark, reference }) {
    await keepFile({ attempt: this.device.attempt, id, item, name, blob, chosen, mark, reference }).catch(() => this.#unkept());
  }

  #unkept() {
    this.dispatchEvent(new CustomEvent("journal", { detail: false })); // memory still holds it
  }

  #tell(name, file = null, more = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail: { file, item: file?.item, ...more } }));
  }

  #soon(wait) {
    clearTimeout(this.again);
    this.again = setTimeout(() => this.#send(), wait);
  }

  // One file after the other, the oldest first; a recording that is not closed yet goes out as far as it is.
  async #send() {
    if (this.sending || this.stopped || this.held) return;
    this.sending = true;
    let file;
    try {
      while ((file = this.files.find((each) => !each.reference && (each.complete || each.held < each.size || !each.begun)))) {
        await this.#advance(file);
        this.tries = 0;
        this.since = null;
        this.#tell("progress", file);
        if (this.stopped || this.held) break;
      }
    } catch (error) {
      this.#failed(error, file);
    } finally {
      this.sending = false;
      this.#tell("progress", file);
    }
  }

  async #advance(file) {
    const path = `/api/attempts/${this.device.attempt}/attachments/${file.id}`;
    if (!file.begun) {
      const { item, name, chosen } = file;
      const body = { item, name, size: file.blob ? file.size : null, created_at: new Date(chosen).toISOString() };
      this.#learn(file, await this.device.request("PUT", path, body));
    } else if (file.held < file.size) {
      const bytes = await this.blob(file).slice(file.held, file.held + this.part).arrayBuffer();
      const said = { "Content-Digest": `sha-256=:${base64(await sha256(bytes))}:` };
      const began = performance.now();
      this.#learn(file, await this.device.request("PUT", `${path}/chunks/${file.held}`, bytes, { said }));
      const took = performance.now() - began;
      if (took < BRISK) this.part = Math.min(LARGEST, this.part * 2);
      else if (took > SLOW) this.part = Math.max(SMALLEST, this.part / 2);
    } else {
      const whole = { size: file.size, sha256: toB64u(await sha256(await this.blob(file).arrayBuffer())) };
      this.#learn(file, await this.device.request("POST", `${path}/finish`, whole));
    }
  }

  #learn(file, { id, name, media_type, size, held, sha256: digest, refused }) {
    if (!this.files.includes(file)) return; // taken back meanwhile
    file.begun = true;
    file.held = held;
    if (refused) this.#refuse(file, refused);
    if (!digest) return;
    file.reference = { id, name, media_type, size, sha256: digest };
    this.#keep(file);
    this.#tell("done", file);
  }

  #refuse(file, why) {
    this.#tell("refused", file, { why });
    this.forget(file.id);
  }

  #failed(error, file) {
    if (error instanceof Refused && error.code === "paused") {
      this.held = true;
      setTimeout(() => this.hold(false), BREAK); // should nobody tell us that it is over
      return;
    }
    if (error instanceof Refused && AGAIN.includes(error.code) && Number.isInteger(error.problem.held) && error.problem.held !== file.held) {
      file.held = error.problem.held;
      this.#soon(0);
      return;
    }
    if (error instanceof Refused && [...LOST, ...AGAIN].includes(error.code)) {
      this.#refuse(file, error.message);
      this.#soon(0);
      return;
    }
    if (passing(error) || (error instanceof Refused && error.code === "attachment-damaged")) {
      this.part = Math.max(SMALLEST, this.part / 2);
      this.since ??= new Date();
      this.#soon(RETRY[Math.min(this.tries, RETRY.length - 1)]);
      this.tries += 1;
      return;
    }
    if (!(error instanceof Refused)) {
      // The browser itself cannot read the file any more, for example because it was on a stick that is gone.
      this.#refuse(file, error.message);
      this.#soon(0);
      return;
    }
    this.stopped = true;
    this.dispatchEvent(new CustomEvent("stopped", { detail: error }));
  }
}
