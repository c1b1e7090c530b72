// SPDX-License-Identifier: Apache-2.0
// The arithmetic of the report page: labels of nodes and pixels at any τ. It uses nothing of the page.
// Counterparts in Swift: BipartitionTree, ConceptAssignment, LabelMap, SamplePosition.

// ---- Cutting again -------------------------------------------------------------------------------------------

/** Little-endian doubles from base 64. */
function doubles(text) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return new Float64Array(bytes.buffer);
}

/** Calls body(number) for every number of runs [first, length, first, length …]. */
function forRuns(runs, body) {
  for (let r = 0; r < runs.length; r += 2) {
    for (let i = runs[r]; i < runs[r] + runs[r + 1]; i++) body(i);
  }
}

/** Where an output index falls among the samples of one axis: half-pixel centers, clamped. */
function samplePosition(index, inputCount, outputCount) {
  const position = Math.max((index + 0.5) * inputCount / outputCount - 0.5, 0);
  const first = Math.min(Math.trunc(position), inputCount - 1);
  return { first, second: Math.min(first + 1, inputCount - 1), weight: position - first };
}

/** The sample whose cell holds the center of an output pixel. */
function nearestSample(index, inputCount, outputCount) {
  return Math.min(Math.floor((2 * index + 1) * inputCount / (2 * outputCount)), inputCount - 1);
}

/** One image's recursion and features. */
class Recursion {
  constructor(record, data) {
    Object.assign(this, record);
    [this.rows, this.columns] = record.grid;
    [this.cellRows, this.cellColumns] = record.cells;
    this.nodeCount = this.rows * this.columns;
    this.cellCount = this.cellRows * this.cellColumns;
    this.values = doubles(data);
    // null stands for a value that is not a number, which no τ is above.
    for (const node of this.nodes) if (node.ncut === null) node.ncut = NaN;
    // A cut is reached once τ is above the values of all cuts on its way.
    for (const node of this.nodes) {
      const above = node.parent === null ? -Infinity : this.nodes[node.parent].reached;
      node.reached = Number.isNaN(node.ncut) ? NaN : Math.max(above, node.ncut);
    }
    const reachable = this.nodes.filter((node) => node.reached < this.tau);
    reachable.sort((a, b) => a.reached - b.reached);
    reachable.forEach((node, rank) => { node.color = rank + 1; });
    this.changes = [...new Set(reachable.map((node) => node.reached))];
  }

  /** Accepted cuts in the order found, and the subgraphs that stay whole: depth first, the high side first. */
  walk(tau) {
    const accepted = [], kept = [], pending = this.nodes.length ? [0] : [];
    while (pending.length) {
      const index = pending.pop(), node = this.nodes[index];
      if (!(node.ncut < tau)) { kept.push(index); continue; }
      accepted.push(index);
      if (node.low !== null) pending.push(node.low);
      if (node.high !== null) pending.push(node.high);
    }
    return { accepted, kept };
  }

  /**
   * The class of every node, numbered in increasing order of membership codes: one bit an accepted cut, set for the high
   * side, the last cut the most significant. Sorting by one bit after the other, from the least significant on, and
   * numbering afresh each time gives that order for codes of any length.
   */
  labels(tau) {
    const { accepted, kept } = this.walk(tau);
    const labels = new Int32Array(this.nodeCount), high = new Uint8Array(this.nodeCount);
    let count = 1;
    for (const cut of accepted) {
      high.fill(0);
      forRuns(this.nodes[cut].highMembers, (i) => { high[i] = 1; });
      const number = new Int32Array(2 * count);
      for (let i = 0; i < labels.length; i++) { labels[i] += high[i] * count; number[labels[i]] = 1; }
      count = 0;
      for (let code = 0; code < number.length; code++) if (number[code]) number[code] = count++;
      for (let i = 0; i < labels.length; i++) labels[i] = number[labels[i]];
    }
    return { labels, count, accepted, kept };
  }

