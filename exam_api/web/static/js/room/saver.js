// Answers go out in order, one at a time, and stay in this browser's journal until a verified receipt says they are kept.

import { handOver, putAside } from "./beside.js";
import { Offline } from "./device.js";
import { conflicts, countItems, open, standing } from "./merge.js";
import { answerHash, link, verify } from "./receipts.js";
import { verdict } from "./refusals.js";
import { keepAnswer, readAnswers } from "./store.js";

const WRITE = 200; // ms from a key press to the journal: what a crash can lose
const PAUSE = 800; // ms after the last key press: with the round trip, an answer is saved within a second
const LONGEST = 4000; // ms after which also somebody who never pauses is saved
const RETRY = [1000, 2000, 4000, 8000, 10000]; // ms between tries without a network
const NEAR = 5000; // ms before the end from which an answer may arrive after it
const BREAK = 10000; // ms between looks whether a break that refused an answer is over

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
    this.due = Infinity; // when the time is over; what may arrive later brings the server's signed time along
    device.addEventListener("back", () => this.#soon(0));
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
    return [...refused, ...this.waiting.filter((entry) => !entry.beside)];
  }

  hear({ late_from, ends_at }) {
    this.due = Date.parse(late_from ?? ends_at);
  }

  // Called on every change: into the journal at once, to the server after a pause in typing.
  // A file takes its time to come: its answer was given when it was chosen.
  change(item, answer, { chosen, mark } = { chosen: this.device.now(), mark: this.device.mark }) {
    const now = performance.now();
    let draft = this.drafts.get(item);
    if (!draft) {
      const entry = { attempt: this.device.attempt, order: ++this.order, item, base: this.seq, receipt: null };
      draft = { entry, latest: now + LONGEST };
      this.drafts.set(item, draft);
    }
    Object.assign(draft.entry, { answer, created_at: new Date(chosen).toISOString(), mark });
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
        const [entry] = this.waiting;
        await (entry.beside ? this.#besideOne(entry) : this.#sendOne(entry));
        this.#drop(entry);
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
    const { seq, item, answer, created_at } = entry;
    const proof = entry.mark && this.device.now() > this.due - NEAR ? { mark: entry.mark } : {};
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
    this.dispatchEvent(new CustomEvent("saved", { detail: { item, answer, at: receipt.received_at } }));
  }

  // Where the chain is. What another device saved meanwhile stays, and ours goes beside it: see merge.js.
  async #merge(paper) {
    this.seq = paper.seq;
    this.head = paper.head;
    const jkt = await this.device.thumbprint();
    for (const entry of this.waiting.filter((each) => conflicts(each, paper.answers[each.item], jkt))) {
      entry.beside = true;
      await this.#keep(entry);
    }
  }

  async #besideOne(entry) {
    await putAside(this.device, entry);
    this.apart += 1;
    this.dispatchEvent(new Event("aside"));
  }

  #drop(entry) {
    this.waiting = this.waiting.filter((each) => each !== entry);
  }

  // This device's word no longer counts by itself: keep what it still holds beside the chain, for the candidate to choose.
  async setAside() {
    await this.flush();
    await handOver(this.device, [...this.waiting], (entry) => {
      this.#drop(entry);
      if (entry.aside) this.apart += 1;
      this.tell();
    });
  }

  async #failed(error) {
    const what = verdict(error);
    if (what === "again") {
      const wait = RETRY[Math.min(this.tries, RETRY.length - 1)];
      this.tries += 1;
      this.since ??= new Date();
      this.#soon(wait);
    } else if (what === "wait") {
      this.hold(true);
      this.again = setTimeout(() => this.hold(false), BREAK); // should nobody tell us that it is over
    } else if (what === "renumber") {
      // Somebody saved meanwhile: number what waits anew, behind what is there. Nothing is dropped.
      for (const entry of this.waiting) delete entry.seq;
      const path = `/api/attempts/${this.device.attempt}/paper`;
      const merged = await this.device.request("GET", path).then((paper) => this.#merge(paper)).then(() => true, () => false);
      this.#soon(merged ? 0 : RETRY[0]);
    } else if (what === "beside") {
      const [entry] = this.waiting;
      entry.beside = true;
      await this.#keep(entry);
      this.#soon(0);
    } else if (what === "refuse") {
      // Never sent again; the journal says why, so that a later page does not take it for the newest word.
      const [entry] = this.waiting;
      this.#drop(entry);
      entry.refused = error.message;
      await this.#keep(entry);
      this.dispatchEvent(new CustomEvent("refused", { detail: entry }));
      this.#soon(0);
    } else {
      this.stopped = true;
      this.dispatchEvent(new CustomEvent("stopped", { detail: error }));
    }
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
