// Checks a certificate's bundle in a browser, alone: what `python -m credentials verify` checks, by the same standards.
// Needs: the global `jsonld` (JSON-LD and RDF canonicalization), WebCrypto with Ed25519, and the pinned contexts.

const FORMAT = "invigil-certificate/1";
const SUITE = "eddsa-rdfc-2022";
const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const utf8 = new TextEncoder();

class NotProven extends Error {}

function base58(text) {
  let number = 0n;
  for (const letter of text) {
    const digit = BASE58.indexOf(letter);
    if (digit < 0) throw new NotProven("a key or signature is not in base58");
    number = number * 58n + BigInt(digit);
  }
  const bytes = [];
  for (; number > 0n; number >>= 8n) bytes.unshift(Number(number & 255n));
  const zeros = text.length - text.replace(/^1+/, "").length;
  return new Uint8Array([...new Array(zeros).fill(0), ...bytes]);
}

function base64(text) {
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  } catch {
    throw new NotProven("a part of the file is not in base64");
  }
}

const join = (...parts) => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const same = (one, two) => one.length === two.length && one.every((byte, at) => byte === two[at]);

// RFC 8785 for what a certificate holds: texts, whole numbers, true, false, null.
export function jcs(value) {
  if (Array.isArray(value)) return `[${value.map(jcs).join(",")}]`;
  if (value !== null && typeof value === "object") {
    return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${jcs(value[name])}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

async function holds(key, signature, bytes) {
  let imported;
  try {
    imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    throw new Error("unsupported");
  }
  return crypto.subtle.verify({ name: "Ed25519" }, imported, signature, bytes);
}

// z6Mk…: two bytes that say Ed25519, then the key.
function multikey(text) {
  const bytes = typeof text === "string" && text.startsWith("z") ? base58(text.slice(1)) : new Uint8Array();
  if (bytes.length !== 34 || bytes[0] !== 0xed || bytes[1] !== 0x01) throw new NotProven("a key in the file is not an Ed25519 key");
  return bytes.slice(2);
}

export async function canonical(document, contexts) {
  const documentLoader = async (url) => {
    if (!Object.hasOwn(contexts, url)) throw new NotProven(`the vocabulary ${url} is not one that this page knows`);
    return { contextUrl: null, documentUrl: url, document: contexts[url] };
  };
  try {
    return await globalThis.jsonld.canonize(document, {
      algorithm: "RDFC-1.0", format: "application/n-quads", safe: true, base: null, documentLoader,
    });
  } catch (error) {
    throw error instanceof NotProven ? error : new NotProven("a word in it has no meaning that a signature could cover");
  }
}

// RDF, which is signed, is the same where the full address of a word, a word of the document's own, or a list in a list says
// something; whoever looks for `validUntil` under its own name would not find it there.
function plain(value, top = true) {
  if (Array.isArray(value)) {
    if (value.some(Array.isArray)) throw new NotProven("a list stands inside a list");
    value.forEach((each) => plain(each, false));
  } else if (value !== null && typeof value === "object") {
    for (const [name, inner] of Object.entries(value)) {
      const contexts = top && name === "@context" && Array.isArray(inner) && inner.every((url) => typeof url === "string");
      if (!contexts && (name.startsWith("@") || name.includes(":"))) throw new NotProven(`it says ${name}, which is not a plain word`);
      plain(inner, false);
    }
  }
}

// One `eddsa-rdfc-2022` proof by a key that the issuer's document lets sign (Data Integrity EdDSA Cryptosuites 1.0, 3.2).
async function proven(document, issuer, identity, contexts) {
  const { proof, ...content } = document;
  const fields = ["type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue"];
  if (!proof || Array.isArray(proof) || Object.keys(proof).sort().join() !== [...fields].sort().join()) {
    throw new NotProven("it must carry exactly one proof");
  }
  const { proofValue, ...options } = proof;
  if (options.type !== "DataIntegrityProof" || options.cryptosuite !== SUITE || options.proofPurpose !== "assertionMethod") {
    throw new NotProven(`its proof is not an assertion by ${SUITE}`);
  }
  const method = options.verificationMethod;
  if (!method.startsWith(`${issuer}#`) || identity?.id !== issuer || !(identity.assertionMethod ?? []).includes(method)) {
    throw new NotProven("it was signed with a key that its issuer does not name");
  }
  const named = (identity.verificationMethod ?? []).find(({ id }) => id === method);
  const key = multikey(named?.publicKeyMultibase);
  plain(content);
  const said = await canonical({ ...options, "@context": document["@context"] }, contexts);
  const meant = await canonical(content, contexts);
  const bytes = join(await sha256(utf8.encode(said)), await sha256(utf8.encode(meant)));
  const signature = proofValue.startsWith("z") ? base58(proofValue.slice(1)) : new Uint8Array();
  if (!(await holds(key, signature, bytes))) throw new NotProven("it was changed after it was signed, or somebody else signed it");
  return named.publicKeyMultibase;
}

// RFC 9162 section 2.1.3.2.
async function root(leaf, index, size, path) {
  let at = BigInt(index);
  let last = BigInt(size) - 1n;
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0n) throw new NotProven("its path in the log is too long");
    if ((at & 1n) === 1n || at === last) {
      hash = await sha256(join(Uint8Array.of(1), sibling, hash));
      while ((at & 1n) === 0n && at !== 0n) {
        at >>= 1n;
        last >>= 1n;
      }
    } else {
      hash = await sha256(join(Uint8Array.of(1), hash, sibling));
    }
    at >>= 1n;
    last >>= 1n;
  }
  if (last !== 0n) throw new NotProven("its path in the log is too short");
  return hash;
}

