// Answers go out in order, one at a time, and stay in this browser's journal until a verified receipt says they are kept.

import { Offline, Refused } from "./device.js";
import { answerHash, link, verify } from "./receipts.js";
import { keepAnswer, readAnswers } from "./store.js";

const PAUSE = 800; // ms after the last key press: with the round trip, an answer is saved within a second
const RETRY = [1000, 2000, 4000, 8000, 10000]; // ms between tries without a network

export class Saver extends EventTarget {
  constructor(device, receiptKey) {
    super();
    this.device = device;
    this.key = receiptKey;
    this.seq = 0; // last sequence number that has a verified receipt
    this.head = ""; // its link
    this.order = 0; // of entries in the journal
    this.waiting = []; // entries without a receipt, oldest first
    this.timers = new Map();
    this.tries = 0;
    this.sending = false;
    this.stopped = false;
    this.closed = false;
    addEventListener("online", () => this.#soon(0));
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.flush(); });
    addEventListener("pagehide", () => this.flush());
  }

  // Continue where the server is, and take up what an earlier page could not send.
  async resume(paper) {
    this.seq = paper.seq;
    this.head = paper.head;
    const journal = await readAnswers(this.device.attempt);
    this.order = journal.reduce((most, entry) => Math.max(most, entry.order), 0);
    this.waiting = journal.filter((entry) => !entry.receipt);
    this.#tell();
    this.#soon(0);
    return this.waiting.map(({ item, answer }) => ({ item, answer }));
  }

  // Called on every change; waits for a pause in typing.
  change(item, answer) {
    clearTimeout(this.timers.get(item)?.timer);
    const entry = { item, answer, timer: setTimeout(() => this.#put(item), PAUSE) };
    this.timers.set(item, entry);
    this.#tell();
  }

  // Do not wait for the pause: on blur, when the page is hidden, before submitting.
  async flush() {
    await Promise.all([...this.timers.keys()].map((item) => this.#put(item)));
  }

  // Everything is saved. Rejects with Offline when it cannot be now.
  async settled() {
    await this.flush();
    while (this.waiting.length || this.sending) {
      if (this.stopped) throw new Offline("not connected");
      await this.#send();
      if (this.tries > 0) throw new Offline("not connected");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  stop() {
    this.stopped = true;
    this.#tell();
  }

  async #put(item) {
    const pending = this.timers.get(item);
    if (!pending) return;
    clearTimeout(pending.timer);
    this.timers.delete(item);
    const entry = {
      attempt: this.device.attempt,
      order: ++this.order,
      item,
      answer: pending.answer,
      created_at: new Date(this.device.now()).toISOString(),
      receipt: null,
    };
    this.waiting.push(entry);
    // The journal first: from here on a crash of the page loses nothing.
    await keepAnswer(entry).catch((error) => this.dispatchEvent(new CustomEvent("journal-failed", { detail: error })));
    this.#tell();
    await this.#send();
  }

  #soon(wait) {
    clearTimeout(this.again);
    this.again = setTimeout(() => this.#send(), wait);
  }

  async #send() {
    if (this.sending || this.stopped || this.closed) return;
    this.sending = true;
    try {
      while (this.waiting.length && !this.stopped) {
        await this.#sendOne(this.waiting[0]);
        this.waiting.shift();
        this.tries = 0;
        this.#tell();
      }
    } catch (error) {
      await this.#failed(error);
    } finally {
      this.sending = false;
      this.#tell();
    }
  }

  async #sendOne(entry) {
    // The number is chosen once and written down: a repeated send is then recognised, and answered with the same receipt.
    if (!entry.seq) {
      entry.seq = this.seq + 1;
      await keepAnswer(entry).catch(() => undefined); // memory still holds it; the journal's failure was reported above
    }
    const { seq, item, answer, created_at } = entry;
    const path = `/api/attempts/${this.device.attempt}/responses`;
    const next = seq === this.seq + 1;
    const body = { seq, item, answer, created_at, ...(next && this.head ? { previous: this.head } : {}) };
    const receipt = await this.device.request("POST", path, body, { keepalive: document.hidden });
    const wanted = {
      type: "receipt",
      attempt: this.device.attempt,
      seq,
      item,
      answer_hash: await answerHash(answer),
      previous: next ? this.head : null,
    };
    await verify(receipt, wanted, this.key);
    entry.receipt = receipt;
    await keepAnswer(entry).catch(() => undefined);
    if (seq >= this.seq) {
      this.seq = seq;
      this.head = await link(receipt);
    }
    this.dispatchEvent(new CustomEvent("saved", { detail: { item, at: receipt.received_at } }));
  }

  async #failed(error) {
    if (error instanceof Offline || (error instanceof Refused && [408, 429, 500, 503].includes(error.status))) {
      const wait = RETRY[Math.min(this.tries, RETRY.length - 1)];
      this.tries += 1;
      this.#soon(wait);
      return;
    }
    if (error instanceof Refused && ["sequence-gap", "sequence-conflict"].includes(error.code)) {
      // Another tab of this device saved meanwhile: number what waits anew, behind what is there. Nothing is dropped.
      const paper = await this.device.request("GET", `/api/attempts/${this.device.attempt}/paper`).catch(() => null);
      if (paper) {
        this.seq = paper.seq;
        this.head = paper.head;
        for (const entry of this.waiting) delete entry.seq;
      }
      this.#soon(paper ? 0 : RETRY[0]);
      return;
    }
    if (error instanceof Refused && ["unknown-item", "invalid"].includes(error.code)) {
      this.dispatchEvent(new CustomEvent("refused", { detail: { entry: this.waiting.shift(), error } }));
      this.#soon(0);
      return;
    }
    this.stopped = true;
    this.dispatchEvent(new CustomEvent("stopped", { detail: error }));
  }

  get state() {
    if (this.stopped) return "stopped";
    if (this.tries > 0 || !navigator.onLine) return "offline";
    if (this.waiting.length || this.sending) return "saving";
    return this.timers.size ? "typing" : "saved";
  }

  #tell() {
    this.dispatchEvent(new CustomEvent("state", { detail: { state: this.state, waiting: this.waiting.length } }));
  }
}
