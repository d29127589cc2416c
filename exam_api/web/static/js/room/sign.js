// Signs with this device's passkey what another device of the same person asks, and leaves the answer for it.

import { signWithPasskey } from "./passkey.js";

const page = document.getElementById("sign-for");
const say = page.dataset;
const state = document.getElementById("sign-state");
const button = document.getElementById("sign-now");

button.addEventListener("click", async () => {
  button.disabled = true;
  state.textContent = "";
  try {
    const credential = await signWithPasskey(JSON.parse(say.options));
    const sent = await fetch(`/api/signatures/${say.id}`, {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ credential }),
    });
    if (!sent.ok) throw new Error(sent.statusText);
    state.textContent = say.sayDone;
  } catch {
    state.textContent = say.sayFailed;
    button.disabled = false;
  }
});
