// The capture's own thread: its timers go on while the tab is hidden, and no long work of the page holds it up. The page
// hands over pictures and sound when asked; JPEG, digest, signature, chain, queue and connection are made here.

import { Device } from "../device.js";
import { Ladder } from "./ladder.js";
import * as pieces from "./pieces.js";
import { Sender } from "./sender.js";

const FIRST = 500; // ms from "ready" to the first picture
const BEAT = 5000; // ms between two beats, by which the page cuts sound and video
const UNCONNECTED = 2000; // ms between pictures that only wait for a network
const CHALLENGED = { every: 250, width: 480, quality: 0.5 };

// `port` is where the page speaks: this worker itself, or a channel where there are no module workers.
export function serve(port) {
  const ladder = new Ladder();
  let sender, timer, beats, canvas, wanted = false, challenge = null;
  const say = (name, detail) => port.postMessage({ name, detail });

  const rung = () => {
    if (challenge && performance.now() < challenge.until) return CHALLENGED;
    challenge = null;
    const { every, ...how } = ladder.rung;
    return { ...how, every: Math.max(every, sender.greeted ? 0 : UNCONNECTED) };
  };

  function tick() {
    clearTimeout(timer);
    const { every, width, quality } = rung();
    sender.look();
    if (sender.stuck && sender.greeted) ladder.stuck(performance.now());
    else if (wanted) say("picture", { width, quality });
    timer = setTimeout(tick, every);
  }

  async function encode(bitmap, quality) {
    canvas ??= new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
    return (await canvas.convertToBlob({ type: "image/jpeg", quality })).arrayBuffer();
  }

  const heard = {
    async open({ attempt, key, jwk, camera }) {
      const device = new Device(attempt, key, jwk);
      wanted = camera;
      sender = new Sender(device, pieces);
      sender.addEventListener("kept", ({ detail }) => { ladder.kept(detail.sentAt, performance.now()); say("kept", { ...detail, ...ladder.rung }); });
      for (const name of ["ready", "lost", "refused", "ask"]) sender.addEventListener(name, ({ detail }) => say(name, detail));
      await sender.load();
      await sender.open();
      timer = setTimeout(tick, FIRST);
      say("beat");
      beats = setInterval(() => say("beat"), BEAT);
    },
    async picture({ bitmap, body, quality, taken_at }) {
      const number = challenge?.n;
      sender.add("frame", body ?? await encode(bitmap, quality), taken_at, { challenge: number });
    },
    sound({ body, taken_at }) {
      sender.add("sound", body, taken_at);
    },
    challenge({ n, seconds }) {
      challenge = { n, until: performance.now() + seconds * 1000 };
      tick();
    },
    decline({ n }) {
      if (sender.socket?.readyState === 1) sender.socket.send(JSON.stringify({ challenge: n, declined: true }));
    },
    async settle({ patience }) {
      await sender?.settle(patience);
      say("settled");
    },
    close({ over }) {
      clearTimeout(timer);
      clearInterval(beats);
      sender?.close();
      if (over) pieces.clear(sender.device.attempt).catch(() => undefined);
    },
  };

  port.onmessage = ({ data: { name, detail } }) => heard[name](detail);
}