// A C2SP tlog-proof under a checkpoint that a key of the issuer's document signed.
async function logged(credential, part, identity) {
  const leading = /^c2sp\.org\/tlog-proof@v1\n(?:extra [^\n]*\n)?index (0|[1-9][0-9]{0,15})\n((?:[A-Za-z0-9+/]{43}=\n)*)\n/.exec(part.proof);
  if (!leading) throw new NotProven("its proof from the log cannot be read");
  const note = part.proof.slice(leading[0].length);
  const gap = note.indexOf("\n\n");
  const text = note.slice(0, gap + 1);
  const [origin, size, hash] = text.split("\n");
  if (gap < 0 || !/^[1-9][0-9]{0,15}$/.test(size) || Number(leading[1]) >= Number(size)) throw new NotProven("its proof from the log cannot be read");
  let signed = false;
  for (const line of note.slice(gap + 2).split("\n").filter(Boolean)) {
    const parts = /^— (\S+) (\S+)$/.exec(line);
    if (!parts || parts[1] !== origin) continue;
    const bytes = base64(parts[2]);
    for (const { publicKeyMultibase } of identity?.verificationMethod ?? []) {
      const key = multikey(publicKeyMultibase);
      const id = (await sha256(join(utf8.encode(`${origin}\n`), Uint8Array.of(1), key))).slice(0, 4);
      if (same(id, bytes.slice(0, 4)) && (await holds(key, bytes.slice(4), utf8.encode(text)))) signed = true;
    }
  }
  if (!signed) throw new NotProven("the log's head is not signed by a key that the file names");
  const salt = base64(part.salt);
  if (salt.length < 16) throw new NotProven("its salt is too short");
  const entry = join(utf8.encode("certificate"), await sha256(join(salt, utf8.encode(jcs(credential)))));
  const leaf = await sha256(join(Uint8Array.of(0), entry));
  const path = leading[2].split("\n").filter(Boolean).map(base64);
  if (!same(await root(leaf, leading[1], size, path), base64(hash))) throw new NotProven("these very words do not stand in the log");
  return { origin, index: Number(leading[1]), size: Number(size) };
}

// An anchor names a head of the log that holds these very words. Whether the place outside has it, no page can see without asking:
// it says what the anchor is of, and no more.
async function named({ credential, log, issuer }, { proof, anchor }, index) {
  const head = await logged(credential, { salt: log.salt, proof }, issuer);
  if (head.index !== index) throw new NotProven("the anchored head has these words at another place");
  const note = proof.slice(proof.indexOf("\n\n") + 2);
  const digest = await sha256(utf8.encode(note.slice(0, note.indexOf("\n\n") + 1)));
  const holds = [anchor.token, anchor.proof, ...(anchor.path ?? [])].filter(Boolean).map(base64)
    .some((bytes) => bytes.some((_, at) => same(bytes.slice(at, at + 32), digest)));
  if (!holds) throw new NotProven("the anchor is of another head");
  return { kind: String(anchor.kind), size: head.size };
}

