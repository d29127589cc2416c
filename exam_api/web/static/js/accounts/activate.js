// The code travels behind the number sign, so that no server sees it on the way here. It goes into the field, and out of
// the address and the history; sending it stays a person's press, because a mail scanner that opens links must not use it up.
const field = document.querySelector("[data-code]");
const code = decodeURIComponent(window.location.hash.slice(1));

if (field && /^[0-9A-Za-z -]{20,40}$/.test(code)) {
  field.value = code;
  window.history.replaceState(null, "", window.location.pathname);
  document.querySelector("[data-code-go]")?.focus();
}
