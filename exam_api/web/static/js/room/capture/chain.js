// The chain of evidence: each piece says which piece came before it, and the device's key signs that. Who leaves one out,
// changes one or puts one in breaks every link after it.

import { digest, jcs, sha256, toB64u } from "../encoding.js";

// What the first piece of an attempt names as the one before it.
export async function firstLink(attempt) {
  return toB64u(await sha256(attempt));
}

// The header of one piece after `previous`, and the link that the next piece will name. `sign(text)` resolves to the
// base64url of an ES256 signature by the device's key.
export async function link({ n, kind, taken_at, digest: body, challenge, seen, nonce }, previous, sign) {
  const more = { ...(challenge ? { challenge } : {}), ...(seen ? { seen } : {}), ...(nonce ? { nonce } : {}) };
  const said = { n, kind, taken_at, digest: body, previous, ...more };
  return { header: { ...said, signature: await sign(jcs(said)) }, head: await digest(said) };
}

// One message: four bytes with the header's length (big-endian), the header as JSON, the body.
export function pack(header, body) {
  const words = new TextEncoder().encode(JSON.stringify(header));
  const message = new Uint8Array(4 + words.length + body.byteLength);
  new DataView(message.buffer).setUint32(0, words.length);
  message.set(words, 4);
  message.set(new Uint8Array(body), 4 + words.length);
  return message.buffer;
}
