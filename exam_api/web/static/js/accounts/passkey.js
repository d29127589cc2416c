// One tap: sign in with a passkey, or add one. What goes wrong is said in the page's own words, beside the button.
import { create, get, isSupported } from "./webauthn.js";

const CEREMONIES = {
  "sign-in": { ask: "/api/sign-in/passkey/options", answer: "/api/sign-in/passkey", perform: get },
  add: { ask: "/api/me/passkeys/options", answer: "/api/me/passkeys", perform: create },
};

class Refused extends Error {}

async function post(address, body) {
  const headers = body ? { "Content-Type": "application/json" } : {};
  const answer = await fetch(address, { method: "POST", headers, body: body && JSON.stringify(body) });
  const said = await answer.json();
  if (!answer.ok) throw new Refused(said.code);
  return said;
}

/** What to say about a failure: a key of the page's words. */
function reason(error) {
  if (error instanceof Refused) return error.message;
  if (error instanceof TypeError) return "offline"; // fetch says so when nothing answers
  return { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "already", SecurityError: "address" }[error.name];
}

function start(box) {
  const { ask, answer, perform } = CEREMONIES[box.dataset.passkey];
  const words = JSON.parse(box.dataset.words);
  const button = box.querySelector("[data-passkey-go]");
  const notice = box.querySelector("[data-passkey-said]");

  const say = (key) => {
    notice.querySelector("p").textContent = words[key] ?? words.failed;
    notice.hidden = false;
  };
  if (!isSupported()) {
    button.disabled = true;
    say("unsupported");
    return;
  }
  button.disabled = false; // until here nobody listened, and a tap would have been lost
  button.addEventListener("click", async () => {
    notice.hidden = true;
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    try {
      const { id, publicKey } = await post(ask);
      const label = box.querySelector("[data-passkey-label]")?.value.trim();
      await post(answer, { id, credential: await perform(publicKey), ...(label && { label }) });
      window.location.assign(box.dataset.next);
    } catch (error) {
      say(reason(error));
      button.disabled = false;
      button.removeAttribute("aria-busy");
      button.focus();
    }
  });
}

for (const box of document.querySelectorAll("[data-passkey]")) start(box);
