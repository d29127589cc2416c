// The page believes a save only when it has verified the server's signed receipt for it.

import { digest, fromB64u, jcs } from "./encoding.js";

export class BadReceipt extends Error {}

export async function importReceiptKey(jwk) {
  return crypto.subtle.importKey("jwk", jwk, { name: "Ed25519" }, false, ["verify"]);
}

// What the next receipt must name as `previous`.
export const link = (receipt) => digest(receipt);
export const answerHash = (answer) => digest(answer);

// `wanted`: attempt, seq, item, answer_hash, jkt, and previous where this device knows it.
export async function verify(receipt, wanted, key) {
  for (const [name, value] of Object.entries(wanted)) {
    if (value !== null && receipt[name] !== value) throw new BadReceipt(`the receipt says another ${name}`);
  }
  const { signature, ...body } = receipt;
  const bytes = new TextEncoder().encode(jcs(body));
  if (!(await crypto.subtle.verify({ name: "Ed25519" }, key, fromB64u(signature), bytes))) {
    throw new BadReceipt("the receipt's signature does not hold");
  }
  return receipt;
}
