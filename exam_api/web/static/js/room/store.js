// What this browser keeps for one attempt: the device's key, and every answer with its receipt, until the seal.

const NAME = "invigil";
const VERSION = 1;
let opening = null;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("keys");
      request.result.createObjectStore("answers", { keyPath: ["attempt", "order"] });
      request.result.createObjectStore("notes");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

async function run(store, mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    // "strict" asks the browser to write to disk before it says done: a crash then loses nothing that we showed as kept.
    const transaction = database.transaction(store, mode, { durability: "strict" });
    const request = work(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

export const readKey = (attempt) => run("keys", "readonly", (store) => store.get(attempt));
export const keepKey = (attempt, pair) => run("keys", "readwrite", (store) => store.put(pair, attempt));
export const readNote = (name) => run("notes", "readonly", (store) => store.get(name));
export const keepNote = (name, value) => run("notes", "readwrite", (store) => store.put(value, name));
export const keepAnswer = (entry) => run("answers", "readwrite", (store) => store.put(entry));

export function readAnswers(attempt) {
  const range = IDBKeyRange.bound([attempt, 0], [attempt, Number.MAX_SAFE_INTEGER]);
  return run("answers", "readonly", (store) => store.getAll(range));
}
