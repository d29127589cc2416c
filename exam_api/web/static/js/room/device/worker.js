// The thread that looks at pictures on this computer. Nothing of a picture leaves it: the page gets numbers. The answer with
// this very file allows WebAssembly (exam_api/web/headers.py); no page does.

import { FaceLandmarker } from "../../../vendor/vision/vision_bundle.mjs";
import { expression } from "./points.js";
import { Light } from "./light.js";

const MOST_FACES = 4;
const LARGE = 48; // pixels of a face from which on its points say something

// The library writes its progress there, warnings about nothing included.
for (const name of ["log", "info", "warn", "error"]) console[name] = () => undefined;

let marker = null;
const light = new Light();

async function open({ model, loader, wasm }) {
  marker = await FaceLandmarker.createFromOptions({ wasmLoaderPath: loader, wasmBinaryPath: wasm }, {
    baseOptions: { modelAssetPath: model, delegate: "CPU" },
    runningMode: "IMAGE",
    numFaces: MOST_FACES,
  });
  // The first picture takes ten times as long as the others.
  marker.detect(new ImageData(64, 64));
}

const short = (number, digits = 4) => Number(number.toFixed(digits));

function boxOf(points) {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return [left, top, Math.max(...xs) - left, Math.max(...ys) - top];
}

export function look(bitmap) {
  const began = performance.now();
  const { width, height } = bitmap;
  const measured = light.measure(bitmap, began);
  const faces = marker.detect(bitmap).faceLandmarks.map((points) => ({ points, box: boxOf(points) }));
  faces.sort((one, two) => two.box[2] * two.box[3] - one.box[2] * one.box[3]);
  const [first] = faces;
  const clear = first && first.box[2] * width >= LARGE && measured.luma >= 20;
  const within = (value) => short(Math.min(1.5, Math.max(-0.5, value)));
  return {
    seen: {
      width, height, ...measured,
      faces: faces.map(({ box }) => box.map(within)),
      ...(clear ? expression(first.points, width, height) : {}),
    },
    took: performance.now() - began,
  };
}

onmessage = async ({ data: { id, name, detail } }) => {
  try {
    const answer = name === "open" ? await open(detail) : look(detail.bitmap);
    postMessage({ id, answer, bitmap: detail.bitmap }, detail.bitmap ? [detail.bitmap] : []);
  } catch (error) {
    postMessage({ id, error: String(error) });
  }
};
