// @digitalbazaar/vc on one core: so many certificates signed, then verified. The same documents, contexts and key as ours.
import { readFileSync } from "node:fs";

const vc = await import("@digitalbazaar/vc");
const { DataIntegrityProof } = await import("@digitalbazaar/data-integrity");
const { cryptosuite } = await import("@digitalbazaar/eddsa-rdfc-2022-cryptosuite");
const Ed25519 = await import("@digitalbazaar/ed25519-multikey");

const { contexts, documents, unsigned, secret, method, controller } = JSON.parse(readFileSync(0, "utf8"));
const documentLoader = async (url) => {
  const document = contexts[url] ?? documents[url];
  if (!document) throw new Error(`not among the known documents: ${url}`);
  return { contextUrl: null, documentUrl: url, document };
};
const publicKeyMultibase = method.split("#")[1];
const key = await Ed25519.from({ "@context": "https://w3id.org/security/multikey/v1", id: method, type: "Multikey", controller, publicKeyMultibase, secretKeyMultibase: secret });
const signing = new DataIntegrityProof({ signer: key.signer(), cryptosuite });
const checking = new DataIntegrityProof({ cryptosuite });
const timed = async (work, all) => {
  for (const each of all.slice(0, 5)) await work(each);
  const began = process.cpuUsage(), clock = performance.now();
  const made = [];
  for (const each of all) made.push(await work(each));
  const used = process.cpuUsage(began);
  return { made, perCpuSecond: all.length / ((used.user + used.system) / 1e6), perSecond: all.length / ((performance.now() - clock) / 1000) };
};
const issued = await timed((credential) => vc.issue({ credential: structuredClone(credential), suite: signing, documentLoader }), unsigned);
const verified = await timed(async (credential) => {
  const said = await vc.verifyCredential({ credential, suite: checking, documentLoader, checkStatus: async () => ({ verified: true }) });
  if (!said.verified) throw said.error;
}, issued.made);
process.stdout.write(JSON.stringify({ issued: issued.perCpuSecond, verified: verified.perCpuSecond }));
process.exit(0);