  /** Similarity of every cell to the mean unit feature of every class, [cells, classes]. */
  similarities({ labels, count }) {
    const result = new Float64Array(this.cellCount * count), sizes = new Float64Array(count), values = this.values;
    for (const label of labels) sizes[label]++;
    if (this.store === "products") {
      // ⟨f_i, mean of class k⟩ is the mean over the members j of ⟨f_i, f_j⟩; only j ≤ i is stored.
      for (let i = 0, at = 0; i < this.nodeCount; i++) {
        for (let j = 0; j < i; j++, at++) {
          result[i * count + labels[j]] += values[at];
          result[j * count + labels[i]] += values[at];
        }
        result[i * count + labels[i]] += values[at++];
      }
      for (let i = 0; i < result.length; i++) result[i] /= sizes[i % count];
      return result;
    }
    const channels = this.channels, means = new Float64Array(count * channels);
    for (let i = 0; i < this.nodeCount; i++) {
      for (let c = 0; c < channels; c++) means[labels[i] * channels + c] += values[i * channels + c];
    }
    for (let i = 0; i < means.length; i++) means[i] /= sizes[Math.floor(i / channels)];
    const cells = this.cellOffset;
    for (let i = 0; i < this.cellCount; i++) {
      for (let k = 0; k < count; k++) {
        let sum = 0;
        for (let c = 0; c < channels; c++) sum += values[cells + i * channels + c] * means[k * channels + c];
        result[i * count + k] = sum;
      }
    }
    return result;
  }

  /** Where the features pixels are assigned by begin: behind the nodes' if they are on a finer grid. */
  get cellOffset() { return this.values.length - this.cellCount * this.channels; }

  /** Cosines of one node with all. */
  cosinesOf(node) {
    const result = new Float64Array(this.nodeCount), values = this.values;
    if (this.store === "products") {
      for (let j = 0; j < this.nodeCount; j++) {
        result[j] = j <= node ? values[node * (node + 1) / 2 + j] : values[j * (j + 1) / 2 + node];
      }
      return result;
    }
    for (let j = 0; j < this.nodeCount; j++) {
      for (let c = 0; c < this.channels; c++) {
        result[j] += values[node * this.channels + c] * values[j * this.channels + c];
      }
    }
    return result;
  }

  /** The graph's weight for a cosine: scaled by the range of all, floored, to the power α, in single precision. */
  weight(cosine) {
    const [low, high] = this.cosines;
    if (!(high > low)) return 1;
    return Math.fround(Math.fround(Math.max((cosine - low) / (high - low), this.floor)) ** this.alpha);
  }
}

/**
 * The class of every pixel: the one with the largest similarity, bilinearly upsampled; the lowest of equal ones.
 *
 * Between four cells a class can win only if its largest corner is not below the largest of all classes' smallest
 * corners; few classes are left to compare there. The margin is far above rounding.
 */
function assign(recursion, similarities, count, height, width) {
  const result = new Int32Array(height * width);
  if (count === 1) return result;
  const { cellRows, cellColumns } = recursion, margin = 1e-9;
  const columns = Array.from({ length: width }, (_, x) => samplePosition(x, cellColumns, width));
  const candidates = new Array(cellRows * cellColumns);
  const find = (a, b, c, d) => {
    let floor = -Infinity;
    for (let k = 0; k < count; k++) {
      floor = Math.max(floor, Math.min(
        similarities[a + k], similarities[b + k], similarities[c + k], similarities[d + k]));
    }
    const found = [];
    for (let k = 0; k < count; k++) {
      const peak = Math.max(similarities[a + k], similarities[b + k], similarities[c + k], similarities[d + k]);
      if (peak >= floor - margin) found.push(k);
    }
    return found;
  };
  for (let y = 0; y < height; y++) {
    const row = samplePosition(y, cellRows, height), v = row.weight;
    for (let x = 0; x < width; x++) {
      const column = columns[x], u = column.weight;
      const a = (row.first * cellColumns + column.first) * count, b = (row.first * cellColumns + column.second) * count;
      const c = (row.second * cellColumns + column.first) * count, d = (row.second * cellColumns + column.second) * count;
      const quad = row.first * cellColumns + column.first;
      const near = candidates[quad] ??= find(a, b, c, d);
      let label = near[0];
      if (near.length > 1) {
        let best = -Infinity;
        for (const k of near) {
          const left = similarities[a + k] * (1 - v) + similarities[c + k] * v;
          const right = similarities[b + k] * (1 - v) + similarities[d + k] * v;
          const similarity = left * (1 - u) + right * u;
          if (similarity > best) { best = similarity; label = k; }
        }
      }
      result[y * width + x] = label;
    }
  }
  return result;
}

/** Ids from 1 by decreasing area, of equal areas the one met first: [{ id, label, area }] and ids of all pixels. */
function rank(labels, count) {
  const segments = Array.from({ length: count }, (_, label) => ({ label, area: 0, first: 0 }));
  for (let p = labels.length - 1; p >= 0; p--) { segments[labels[p]].area++; segments[labels[p]].first = p; }
  const order = segments.filter((s) => s.area > 0).sort((s, t) => t.area - s.area || s.first - t.first);
  const ids = new Int32Array(count);
  order.forEach((segment, place) => { segment.id = place + 1; ids[segment.label] = place + 1; });
  return { segments: order, map: labels.map((label) => ids[label]) };
}

