// Bytes and text as the protocol writes them: base64url without padding, JCS (RFC 8785), SHA-256.

export function toB64u(bytes) {
  let text = "";
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export function fromB64u(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

// JSON.stringify already writes numbers and strings as RFC 8785 asks; what it lacks is the order of names.
export function jcs(value) {
  if (Array.isArray(value)) return `[${value.map(jcs).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const names = Object.keys(value).sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${jcs(value[name])}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

export async function sha256(text) {
  return crypto.subtle.digest("SHA-256", typeof text === "string" ? new TextEncoder().encode(text) : text);
}

export async function digest(value) {
  return toB64u(await sha256(jcs(value)));
}
