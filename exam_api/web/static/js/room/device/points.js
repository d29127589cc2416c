// From the points of one face to where the head and the eyes point and how far eyes and mouth are open: the same numbers as
// proctor/vision (pose.py, eyes.py) takes from them, which a test holds against each other. Only the pose is simpler here: it
// trusts the depth that the model guesses, where the server also looks at perspective.

// Point, x, y, z of a mean face in centimetres, weight, and the point that mirrors it.
const MEAN_FACE = [
  [4, 0, -0.463, 7.587, 0.0709],
  [6, 0, 2.473, 5.789, 0.0321],
  [10, 0, 8.262, 4.482, 0.0084],
  [33, -4.446, 2.664, 3.173, 0.0587, 263],
  [54, -6.279, 6.615, 1.426, 0.0077, 284],
  [67, -3.524, 8.006, 3.729, 0.0091, 297],
  [117, -5.259, 0.946, 2.974, 0.0098, 346],
  [119, -3.301, 0.862, 3.873, 0.0146, 348],
  [121, -1.821, 1.468, 4.224, 0.0186, 350],
  [127, -7.743, 2.365, -2.005, 0.0052, 356],
  [129, -1.786, -0.978, 4.85, 0.1206, 358],
  [132, -7.27, -2.891, -2.252, 0.0056, 361],
  [133, -1.856, 2.585, 3.758, 0.0533, 362],
  [136, -5.085, -7.179, 0.715, 0.0669, 365],
  [143, -6.408, 2.236, 1.561, 0.0148, 372],
  [147, -6.235, -1.944, 1.664, 0.0143, 376],
  [198, -1.247, 0.23, 5.681, 0.0255, 420],
  [205, -3.833, -1.537, 4.138, 0.0473, 425],
];
const ROWS = [
  ...MEAN_FACE.map(([point, x, y, z, weight]) => ({ point, mean: [x, y, z], weight })),
  ...MEAN_FACE.filter((row) => row.length > 5).map(([, x, y, z, weight, point]) => ({ point, mean: [-x, y, z], weight })),
];
const TOTAL = ROWS.reduce((sum, { weight }) => sum + weight, 0);
// Of each eye: outer and inner corner, pairs of upper and lower lid, the iris.
const EYES = [
  { corners: [33, 133], lids: [[160, 144], [159, 145], [158, 153]], iris: 468 },
  { corners: [263, 362], lids: [[387, 373], [386, 374], [385, 380]], iris: 473 },
];
const LIPS = [13, 14];
const MOUTH = [78, 308];
const [CLOSED, OPEN] = [0.1, 0.28];
const [IRIS_RADIUS, CENTRE_BEHIND, CENTRE_ABOVE] = [1.0, 0.6, 0.15];

const clip = (value, low, high) => Math.min(high, Math.max(low, value));
const degrees = (radians) => (radians * 180) / Math.PI;
const short = (number, digits) => Number(number.toFixed(digits));

function centred(vectors) {
  const middle = [0, 1, 2].map((axis) => vectors.reduce((sum, vector, row) => sum + vector[axis] * ROWS[row].weight, 0) / TOTAL);
  return vectors.map((vector) => vector.map((value, axis) => value - middle[axis]));
}

