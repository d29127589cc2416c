// What to do with answers that this device still holds when somebody else has saved meanwhile.

// `entry.base`: the last number of the chain that this device knew when it was written. `held`: the newest saved answer
// to the same question. Whatever another device saved after that was written without knowing of ours, and ours without
// knowing of it: neither may win by itself.
export function conflicts(entry, held, jkt) {
  if (!held || held.jkt === jkt || held.seq <= (entry.base ?? 0)) return false;
  return !same(held.answer, entry.answer);
}

export function same(one, two) {
  return JSON.stringify(one) === JSON.stringify(two);
}

// How many questions have an answer that is not proven to be kept.
export function countItems(...lists) {
  return new Set(lists.flat().map((entry) => entry.item)).size;
}
