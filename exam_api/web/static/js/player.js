// A browser's recording does not say how long it is; a player that is sent to its end finds out.

export function findLength(player) {
  if (player.duration !== Infinity) return;
  player.addEventListener("timeupdate", () => { player.currentTime = 0; }, { once: true });
  player.currentTime = Number.MAX_SAFE_INTEGER;
}

for (const player of document.querySelectorAll("audio[data-player], video[data-player]")) {
  player.addEventListener("loadedmetadata", () => findLength(player));
  if (player.readyState > 0) findLength(player); // it was faster than this script
}
