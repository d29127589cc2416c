// The last resort: what could not be sent, in a file that only the institution can read and only this device can write.
// Format: credentials/attempt/recovery.py.

import { jcs, sha256, toB64u } from "./encoding.js";

const FORMAT = "invigil-recovery/1";
const EC = { name: "ECDH", namedCurve: "P-256" };
const bytes = (text) => new TextEncoder().encode(text);

// `entries`: the journal's, without a receipt. `to`: the institution's public key.
export async function sealFile(device, entries, to) {
  const inside = {
    answers: entries.map(({ order, item, answer, created_at, base }) => ({ place: order, item, answer, created_at, base: base ?? 0 })),
    ...device.contact(),
  };
  const pair = await crypto.subtle.generateKey(EC, false, ["deriveBits"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const head = { format: FORMAT, attempt: device.attempt, device: device.jwk, ephemeral: { crv, kty, x, y } };
  const secret = await agree(pair.privateKey, to, `${FORMAT}\n${device.attempt}\n${await device.thumbprint()}`);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bytes(jcs(head)) }, secret, bytes(jcs(inside)));
  const signed = { ...head, sealed: toB64u(new Uint8Array([...iv, ...new Uint8Array(sealed)])) };
  return JSON.stringify({ ...signed, signature: await device.sign(jcs(signed)) });
}

async function agree(mine, to, info) {
  const theirs = await crypto.subtle.importKey("jwk", to, EC, false, []);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, mine, 256);
  const base = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: bytes(info) };
  return crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
}

// Hand the file to the browser's downloads.
export async function download(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return sha256(text);
}
