// The capture's own thread: its timers go on while the tab is hidden, and no long work of the page holds it up. The page
// hands over pictures and sound when asked; JPEG, digest, signature, chain, queue and connection are made here.

import { Device } from "../device.js";
import { Eye } from "../device/eye.js";
import { Incidents } from "../device/incidents.js";
import { Ladder } from "./ladder.js";
import * as pieces from "./pieces.js";
import { Sender } from "./sender.js";

const FIRST = 500; // ms from "ready" to the first picture
const BEAT = 5000; // ms between two beats, by which the page cuts sound and video
const UNCONNECTED = 2000; // ms between pictures that only wait for a network
const CHALLENGED = { every: 250, width: 480, quality: 0.5 };
const LOOKED_AT = { every: 1000, width: 640, quality: 0.6 }; // by this computer: what leaves it is small on any line
const NOTHING = new ArrayBuffer(0);

// `port` is where the page speaks: this worker itself, or a channel where there are no module workers.
export function serve(port) {
  const ladder = new Ladder();
  const incidents = new Incidents();
  let sender, timer, beats, canvas, eye = null, wanted = false, challenge = null, spot = null, turn = 0;
  const say = (name, detail) => port.postMessage({ name, detail });

  const rung = () => {
    if (challenge && performance.now() < challenge.until) return CHALLENGED;
    challenge = null;
    if (eye) return LOOKED_AT;
    const { every, ...how } = ladder.rung;
    return { ...how, every: Math.max(every, sender.greeted ? 0 : UNCONNECTED) };
  };

  function tick() {
    clearTimeout(timer);
    const { every, width, quality } = rung();
    sender.look();
    if (sender.stuck && sender.greeted) ladder.stuck(performance.now());
    else if (wanted && !eye?.busy) say("picture", { width, quality, turn: ++turn });
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

  // Where this browser cannot look, or can no longer, the pictures are sent, and the page says so.
  async function blind() {
    if (!eye) return;
    eye.close();
    eye = null;
    sender.looks = "server";
    say("looks", sender.looks);
    sender.socket?.close(); // the next greeting says it
  }

  // What was seen always goes; the picture itself only where it was asked for, or something begins.
  async function look({ bitmap, quality, taken_at, turn: mine }) {
    const number = challenge?.n;
    const { seen, bitmap: back } = await eye.look(bitmap);
    const nonce = spot && mine >= spot.from ? spot.nonce : undefined;
    if (nonce) spot = null;
    const leaves = number || nonce || incidents.look(seen, performance.now());
    const body = leaves ? await encode(back, quality) : NOTHING;
    if (!leaves) back.close();
    sender.add("frame", body, taken_at, { challenge: number, seen, nonce });
  }

  const heard = {
    async open({ attempt, key, jwk, camera, eye: where }) {
      const device = new Device(attempt, key, jwk);
      wanted = camera;
      sender = new Sender(device, pieces);
      if (where && camera) {
        eye = await Eye.open(where).catch(() => null);
        sender.looks = eye ? "device" : "server";
        say("looks", sender.looks);
      }
      sender.addEventListener("kept", ({ detail }) => { ladder.kept(detail.sentAt, performance.now()); say("kept", { ...detail, ...ladder.rung }); });
      for (const name of ["ready", "lost", "refused"]) sender.addEventListener(name, ({ detail }) => say(name, detail));
      sender.addEventListener("unsaid", blind); // a model that counts so wrong is no use
      sender.addEventListener("ask", ({ detail }) => (detail.spot ? heard.spot(detail.spot) : say("ask", detail)));
      await sender.load();
      await sender.open();
      timer = setTimeout(tick, FIRST);
      say("beat");
      beats = setInterval(() => say("beat"), BEAT);
    },
    async picture({ bitmap, body, quality, taken_at, turn: mine }) {
      if (eye && bitmap) {
        await look({ bitmap, quality, taken_at, turn: mine }).catch(blind);
        return;
      }
      const number = challenge?.n;
      sender.add("frame", body ?? await encode(bitmap, quality), taken_at, { challenge: number });
    },
    sound({ body, taken_at }) {
      sender.add("sound", body, taken_at);
    },
    // A picture that is not taken yet answers: the next one that is asked for.
    spot({ nonce }) {
      spot = { nonce, from: turn + 1 };
      tick();
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
      eye?.close();
      // What is still held goes from the page that comes next (rest.js).
      if (over && !sender.held.length) pieces.clear(sender.device.attempt).catch(() => undefined);
    },
  };

  port.onmessage = ({ data: { name, detail } }) => heard[name](detail);
}
