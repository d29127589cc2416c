// Answers go out in order, one at a time, and stay in this browser's journal until a verified receipt says they are kept.

import { Offline, Refused } from "./device.js";
import { conflicts, countItems, open, standing } from "./merge.js";
import { answerHash, link, verify } from "./receipts.js";
import { keepAnswer, readAnswers } from "./store.js";

const WRITE = 200; // ms from a key press to the journal: what a crash can lose
const PAUSE = 800; // ms after the last key press: with the round trip, an answer is saved within a second
const LONGEST = 4000; // ms after which also somebody who never pauses is saved
const NEAR = 5000; // ms before the end from which an answer may arrive after it
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
    this.drafts = new Map(); // item → what is being typed; in the journal, not yet sent
    this.tries = 0;
    this.since = null; // when the network went away
    this.sending = false;
    this.stopped = false;
    this.closed = false;
    this.leaving = false;
    this.apart = 0; // answers that went beside the chain
    this.held = false; // in a break: everything stays in the journal
    this.ends = Infinity; // when the time is over, by the server's clock; what may arrive later brings its proof along
    addEventListener("online", () => this.#soon(0));
    addEventListener("offline", () => this.tell());
    addEventListener("blur", () => this.flush());
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.flush(); else this.#soon(0); });
    document.addEventListener("freeze", () => this.flush());
    document.addEventListener("resume", () => this.#soon(0));
    addEventListener("pagehide", () => { this.leaving = true; this.flush(); });
  }

  // Continue where the server is, and take up what an earlier page could not send.
  async resume(paper) {
    const journal = await readAnswers(this.device.attempt).catch(() => []);
    this.order = journal.reduce((most, entry) => Math.max(most, entry.order), 0);
    this.waiting = journal.filter(open);
    await this.#merge(paper);
    this.#soon(0);
    const refused = standing(journal, paper.answers, await this.device.thumbprint());
    return [...refused, ...this.waiting];
  }

  // Called on every change: into the journal at once, to the server after a pause in typing.
  change(item, answer) {
    const now = performance.now();
    let draft = this.drafts.get(item);
    if (!draft) {
      const entry = { attempt: this.device.attempt, order: ++this.order, item, base: this.seq, receipt: null };
      draft = { entry, latest: now + LONGEST };
      this.drafts.set(item, draft);
    }
    Object.assign(draft.entry, { answer, created_at: new Date(this.device.now()).toISOString(), ...this.device.witness() });
    draft.write ??= setTimeout(() => { draft.write = null; this.#keep(draft.entry); }, WRITE);
    clearTimeout(draft.send);
    draft.send = setTimeout(() => this.#put(item), Math.max(0, Math.min(PAUSE, draft.latest - now)));
    this.tell();
  }

  // Do not wait for the pause: on blur, when the page is hidden, before submitting.
  async flush() {
    await Promise.all([...this.drafts.keys()].map((item) => this.#put(item)));
  }

  // Everything is saved. Rejects with Offline when it cannot be now.
  async settled() {
    await this.flush();
    while (this.waiting.length || this.sending) {
      if (this.stopped) throw new Offline("not connected");
      await this.#send();
      if (this.tries > 0 || this.held) throw new Offline("not connected");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  hold(held) {
    this.held = held;
    if (!held) this.#soon(0);
  }

  stop() {
    this.stopped = true;
    this.flush(); // into the journal
    this.tell();
  }

  async #put(item) {
    const draft = this.drafts.get(item);
    if (!draft) return;
    clearTimeout(draft.write);
    clearTimeout(draft.send);
    this.drafts.delete(item);
    this.waiting.push(draft.entry);
    // The journal first: from here on a crash of the page loses nothing.
    await this.#keep(draft.entry);
    this.tell();
    await this.#send();
  }

  async #keep(entry) {
    try {
      await keepAnswer(entry);
      this.dispatchEvent(new CustomEvent("journal", { detail: true }));
    } catch {
      this.dispatchEvent(new CustomEvent("journal", { detail: false })); // memory still holds it
    }
  }

  #soon(wait) {
    clearTimeout(this.again);
    this.again = setTimeout(() => this.#send(), wait);
  }

  async #send() {
    if (this.sending || this.stopped || this.closed || this.held) return;
    this.sending = true;
    try {
      while (this.waiting.length && !this.stopped) {
        await this.#sendOne(this.waiting[0]);
        this.waiting.shift();
        this.tries = 0;
        this.since = null;
        this.tell();
      }
    } catch (error) {
      await this.#failed(error);
    } finally {
      this.sending = false;
      this.tell();
    }
  }

  async #sendOne(entry) {
    // The number is chosen once and written down: a repeated send is then recognised, and answered with the same receipt.
    if (!entry.seq) {
      entry.seq = this.seq + 1;
      await this.#keep(entry);
    }
    const { seq, item, answer, created_at, mark, since } = entry;
    const proof = mark && this.device.now() > this.ends - NEAR ? { mark, since } : {};
    const path = `/api/attempts/${this.device.attempt}/responses`;
    const next = seq === this.seq + 1;
    const body = { seq, item, answer, created_at, ...proof, ...(next && this.head ? { previous: this.head } : {}) };
    const receipt = await this.device.request("POST", path, body, { keepalive: document.hidden || this.leaving });
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
    await this.#keep(entry);
    if (seq >= this.seq) {
      this.seq = seq;
      this.head = await link(receipt);
    }
    this.dispatchEvent(new CustomEvent("saved", { detail: { item, at: receipt.received_at } }));
  }

  // Where the chain is. What another device saved meanwhile stays, and ours goes beside it: see merge.js.
  async #merge(paper) {
    this.seq = paper.seq;
    this.head = paper.head;
    const jkt = await this.device.thumbprint();
    const apart = this.waiting.filter((entry) => conflicts(entry, paper.answers[entry.item], jkt));
    this.waiting = this.waiting.filter((entry) => !apart.includes(entry));
    this.tell();
    await this.#aside(apart).catch(() => { this.waiting.unshift(...apart); throw new Offline("not connected"); });
  }

  // This device's word no longer counts by itself: keep what it still holds beside the chain, for the candidate to choose.
  async setAside() {
    await this.flush();
    await this.#aside([...this.waiting]);
    this.tell();
  }

  async #aside(entries) {
    for (const entry of entries) {
      const { order, item, answer, created_at, base } = entry;
      const body = { place: order, item, answer, created_at, base: base ?? 0 };
      await this.device.request("POST", `/api/attempts/${this.device.attempt}/aside`, body, { bare: true });
      entry.aside = true;
      this.apart += 1;
      await this.#keep(entry);
      this.waiting = this.waiting.filter((each) => each !== entry);
    }
  }

  async #failed(error) {
    if (error instanceof Refused && error.code === "paused") {
      this.hold(true);
      return;
    }
    if (error instanceof Offline || (error instanceof Refused && [408, 429, 500, 503].includes(error.status))) {
      const wait = RETRY[Math.min(this.tries, RETRY.length - 1)];
      this.tries += 1;
      this.since ??= new Date();
      this.#soon(wait);
      return;
    }
    if (error instanceof Refused && ["sequence-gap", "sequence-conflict"].includes(error.code)) {
      // Somebody saved meanwhile: number what waits anew, behind what is there. Nothing is dropped.
      for (const entry of this.waiting) delete entry.seq;
      const path = `/api/attempts/${this.device.attempt}/paper`;
      const merged = await this.device.request("GET", path).then((paper) => this.#merge(paper)).then(() => true, () => false);
      this.#soon(merged ? 0 : RETRY[0]);
      return;
    }
    if (error instanceof Refused && ["unknown-item", "invalid"].includes(error.code)) {
      // Never sent again; the journal says why, so that a later page does not take it for the newest word.
      const entry = this.waiting.shift();
      entry.refused = error.message;
      await this.#keep(entry);
      this.dispatchEvent(new CustomEvent("refused", { detail: entry }));
      this.#soon(0);
      return;
    }
    if (error instanceof Refused && error.problem.aside) {
      // It came too late for the chain, and the server keeps it beside it.
      const entry = this.waiting.shift();
      entry.aside = true;
      this.apart += 1;
      await this.#keep(entry);
    }
    this.stopped = true;
    this.dispatchEvent(new CustomEvent("stopped", { detail: error }));
  }

  get state() {
    if (this.stopped) return "stopped";
    if (this.tries > 0 || !navigator.onLine) return "offline";
    if (this.waiting.length || this.sending) return "saving";
    return this.drafts.size ? "typing" : "saved";
  }

  // What is not proven to be kept, oldest first.
  get unsent() {
    return [...this.waiting, ...[...this.drafts.values()].map((draft) => draft.entry)];
  }

  // Say where everything stands.
  tell() {
    if (!navigator.onLine) this.since ??= new Date();
    const detail = { state: this.state, waiting: countItems(this.unsent), since: this.since, aside: this.apart };
    this.dispatchEvent(new CustomEvent("state", { detail }));
  }
}
