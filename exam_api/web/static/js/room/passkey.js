// Ask the person's passkey to sign a statement (WebAuthn). Options and answers travel as JSON with base64url fields.

import { fromB64u, toB64u } from "./encoding.js";

export async function signWithPasskey(options) {
  const publicKey = {
    ...options,
    challenge: fromB64u(options.challenge),
    allowCredentials: (options.allowCredentials ?? []).map((each) => ({ ...each, id: fromB64u(each.id) })),
  };
  const credential = await navigator.credentials.get({ publicKey });
  const { response } = credential;
  return {
    id: credential.id,
    rawId: toB64u(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? null,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: {
      authenticatorData: toB64u(response.authenticatorData),
      clientDataJSON: toB64u(response.clientDataJSON),
      signature: toB64u(response.signature),
      userHandle: response.userHandle ? toB64u(response.userHandle) : null,
    },
  };
}

// Move the attempt to this device, or start it: the same two steps at two addresses. `sign` gets the passkey's answer.
export async function signAndSend(device, step, sign = ({ options }) => signWithPasskey(options)) {
  const base = `/api/attempts/${device.attempt}/${step}`;
  const asked = await device.request("POST", `${base}/options`, undefined, { bare: true });
  // What the passkey signs is the digest of the statement; check that the server did not swap this device's key in it.
  if (asked.statement.jkt !== (await device.thumbprint())) throw new Error("the statement names another device");
  const credential = await sign(asked);
  const granted = await device.request("POST", base, { id: asked.id, credential }, { bare: true });
  device.token = granted.token;
  return asked.statement;
}

// The passkey's answer from another device of the same person, where this browser knows no passkeys: wait for it.
export async function signedElsewhere({ id }) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const answer = await fetch(`/api/signatures/${id}`).catch(() => null);
    if (answer && !answer.ok && answer.status < 500) throw new Error("nobody signed in time");
    const said = answer?.ok ? await answer.json() : null;
    if (said?.credential) return said.credential;
  }
}
