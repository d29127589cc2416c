// Asks @sd-jwt/sd-jwt-vc about each presentation on standard input, with the issuer's and the holder's public keys from there too.
import { readFileSync } from "node:fs";

globalThis.fetch = () => { throw new Error("the network was asked"); };
const { SDJwtVcInstance } = await import("@sd-jwt/sd-jwt-vc");
const { digest, ES256, generateSalt } = await import("@sd-jwt/crypto-nodejs");

const { issuer, holder, list, asked } = JSON.parse(readFileSync(0, "utf8"));
const instance = new SDJwtVcInstance({
  hasher: digest,
  hashAlg: "sha-256",
  saltGenerator: generateSalt,
  verifier: await ES256.getVerifier(issuer),
  kbVerifier: await ES256.getVerifier(holder),
  statusListFetcher: async () => list,
});
const found = [];
for (const { presentation, nonce } of asked) {
  try {
    const { payload } = await instance.verify(presentation, nonce ? { keyBindingNonce: nonce } : {});
    found.push({ payload, error: null });
  } catch (error) {
    found.push({ payload: null, error: String(error.message ?? error) });
  }
}
process.stdout.write(JSON.stringify(found));
process.exit(0);
