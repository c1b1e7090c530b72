// SPDX-License-Identifier: Apache-2.0
// Colors, and pictures of numbers.

// ---- Colors -------------------------------------------------------------------------------------------------

/** 256 colors as [256][red, green, blue] from hexadecimal digits. */
function palette(digits) {
  return Array.from({ length: 256 }, (_, i) =>
    [0, 2, 4].map((at) => parseInt(digits.slice(6 * i + at, 6 * i + at + 2), 16)));
}

/** sRGB of OKLab in polar coordinates; chroma gives way where the screen has not as much. */
function oklch(lightness, chroma, degrees) {
  const angle = degrees * Math.PI / 180;
  for (;; chroma *= 0.95) {
    const a = chroma * Math.cos(angle), b = chroma * Math.sin(angle);
    const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
    const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
    const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
    const linear = [
      4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
      -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
      -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
    ];
    if (chroma > 1e-3 && linear.some((v) => v < 0 || v > 1)) continue;
    return linear.map((v) => Math.round(255 * Math.min(1, Math.max(0,
      v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055))));
  }
}

/**
 * A color that a part keeps while τ moves: of the two sides of a cut the larger keeps the color, the smaller takes the
 * cut's own. Hues a golden angle apart differ from all earlier ones.
 */
const colorCache = [];
function segmentColor(index) {
  return colorCache[index] ??= oklch([0.7, 0.6, 0.8][index % 3], 0.15, 35 + index * 137.50776405);
}

/** The color index of every class. */
function classColors(recursion, { labels, count, accepted, kept }) {
  const colors = new Int32Array(recursion.nodeCount), side = new Uint8Array(recursion.nodeCount);
  for (const index of accepted) {
    const cut = recursion.nodes[index];
    side.fill(0);
    let high = 0;
    forRuns(cut.highMembers, (i) => { side[i] = 1; high++; });
    const changing = 2 * high <= cut.size ? 1 : 0;
    forRuns(cut.members, (i) => { if (side[i] === changing) colors[i] = cut.color; });
  }
  const result = new Int32Array(count);
  for (let i = labels.length - 1; i >= 0; i--) result[labels[i]] = colors[i];
  // A node that was left out below the root may come first in its class and lag behind: subgraphs have the last word.
  for (const index of kept) {
    const member = recursion.nodes[index].members[0];
    result[labels[member]] = colors[member];
  }
  return result;
}

// ---- Pictures of numbers -------------------------------------------------------------------------------------

/** One number a node, bilinearly upsampled, [height × width]. */
function upsample(values, rows, columns, height, width) {
  const result = new Float32Array(height * width), blended = new Float64Array(columns);
  const positions = Array.from({ length: width }, (_, x) => samplePosition(x, columns, width));
  for (let y = 0; y < height; y++) {
    const { first, second, weight } = samplePosition(y, rows, height);
    for (let x = 0; x < columns; x++) {
      blended[x] = values[first * columns + x] * (1 - weight) + values[second * columns + x] * weight;
    }
    for (let x = 0; x < width; x++) {
      const column = positions[x];
      result[y * width + x] = blended[column.first] * (1 - column.weight) + blended[column.second] * column.weight;
    }
  }
  return result;
}

/** Numbers from low to high in a palette's colors. */
function paintNumbers(image, values, low, high, colors, alpha) {
  const scale = high > low ? 255 / (high - low) : 0, data = image.data;
  for (let p = 0; p < values.length; p++) {
    const index = scale ? Math.min(255, Math.max(0, Math.round((values[p] - low) * scale))) : 255;
    const color = colors[index];
    data[4 * p] = color[0]; data[4 * p + 1] = color[1]; data[4 * p + 2] = color[2]; data[4 * p + 3] = alpha;
  }
}

/** Segments in their colors, outlined; all but the highlighted one are darkened. */
function paintSegments(image, map, colors, alpha, highlighted) {
  const { data, width, height } = image;
  const reach = Math.max(width, height) > 500 ? 1 : 0;
  const isEdge = (p, x, y) => {
    const id = map[p];
    return (x + 1 < width && map[p + 1] !== id) || (y + 1 < height && map[p + width] !== id) ||
      (reach && ((x > 0 && map[p - 1] !== id) || (y > 0 && map[p - width] !== id)));
  };
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      const id = map[p], on = id === highlighted;
      let [r, g, b] = colors[id], a = alpha;
      if (isEdge(p, x, y)) {
        if (highlighted && !on) [r, g, b, a] = [96, 94, 90, Math.max(alpha, 150)];
        else [r, g, b, a] = [255, 255, 255, highlighted ? 255 : Math.min(230, alpha + 90)];
      } else if (highlighted) {
        if (on) a = alpha * 0.45; else [r, g, b, a] = [r * 0.25, g * 0.25, b * 0.25, Math.max(alpha, 165)];
      }
      data[4 * p] = r; data[4 * p + 1] = g; data[4 * p + 2] = b; data[4 * p + 3] = a;
    }
  }
}

