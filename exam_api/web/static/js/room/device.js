// This device's key for one attempt, and requests that prove it (DPoP, RFC 9449).
// The key is made here and cannot be exported: a stolen token is useless elsewhere. It does not protect against a script
// inside this very page; the content security policy does that.

import { digest, jcs, sha256, toB64u } from "./encoding.js";
import { keepKey, readKey } from "./store.js";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `HTTP ${status}`);
    this.status = status;
    this.code = problem.code || "";
    this.problem = problem;
  }
}

export class Offline extends Error {}

// Event: "back", with the first answer after one that did not come.
export class Device extends EventTarget {
  static async open(attempt) {
    // Without storage the key lives as long as the page; the room says so. After a reload it is another device.
    let pair = await readKey(attempt).catch(() => null);
    if (!pair) {
      pair = await crypto.subtle.generateKey(ALGORITHM, false, ["sign"]);
      await keepKey(attempt, pair).catch(() => undefined);
    }
    const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
    return new Device(attempt, pair.privateKey, { crv, kty, x, y });
  }

  constructor(attempt, key, jwk) {
    super();
    this.attempt = attempt;
    this.key = key;
    this.jwk = jwk;
    this.nonce = null;
    this.token = null;
    this.mark = null; // the server's signed word about its time, at the last token
    this.measured = null; // what the server said its time was, and our two clocks at that moment
    this.#measure(Date.now());
    this.renewing = null;
    this.away = false; // the last request got no answer
  }

  // When the server last spoke with this device, in its own signed words, and what our two clocks have counted since.
  contact() {
    const { wall, steady } = this.measured;
    return {
      mark: this.mark,
      mark_wall: Math.round(wall),
      wall: Date.now(),
      steady: Math.round(performance.now() - steady) / 1000,
    };
  }

  async sign(text) {
    const bytes = new TextEncoder().encode(text);
    return toB64u(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, this.key, bytes));
  }

  thumbprint() {
    return digest(this.jwk); // RFC 7638: the required members in lexical order is exactly their JCS
  }

  // The server's time. Between two looks at it, the larger of two clocks counts: one cannot be set back, the other does
  // not stand still while the computer sleeps.
  now() {
    const { server, wall, steady } = this.measured;
    return server + Math.max(Date.now() - wall, performance.now() - steady);
  }

  #measure(server) {
    this.measured = { server, wall: Date.now(), steady: performance.now() };
  }

  async proof(method, path, token) {
    const header = { typ: "dpop+jwt", alg: "ES256", jwk: this.jwk };
    const claims = {
      jti: toB64u(crypto.getRandomValues(new Uint8Array(16))),
      htm: method,
      htu: location.origin + path.split("?")[0], // without the query (RFC 9449, section 4.2)
      iat: Math.floor(this.now() / 1000),
    };
    if (this.nonce) claims.nonce = this.nonce;
    if (token) claims.ath = toB64u(await sha256(token));
    const encode = (value) => toB64u(new TextEncoder().encode(jcs(value)));
    const signed = `${encode(header)}.${encode(claims)}`;
    return `${signed}.${await this.sign(signed)}`;
  }

  // One request with a proof. A stale nonce or an old token is renewed once, silently.
  async request(method, path, body, { bare = false, again = 2, keepalive = false, as = "json", signal, said = {} } = {}) {
    if (!bare && !this.token) await this.renew();
    const token = bare ? null : this.token;
    const headers = { DPoP: await this.proof(method, path, token), Accept: "application/json" };
    if (token) headers.Authorization = `DPoP ${token}`;
    const raw = body instanceof ArrayBuffer;
    if (body !== undefined) headers["Content-Type"] = raw ? "application/octet-stream" : "application/json";
    const text = body === undefined || raw ? body : JSON.stringify(body);
    let answer;
    try {
      // A browser lets no more than 64 kB outlive the page: what is larger stays in the journal if the page goes.
      const outlive = keepalive && !raw && (text?.length ?? 0) < 20_000;
      answer = await fetch(path, { method, headers: { ...headers, ...said }, keepalive: outlive, signal, body: text });
    } catch (error) {
      if (error.name !== "AbortError") this.away = true;
      throw new Offline(String(error));
    }
    this.#answered(answer);
    this.nonce = answer.headers.get("DPoP-Nonce") || this.nonce;
    this.#learnTime(answer.headers.get("Date"));
    if (answer.ok && as === "stream") return answer; // the caller reads on as long as it comes
    if (answer.ok) {
      // A connection can break in the middle of an answer: then nothing is known, exactly as if none had come.
      return answer.status === 204 ? null : answer[as]().catch((error) => { throw new Offline(String(error)); });
    }
    const problem = await readProblem(answer);
    if (answer.status === 401 && again > 0) {
      if (problem.code === "token-not-valid" && !bare) this.token = null;
      // "Used before": the network delivered this request twice, and the other one has done its work.
      if (["nonce-needed", "token-not-valid", "proof-replayed"].includes(problem.code)) {
        return this.request(method, path, body, { bare, again: again - 1, keepalive, as, signal, said });
      }
    }
    throw new Refused(answer.status, problem);
  }

  text(path) {
    return this.request("GET", path, undefined, { as: "text" });
  }

  async renew() {
    this.renewing ??= this.request("POST", `/api/attempts/${this.attempt}/token`, undefined, { bare: true })
      .then((granted) => {
        this.token = granted.token;
        this.mark = granted.mark;
        this.#measure(Date.parse(granted.now));
      })
      .finally(() => { this.renewing = null; });
    return this.renewing;
  }

  #answered({ status }) {
    const away = status >= 502 && status <= 504; // a gateway speaks for a server that does not
    if (this.away && !away) this.dispatchEvent(new Event("back"));
    this.away = away;
  }

  #learnTime(date) {
    const server = Date.parse(date || "");
    // The Date header has whole seconds: correct only what is clearly wrong, so that proofs are not refused for their time.
    if (server && Math.abs(server - this.now()) > 2000) this.#measure(server);
  }
}

// Why not, in the server's own words. What is cut off or not ours (a gateway, the login page of a network) says nothing
// about the request.
async function readProblem(answer) {
  const problem = await answer.json().catch(() => ({}));
  if (answer.status >= 502 && answer.status <= 504) throw new Offline(problem.title ?? answer.statusText);
  if (problem.code) return problem;
  if (answer.status === 413) return { code: "too-large", title: answer.statusText }; // a gateway's limit is lower than ours
  throw new Offline(`HTTP ${answer.status}, not from our server`);
}
