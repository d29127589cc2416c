// Beside the chain: what this device wrote and may no longer save by itself is kept for people to look at.

import { passing, verdict } from "./refusals.js";
import { keepAnswer } from "./store.js";

const RETRY = [1000, 2000, 4000, 8000, 10000]; // ms between tries without a network

export async function putAside(device, entry) {
  const { order, item, answer, created_at, base } = entry;
  const body = { place: order, item, answer, created_at, base: base ?? 0 };
  await device.request("POST", `/api/attempts/${device.attempt}/aside`, body, { bare: true });
  entry.aside = true;
  await keepAnswer(entry).catch(() => undefined);
}

// All of them, oldest first, however long the network is away. `told` hears of each.
export async function handOver(device, entries, told = () => undefined) {
  for (const entry of entries) {
    for (let tries = 0; !entry.aside && !entry.refused; tries += 1) {
      try {
        await putAside(device, entry);
      } catch (error) {
        if (verdict(error) === "refuse") {
          entry.refused = error.message;
          await keepAnswer(entry).catch(() => undefined);
        } else if (!passing(error)) throw error;
        else await new Promise((resolve) => setTimeout(resolve, RETRY[Math.min(tries, RETRY.length - 1)]));
      }
    }
    told(entry);
  }
}
