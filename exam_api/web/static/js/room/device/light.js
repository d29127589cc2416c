// How good a picture is, by the same measures as the server takes (proctor/vision/quality.py), and since when it stands still.

const SMALL = 320;
const PATCHES = [32, 24];
const BURNT = 250;
const STILL = 0.02; // mean change of a grey level below which a picture is the one before: no camera is as quiet

export function measureGrey(grey, width, height) {
  const size = width * height;
  let sum = 0, squares = 0, burnt = 0;
  for (const level of grey) {
    sum += level;
    squares += level * level;
    if (level >= BURNT) burnt += 1;
  }
  const luma = sum / size;
  const spread = Math.max(1, Math.sqrt(Math.max(0, squares / size - luma * luma)));
  return { luma, contrast: contrastOf(grey, width, height), sharpness: (edgesOf(grey, width, height) / spread ** 2) * 1000, glare: burnt / size };
}

// Standard deviation of large patches.
function contrastOf(grey, width, height) {
  const [across, down] = PATCHES;
  const sums = new Float64Array(across * down);
  const counts = new Float64Array(across * down);
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor((y * down) / height) * across;
    for (let x = 0; x < width; x += 1) {
      const patch = row + Math.floor((x * across) / width);
      sums[patch] += grey[y * width + x];
      counts[patch] += 1;
    }
  }
  const means = sums.map((each, patch) => each / Math.max(1, counts[patch]));
  const middle = means.reduce((all, each) => all + each, 0) / means.length;
  return Math.sqrt(means.reduce((all, each) => all + (each - middle) ** 2, 0) / means.length);
}

// Variance of the Laplacian, mirrored at the borders.
function edgesOf(grey, width, height) {
  let sum = 0, squares = 0;
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 1) {
      const sides = grey[x ? at - 1 : at + 1] + grey[x < width - 1 ? at + 1 : at - 1];
      const ends = grey[y ? at - width : at + width] + grey[y < height - 1 ? at + width : at - width];
      const edge = sides + ends - 4 * grey[at];
      sum += edge;
      squares += edge * edge;
    }
  }
  return squares / grey.length - (sum / grey.length) ** 2;
}

export class Light {
  measure(bitmap, now) {
    const scale = SMALL / Math.max(bitmap.width, bitmap.height);
    const width = Math.max(1, Math.round(bitmap.width * scale));
    const height = Math.max(1, Math.round(bitmap.height * scale));
    if (this.canvas?.width !== width || this.canvas.height !== height) {
      this.canvas = new OffscreenCanvas(width, height);
      this.context = this.canvas.getContext("2d", { willReadFrequently: true });
      this.before = null;
    }
    this.context.drawImage(bitmap, 0, 0, width, height);
    const { data } = this.context.getImageData(0, 0, width, height);
    const grey = new Uint8Array(width * height);
    for (let at = 0; at < grey.length; at += 1) {
      grey[at] = Math.round(0.299 * data[4 * at] + 0.587 * data[4 * at + 1] + 0.114 * data[4 * at + 2]);
    }
    const found = measureGrey(grey, width, height);
    if (!this.#same(grey)) this.since = now;
    this.before = grey;
    const short = (number) => Number(number.toFixed(3));
    return {
      luma: short(found.luma), contrast: short(found.contrast), sharpness: short(Math.min(100_000, found.sharpness)),
      glare: short(found.glare), frozen_s: short((now - this.since) / 1000),
    };
  }

  #same(grey) {
    if (!this.before) return false;
    let change = 0;
    for (let at = 0; at < grey.length; at += 1) change += Math.abs(grey[at] - this.before[at]);
    return change / grey.length < STILL;
  }
}