// The rotation that turns the mean face into the one seen (Horn 1987: the largest eigenvector of a symmetric 4 × 4 matrix).
export function rotationOf(seen, mean) {
  const m = [0, 1, 2].map((a) => [0, 1, 2].map((b) => seen.reduce((sum, vector, row) => sum + ROWS[row].weight * mean[row][a] * vector[b], 0)));
  const [[xx, xy, xz], [yx, yy, yz], [zx, zy, zz]] = m;
  let matrix = [
    [xx + yy + zz, yz - zy, zx - xz, xy - yx],
    [yz - zy, xx - yy - zz, xy + yx, zx + xz],
    [zx - xz, xy + yx, yy - xx - zz, yz + zy],
    [xy - yx, zx + xz, yz + zy, zz - xx - yy],
  ];
  const shift = Math.max(...matrix.map((row) => row.reduce((sum, value) => sum + Math.abs(value), 0))) || 1;
  matrix = matrix.map((row, at) => row.map((value, other) => value / shift + (at === other ? 1 : 0)));
  for (let turn = 0; turn < 12; turn += 1) { // squared twelve times: the largest eigenvalue to its 4096th power
    const square = matrix.map((row) => matrix.map((_, column) => row.reduce((sum, value, at) => sum + value * matrix[at][column], 0)));
    const largest = Math.max(...square.flat().map(Math.abs));
    matrix = square.map((row) => row.map((value) => value / largest));
  }
  const column = [0, 1, 2, 3].sort((one, two) => matrix[two][two] - matrix[one][one])[0];
  const length = Math.hypot(...matrix.map((row) => row[column]));
  const [w, x, y, z] = matrix.map((row) => row[column] / length);
  return [
    [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
    [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
    [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
  ];
}

const times = (matrix, vector) => matrix.map((row) => row.reduce((sum, value, at) => sum + value * vector[at], 0));
const transposed = (matrix) => matrix.map((_, at) => matrix.map((row) => row[at]));

function headOf(pixels) {
  const seen = centred(ROWS.map(({ point }) => { const [x, y, z] = pixels[point]; return [x, -y, -z]; }));
  const mean = centred(ROWS.map((row) => row.mean));
  const rotation = rotationOf(seen, mean);
  let above = 0, below = 0;
  ROWS.forEach(({ weight }, row) => {
    const turned = times(rotation, mean[row]);
    above += weight * (seen[row][0] * turned[0] + seen[row][1] * turned[1]);
    below += weight * (turned[0] ** 2 + turned[1] ** 2);
  });
  return { rotation, scale: above / below };
}

function poseOf(rotation) {
  const yaw = Math.asin(clip(rotation[0][2], -1, 1));
  const pitch = Math.atan2(-rotation[1][2], rotation[2][2]);
  const roll = Math.atan2(-rotation[0][1], rotation[0][0]);
  return [-degrees(pitch), -degrees(yaw), -degrees(roll)];
}

function directionOf(pixels, { rotation, scale }, { corners: [outer, inner], iris }) {
  const offset = [0, 1].map((axis) => ((pixels[iris][axis] - (pixels[outer][axis] + pixels[inner][axis]) / 2) * (axis ? -1 : 1)) / scale);
  const centre = times(rotation, [0, CENTRE_ABOVE, -CENTRE_BEHIND]);
  const [across, up] = offset.map((value, axis) => (value - centre[axis]) / IRIS_RADIUS);
  const rest = 1 - across ** 2 - up ** 2;
  return rest > 0.1 ? [across, up, Math.sqrt(rest)] : null;
}

function gazeOf(pixels, head) {
  const found = EYES.map((eye) => directionOf(pixels, head, eye)).filter(Boolean);
  if (!found.length) return null;
  const mean = [0, 1, 2].map((axis) => found.reduce((sum, each) => sum + each[axis], 0) / found.length);
  const [x, y, z] = times(transposed(head.rotation), mean);
  return [-degrees(Math.atan2(x, z)), degrees(Math.asin(clip(y, -1, 1)))];
}

const apart = (pixels, [one, other]) => Math.hypot(...pixels[one].map((value, axis) => value - pixels[other][axis]));

// `points`: 478 of {x, y, z}, shares of the picture; depth in the measure of its width.
export function expression(points, width, height) {
  const pixels = points.map(({ x, y, z }) => [x * width, y * height, z * width]);
  const head = headOf(pixels);
  const gaze = gazeOf(pixels, head);
  const ratios = EYES.map(({ corners, lids }) =>
    lids.reduce((sum, pair) => sum + apart(pixels, pair), 0) / lids.length / Math.max(apart(pixels, corners), 1e-6));
  return {
    pose: poseOf(head.rotation).map((angle) => short(angle, 2)),
    ...(gaze ? { gaze: gaze.map((angle) => short(angle, 2)) } : {}),
    eyes: short(clip((Math.max(...ratios) - CLOSED) / (OPEN - CLOSED), 0, 1), 3),
    mouth: short(clip(apart(pixels, LIPS) / Math.max(apart(pixels, MOUTH), 1e-6), 0, 1), 3),
  };
}
