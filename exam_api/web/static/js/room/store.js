// What this browser keeps for one attempt: the device's key, every answer with its receipt until the seal, and files until
// the server has them and an answer names them.

const NAME = "invigil";
const VERSION = 2;
let opening = null;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = ({ oldVersion }) => {
      if (oldVersion < 1) {
        request.result.createObjectStore("keys");
        request.result.createObjectStore("answers", { keyPath: ["attempt", "order"] });
        request.result.createObjectStore("notes");
      }
      request.result.createObjectStore("files", { keyPath: ["attempt", "id"] });
      request.result.createObjectStore("parts", { keyPath: ["attempt", "id", "n"] });
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => { request.result.close(); opening = null; }; // a newer page needs to change it
      resolve(request.result);
    };
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

// Files on their way. A chosen file is one Blob; a recording is parts, each written as it comes.
const below = (...start) => IDBKeyRange.bound(start, [...start, []]); // an array comes after every text and number
export const readFiles = (attempt) => run("files", "readonly", (store) => store.getAll(below(attempt)));
export const keepFile = (file) => run("files", "readwrite", (store) => store.put(file));
export const readParts = (attempt, id) => run("parts", "readonly", (store) => store.getAll(below(attempt, id)));
export const keepPart = (part) => run("parts", "readwrite", (store) => store.put(part));

export async function dropFile(attempt, id) {
  await run("files", "readwrite", (store) => store.delete([attempt, id]));
  await run("parts", "readwrite", (store) => store.delete(below(attempt, id)));
}
