// Asks @digitalbazaar/vc about each document on standard input, with contexts and identities from the same input and no network.
import { readFileSync } from "node:fs";

globalThis.fetch = () => { throw new Error("the network was asked"); };
const vc = await import("@digitalbazaar/vc");
const { DataIntegrityProof } = await import("@digitalbazaar/data-integrity");
const { cryptosuite } = await import("@digitalbazaar/eddsa-rdfc-2022-cryptosuite");
const { checkStatus } = await import("@digitalbazaar/vc-bitstring-status-list");

const { contexts, documents, asked } = JSON.parse(readFileSync(0, "utf8"));
async function documentLoader(url) {
  const document = contexts[url] ?? documents[url];
  if (!document) throw new Error(`not among the known documents: ${url}`);
  return { contextUrl: null, documentUrl: url, document };
}
const suite = new DataIntegrityProof({ cryptosuite });
const found = [];
for (const { credential, at } of asked) {
  const said = await vc.verifyCredential({ credential, suite, documentLoader, now: new Date(at),
    checkStatus: (options) => checkStatus({ ...options, suite, verifyBitstringStatusListCredential: true, verifyMatchingIssuers: true }) });
  found.push({ verified: said.verified, status: said.statusResult?.results?.map((each) => each.status) ?? null,
    error: said.error ? [said.error.message, ...(said.error.errors ?? []).map((each) => each.message)].join("; ") : null });
}
process.stdout.write(JSON.stringify(found));
