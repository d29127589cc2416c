// What a page does after a request that did not do what it was for. `loadtests/faults/writer.py` keeps the same rules, and
// tests/web/test_refusals.py holds the two together.

import { Offline, Refused } from "./device.js";

const BUSY = [408, 429]; // and everything from 500 on
// The network delivered this request twice, or too late for the nonce in it: the next one is new.
const DELIVERED_BADLY = ["nonce-needed", "proof-replayed"];
// Somebody saved meanwhile, or we do not know how far we came.
const ELSEWHERE = ["sequence-gap", "sequence-conflict"];
// This one answer will never be kept, whenever it comes.
const NEVER = ["unknown-item", "invalid", "too-large", "attachment-unfinished"];
// Its part of the exam closed while it was on its way: it is kept beside the chain, for people to look at.
const CLOSED = ["section-closed"];

// Nothing is known of this request, or nothing is wrong with it: the same again, later, may do.
export function passing(error) {
  if (error instanceof Offline) return true;
  if (!(error instanceof Refused)) return false;
  return BUSY.includes(error.status) || error.status >= 500 || DELIVERED_BADLY.includes(error.code);
}

// For an answer: "again" later, "wait" for the end of a break, "renumber" it behind what is there, keep it "beside"
// the chain, "refuse" it with the reason at its question, or "stop", because only a person can go on from here.
export function verdict(error) {
  if (passing(error)) return "again";
  if (!(error instanceof Refused)) return "stop";
  if (error.code === "paused") return "wait";
  if (ELSEWHERE.includes(error.code)) return "renumber";
  if (CLOSED.includes(error.code)) return "beside";
  return NEVER.includes(error.code) ? "refuse" : "stop";
}
