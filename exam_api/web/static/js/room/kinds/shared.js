// What the modules of kinds have in common.

export function megabytes(bytes) {
  const language = document.documentElement.lang;
  if (bytes < 2 ** 20) return `${Math.max(1, Math.round(bytes / 1024)).toLocaleString(language)} kB`;
  return `${(bytes / 2 ** 20).toLocaleString(language, { maximumFractionDigits: 1 })} MB`;
}

export const addressOf = (device, file) => `/api/attempts/${device.attempt}/attachments/${file.id}/content`;

export function linkTo(device, file, words) {
  const link = Object.assign(document.createElement("a"), { href: addressOf(device, file), textContent: words, download: file.name });
  link.setAttribute("aria-label", `${words}: ${file.name}`);
  return link;
}
