// Pieces (pictures and windows of sound) that the server has not confirmed, kept in this browser's storage so that a lost
// network or a reload loses none. A database of its own: the journal of answers never waits for pictures.

const NAME = "invigil-pieces";
export const LIMITS = { count: 1200, bytes: 24 * 2 ** 20 };
let opening = null;

// What is let go when there is too much: of the older half of the pictures every second one, the oldest first, so that the
// past grows thinner and the present stays whole. Sound goes only when no pictures are left to thin. Answers: who goes.
export function thin(pieces, limits = LIMITS) {
  const gone = new Set();
  let count = pieces.length;
  let bytes = pieces.reduce((sum, { size }) => sum + size, 0);
  const over = () => count > limits.count || bytes > limits.bytes;
  const drop = (piece) => { gone.add(piece); count -= 1; bytes -= piece.size; };
  const halve = (all) => {
    const half = all.slice(0, Math.max(1, Math.floor(all.length / 2)));
    const some = half.filter((_, index) => index % 2 === 1);
    for (const piece of some.length ? some : half) if (over()) drop(piece);
  };
  while (over()) {
    const left = pieces.filter((piece) => !gone.has(piece) && !piece.sent);
    if (left.length < 2) break; // the newest one always stays
    const pictures = left.filter(({ kind, challenge }) => kind === "frame" && !challenge).slice(0, -1);
    halve(pictures.length ? pictures : left.slice(0, -1));
  }
  return [...gone];
}

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("pieces", { keyPath: ["attempt", "order"] });
    request.onsuccess = () => {
      request.result.onversionchange = () => { request.result.close(); opening = null; };
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  return opening;
}

async function run(mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction("pieces", mode);
    const request = work(transaction.objectStore("pieces"));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

const all = (attempt) => IDBKeyRange.bound([attempt], [attempt, []]);
export const read = (attempt) => run("readonly", (store) => store.getAll(all(attempt)));
export const keep = (attempt, pieces) => run("readwrite", (store) => {
  for (const { sent, sentAt, ...piece } of pieces) store.put({ attempt, ...piece });
});
export const drop = (attempt, pieces) => run("readwrite", (store) => {
  for (const { order } of pieces) store.delete([attempt, order]);
});
export const clear = (attempt) => run("readwrite", (store) => store.delete(all(attempt)));
