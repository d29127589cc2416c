// Looking at pictures on this computer, as the capture's thread uses it: one picture at a time, and a word when it fails.

const PATIENCE = { open: 60_000, look: 8_000 }; // ms; opening fetches thirteen megabytes the first time

export class Eye {
  // `where`: addresses of the model, the library's loader and its program. Rejects where this browser cannot.
  static async open(where) {
    const eye = new Eye(new Worker(new URL("./worker.js", import.meta.url), { type: "module" }));
    try {
      await eye.#ask("open", where);
    } catch (error) {
      eye.close();
      throw error;
    }
    return eye;
  }

  constructor(worker) {
    this.worker = worker;
    this.waiting = new Map();
    this.last = 0;
    worker.onmessage = ({ data: { id, answer, error, bitmap } }) => {
      const { resolve, reject } = this.waiting.get(id) ?? {};
      this.waiting.delete(id);
      if (error) reject?.(new Error(error));
      else resolve?.({ ...answer, bitmap });
    };
    worker.onerror = (event) => this.#fail(event.message || "the thread ended");
  }

  get busy() {
    return this.waiting.size > 0;
  }

  // The picture comes back with what was seen, so that it can still be sent.
  look(bitmap) {
    return this.#ask("look", { bitmap }, [bitmap]);
  }

  #ask(name, detail, transfer = []) {
    const id = ++this.last;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail("no answer"), PATIENCE[name]);
      const done = (how) => (what) => { clearTimeout(timer); how(what); };
      this.waiting.set(id, { resolve: done(resolve), reject: done(reject) });
      this.worker.postMessage({ id, name, detail }, transfer);
    });
  }

  #fail(why) {
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of waiting) reject(new Error(why));
  }

  close() {
    this.#fail("closed");
    this.worker.terminate();
  }
}

// The addresses that a page was given, or null where its exam's pictures are looked at by the server.
export function eyeOf({ eyeModel: model, eyeLoader: loader, eyeWasm: wasm }) {
  return model ? { model, loader, wasm } : null;
}