async function unpack(text) {
  const stream = new Blob([base64(String(text).replace(/^u/, ""))]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// What the list of reasons beside the status list says. It counts only where the signed list names it by hash; where it is
// named and not in the file, nobody knows whether the certificate is suspended.
async function reason(list, beside, index) {
  const url = `${list.id}/reasons`;
  const named = (list.relatedResource ?? []).find(({ id }) => id === url)?.digestSRI;
  if (!beside) return { hidden: named !== undefined };
  const hash = await sha256(utf8.encode(jcs(beside)));
  if (named !== `sha256-${btoa(String.fromCharCode(...hash))}` || beside.list !== list.id) {
    throw new NotProven("the list of reasons in the file is another one");
  }
  const halves = await unpack(beside.encodedList);
  const number = (halves[index >> 1] >> (index % 2 ? 0 : 4)) & 15;
  return { code: number ? String(beside.codes[number] ?? number) : null, suspended: number >= 8 };
}

async function standing(credential, list, beside, issuer, identity, contexts) {
  const entry = [credential.credentialStatus].flat()[0];
  const subject = list.credentialSubject;
  if (list.issuer !== issuer || list.id !== entry?.statusListCredential || subject?.statusPurpose !== "revocation") {
    throw new NotProven("the status list in the file is another one");
  }
  await proven(list, issuer, identity, contexts);
  const bits = await unpack(subject.encodedList);
  const index = Number(entry.statusListIndex);
  if (!(index >= 0 && index < bits.length * 8)) throw new NotProven("the status list has no such entry");
  const { code, suspended, hidden } = await reason(list, beside, index);
  if ((bits[index >> 3] >> (7 - (index & 7))) & 1) return { state: "revoked", code: suspended ? null : code };
  if (suspended) return { state: "suspended", code };
  return { state: hidden ? "unknown" : "not_revoked" };
}

const fact = async (work) => {
  try {
    return { outcome: "holds", ...(await work()) };
  } catch (error) {
    if (error.message === "unsupported") return { outcome: "unsupported" };
    if (error instanceof NotProven || error instanceof TypeError) return { outcome: "fails", reason: error.message };
    throw error;
  }
};

// What the file proves at the moment `at`: four facts, apart, and what its anchors name. `text` is the bundle or a bare credential as JSON.
export async function check(text, at, contexts) {
  const file = JSON.parse(text);
  const bare = !("format" in file) && "@context" in file;
  if (!bare && file.format !== FORMAT) throw new Error("not a certificate");
  const { credential, log, status, reasons, issuer: identity } = bare ? { credential: file } : file;
  const issuer = credential?.issuer?.id;
  const signature = await fact(async () => {
    if (bare) throw new NotProven("the file carries no keys; take the bundle");
    return { key: await proven(credential, issuer, identity, contexts) };
  });
  const inLog = log ? await fact(() => logged(credential, log, identity)) : { outcome: "absent" };
  const state = status && signature.outcome === "holds"
    ? await fact(async () => ({ ...await standing(credential, status, reasons, issuer, identity, contexts), asOf: status.validFrom }))
    : { outcome: "absent" };
  const anchors = Array.isArray(file.anchors) && inLog.outcome === "holds"
    ? await Promise.all(file.anchors.slice(0, 16).map((each) => fact(() => named(file, each, inLog.index))))
    : [];
  const from = Date.parse(credential?.validFrom), until = credential?.validUntil ? Date.parse(credential.validUntil) : null;
  const dates = !(at >= from) ? "not yet" : until !== null && !(at < until) ? "expired" : "valid"; // what is no date is never valid
  return { verdict: verdict(signature, inLog, state, dates), signature, log: inLog, status: state, dates, anchors, credential };
}

function verdict(signature, log, state, dates) {
  if (signature.outcome === "unsupported") return "unsupported";
  if (signature.outcome !== "holds" || log.outcome === "fails") return "not proven";
  if (state.state === "revoked" || state.state === "suspended") return state.state;
  return dates === "valid" ? "proven" : dates === "expired" ? "expired" : "not proven";
}
