// Asks @digitalcredentials/verifier-core, which VerifierPlus is built on, about each document on standard input.
// The network is what the input holds; what else is asked for is written down and refused.
import { readFileSync } from "node:fs";

const { documents, asked } = JSON.parse(readFileSync(0, "utf8"));
console.log = console.error; // what it prints would stand in our answer
const missed = new Set();
globalThis.fetch = async (address) => {
  const url = String(address?.url ?? address);
  if (!(url in documents)) {
    missed.add(url);
    return new Response("", { status: 404 });
  }
  return new Response(JSON.stringify(documents[url]), { status: 200, headers: { "Content-Type": "application/json" } });
};
const { verifyCredential } = await import("@digitalcredentials/verifier-core");
const found = [];
for (const credential of asked) {
  const said = await verifyCredential({ credential, knownDIDRegistries: [] });
  found.push({ log: Object.fromEntries((said.log ?? []).map(({ id, valid, error }) => [id, valid ?? error?.name ?? null])), errors: (said.errors ?? []).map(({ name, message }) => `${name}: ${message}`) });
}
process.stdout.write(JSON.stringify({ found, missed: [...missed] }));
process.exit(0);
