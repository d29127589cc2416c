// JSON in, JSON out: what the browser's own parse…FromJSON and toJSON do, and the same for browsers without them.
const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const toText = (buffer) =>
  btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const withIds = (list = []) => list.map((each) => ({ ...each, id: toBytes(each.id) }));

/** Whether this browser and address can use passkeys at all. */
export const isSupported = () => window.isSecureContext && "PublicKeyCredential" in window;

/** Make a passkey for creation options (JSON); the credential as JSON. */
export async function create(options) {
  const native = window.PublicKeyCredential.parseCreationOptionsFromJSON;
  const publicKey = native
    ? native.call(window.PublicKeyCredential, options)
    : {
        ...options,
        challenge: toBytes(options.challenge),
        user: { ...options.user, id: toBytes(options.user.id) },
        excludeCredentials: withIds(options.excludeCredentials),
      };
  return asJson(await navigator.credentials.create({ publicKey }));
}

/** Have a passkey sign request options (JSON); the credential as JSON. */
export async function get(options) {
  const native = window.PublicKeyCredential.parseRequestOptionsFromJSON;
  const publicKey = native
    ? native.call(window.PublicKeyCredential, options)
    : { ...options, challenge: toBytes(options.challenge), allowCredentials: withIds(options.allowCredentials) };
  return asJson(await navigator.credentials.get({ publicKey }));
}

function asJson(credential) {
  if (credential.toJSON) return credential.toJSON();
  const { id, rawId, type, response, authenticatorAttachment } = credential;
  const fields = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const given = fields.filter((name) => response[name]).map((name) => [name, toText(response[name])]);
  return { id, rawId: toText(rawId), type, authenticatorAttachment, response: Object.fromEntries(given), clientExtensionResults: {} };
}
