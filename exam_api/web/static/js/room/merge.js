// What to do with answers that this device still holds when somebody else has saved meanwhile.

import { jcs } from "./encoding.js";

// `entry.base`: the last number of the chain that this device knew when it was written. `held`: the newest saved answer
// to the same question. Whatever another device saved after that was written without knowing of ours, and ours without
// knowing of it: neither may win by itself.
export function conflicts(entry, held, jkt) {
  if (!held || held.jkt === jkt || held.seq <= (entry.base ?? 0)) return false;
  return !same(held.answer, entry.answer);
}

// Whether an entry of the journal still has to go out.
export function open(entry) {
  return !entry.receipt && !entry.aside && !entry.refused;
}

// The refused entries that are still their question's newest word: nothing came after them, here or from another device.
// Only these may stand in a field again. `answers`: the newest saved one per question; `jkt`: this device.
export function standing(journal, answers, jkt) {
  const newest = new Map(journal.map((entry) => [entry.item, entry])); // the journal is in order
  return [...newest.values()].filter((entry) => entry.refused && !conflicts(entry, answers[entry.item], jkt));
}

export function same(one, two) {
  return jcs(one) === jcs(two); // the server gives names back in an order of its own
}

// How many questions have an answer that is not proven to be kept.
export function countItems(...lists) {
  return new Set(lists.flat().map((entry) => entry.item)).size;
}
