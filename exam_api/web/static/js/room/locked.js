// Shows the server that this page runs in Safe Exam Browser with the exam's settings, again and again.
//
// The browser hashes the address of the page (`SafeExamBrowser.security`) and of each request (headers). A check of the
// server becomes part of both, so that a hash is good for this attempt and a few minutes only.

const EVERY = 30_000; // ms
const PATIENCE = 2_000; // ms that the browser may take for new hashes

// Event: "state", whenever a check ended, with "proven", "excused" or "refused".
export class LockedBrowser extends EventTarget {
  constructor(device, page, check) {
    super();
    this.device = device;
    this.page = page;
    this.check = check;
  }

  // How it stands. Rejects with Offline.
  async look() {
    let said = await this.#show();
    if (said.state === "again") said = await this.#show(); // the check had run out while the computer slept
    const state = said.state === "again" ? "refused" : said.state;
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
    return state;
  }

  // Without a network nothing is known, and nothing is said.
  start() {
    this.timer ??= setInterval(() => this.look().catch(() => undefined), EVERY);
  }

  stop() {
    clearInterval(this.timer);
  }

  async #show() {
    const { attempt } = this.device;
    history.replaceState(history.state, "", `${location.pathname}?check=${this.check}${location.hash}`);
    const security = await newKeys();
    const body = {
      check: this.check,
      page: this.page,
      config_key: text(security?.configKey),
      exam_key: text(security?.browserExamKey),
      client: String(window.SafeExamBrowser?.version ?? "").slice(0, 200),
    };
    const path = `/api/attempts/${attempt}/browser-checks?check=${this.check}`;
    const said = await this.device.request("POST", path, body, { bare: true });
    this.check = said.check;
    return said;
  }
}

const text = (value) => (typeof value === "string" && value.length <= 100 ? value : null);

let focused = null;

// In the room a cover lies over the questions while nothing is proven. Returns whether that changed.
export function cover(on) {
  if (covered() === on) return false;
  document.getElementById("locked").hidden = !on;
  const title = document.getElementById("locked-section-title");
  title.tabIndex = -1;
  if (!on) return true;
  focused = document.activeElement;
  title.focus();
  return true;
}

// Once the questions are shown again, whoever wrote goes on where they were.
export const giveBack = () => focused?.focus();

export const covered = () => document.getElementById("locked")?.hidden === false;

// The clients for macOS and iOS hash a changed address only when asked; the one for Windows sends headers.
async function newKeys() {
  const security = window.SafeExamBrowser?.security;
  if (typeof security?.updateKeys === "function") {
    await new Promise((resolve) => {
      setTimeout(resolve, PATIENCE);
      security.updateKeys(resolve);
    });
  }
  return security;
}

