// A browser's recording does not say how long it is; a player that is sent to its end finds out.

for (const player of document.querySelectorAll("[data-player]")) {
  player.addEventListener("loadedmetadata", () => {
    if (player.duration !== Infinity) return;
    player.currentTime = Number.MAX_SAFE_INTEGER;
    player.addEventListener("timeupdate", () => { player.currentTime = 0; }, { once: true });
  });
}
