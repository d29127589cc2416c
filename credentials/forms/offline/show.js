// The page around `check`: a bundle that came with it, or any that is dropped on it. It asks nobody for anything.

const words = JSON.parse(document.getElementById("words").textContent);
const contexts = JSON.parse(document.getElementById("contexts").textContent);
const embedded = document.getElementById("bundle").textContent.trim();
const byId = (id) => document.getElementById(id);

function line(name, tone, word, detail) {
  const item = document.createElement("li");
  item.className = `fact ${tone}`;
  const head = document.createElement("strong");
  head.textContent = `${name}: ${word}`;
  const more = document.createElement("span");
  more.textContent = detail ?? "";
  item.append(head, more);
  return item;
}

function anchored(anchors) {
  const named = anchors.filter(({ outcome }) => outcome === "holds");
  const kinds = named.map(({ kind, size }) => `${kind} (${size})`).join(", ");
  if (named.length) return line(words.anchored, "attention", words.named, `${kinds}. ${words.named_detail}`);
  return line(words.anchored, "attention", words.fails, anchors[0].reason);
}

function facts({ signature, log, status, dates, anchors, credential }) {
  const tone = (outcome) => (outcome === "holds" ? "ok" : outcome === "fails" ? "problem" : "attention");
  const place = log.outcome === "holds" ? words.entry.replace("{index}", log.index).replace("{size}", log.size).replace("{origin}", log.origin) : log.reason;
  const state = status.outcome === "holds" ? status.state : "unknown";
  const bad = state === "revoked" || state === "suspended";
  const why = status.code ? ` (${status.code})` : "";
  return [
    line(words.signature, tone(signature.outcome), words[signature.outcome], signature.key ? `${words.key} ${signature.key}` : signature.reason),
    line(words.log, tone(log.outcome), words[log.outcome], place),
    line(words.status, bad ? "problem" : state === "unknown" ? "attention" : "ok", `${words[state]}${why}`, status.asOf ? `${words.as_of} ${status.asOf}` : status.reason),
    line(words.dates, dates === "valid" ? "ok" : "attention", words[dates], [credential.validFrom, credential.validUntil].filter(Boolean).join(" – ")),
    ...(anchors.length ? [anchored(anchors)] : []),
  ];
}

function award(credential) {
  const subject = credential.credentialSubject;
  const name = subject.identifier.find(({ identityType }) => identityType === "name")?.identityHash;
  byId("recipient").textContent = name ?? "";
  byId("title").textContent = credential.name ?? "";
  byId("issuer").textContent = `${credential.issuer.name} (${credential.issuer.id})`;
  byId("results").replaceChildren(...(subject.result ?? []).map((each) => {
    const item = document.createElement("li");
    const about = subject.achievement.resultDescription?.find(({ id }) => id === each.resultDescription);
    item.textContent = `${about?.name ?? ""}: ${each.value ?? each.status ?? ""}`;
    return item;
  }));
}

async function show(text) {
  byId("verdict").textContent = words.working;
  byId("facts").replaceChildren();
  byId("award").hidden = true;
  let found;
  try {
    found = await check(text, Date.now(), contexts);
  } catch {
    byId("verdict").className = "problem";
    byId("verdict").textContent = words.unreadable;
    return;
  }
  const wrong = ["not proven", "revoked", "suspended"].includes(found.verdict);
  byId("verdict").className = found.verdict === "proven" ? "ok" : wrong ? "problem" : "attention";
  byId("verdict").textContent = words[`verdict_${found.verdict.replace(" ", "_")}`];
  byId("facts").replaceChildren(...facts(found));
  if (found.signature.outcome === "holds") { // what an unproven file says about a person is not shown
    award(found.credential);
    byId("award").hidden = false;
  }
}

byId("file").addEventListener("change", async ({ target }) => {
  if (target.files[0]) await show(await target.files[0].text());
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", async (event) => {
  event.preventDefault();
  const file = event.dataTransfer?.files[0];
  if (file) await show(await file.text());
});
if (embedded) await show(embedded);
else byId("verdict").textContent = words.choose;
