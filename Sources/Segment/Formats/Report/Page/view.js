// SPDX-License-Identifier: Apache-2.0
// The view: the chosen image at the chosen τ, painted in one of three ways.

// ---- View ----------------------------------------------------------------------------------------------------

const element = (id) => document.getElementById(id);
const percent = (part, whole) => `${(100 * part / whole).toFixed(1)} %`;

const view = {
  records: [...document.querySelectorAll("script.record")],
  data: [...document.querySelectorAll("script.data")],
  recursions: [],
  index: -1, tau: 0, mode: "segments", vector: 0, heat: "cosine", highlighted: 0,
  /** Pixel under the pointer; the center at first. */
  point: { x: 0, y: 0 },
  opacity: { segments: 0.5, affinity: 0.75, eigenvector: 0.9 },

  /** An image's recursion, decoded when first asked for. */
  recursion(index) {
    return this.recursions[index] ??=
      new Recursion(JSON.parse(this.records[index].textContent), this.data[index].textContent);
  },
  get current() { return this.recursion(this.index); },

  select(index) {
    this.index = index;
    const recursion = this.current, [height, width] = recursion.view, canvas = element("canvas");
    canvas.width = width;
    canvas.height = height;
    this.layer = new OffscreenCanvas(width, height);
    this.pixels = new ImageData(width, height);
    this.point = { x: Math.floor(width / 2), y: Math.floor(height / 2) };
    this.highlighted = 0;
    this.vector = 0;
    this.photo = new Image();
    this.photo.onload = () => this.paint();
    this.photo.src = recursion.photo;
    this.setTau(recursion.start);
  },

  /** Cuts again and assigns the pixels of the picture as it is shown. */
  setTau(tau) {
    const recursion = this.current, [height, width] = recursion.view;
    this.tau = Math.min(Math.max(tau, 0), recursion.tau);
    this.cut = recursion.labels(this.tau);
    const similarities = this.cut.count > 1 ? recursion.similarities(this.cut) : null;
    const { segments, map } = rank(assign(recursion, similarities, this.cut.count, height, width), this.cut.count);
    const colors = classColors(recursion, this.cut), next = new Array(this.cut.count).fill(null);
    for (const index of this.cut.kept) {
      const node = recursion.nodes[index];
      next[this.cut.labels[node.members[0]]] = node.ncut;
    }
    for (const segment of segments) {
      segment.color = segmentColor(colors[segment.label]);
      segment.next = next[segment.label];
    }
    this.segments = segments;
    this.map = map;
    this.colors = [[0, 0, 0], ...segments.map((segment) => segment.color)];
    if (this.highlighted > segments.length) this.highlighted = 0;
  },

  get node() {
    const recursion = this.current, [height, width] = recursion.view;
    return nearestSample(this.point.y, recursion.rows, height) * recursion.columns +
      nearestSample(this.point.x, recursion.columns, width);
  },

  /** Numbers of the nodes that the view shows, with their range and colors; null for segments. */
  numbers() {
    const recursion = this.current;
    if (this.mode === "affinity") {
      let values = recursion.cosinesOf(this.node);
      if (this.heat === "weight") values = values.map((cosine) => recursion.weight(cosine));
      const low = this.heat === "weight" ? 0 : Math.min(...values);
      return { values, low, high: Math.max(...values), colors: SEQUENTIAL };
    }
    const vector = recursion.eigenvectors[this.vector];
    if (this.mode !== "eigenvector" || !vector) return null;
    vector.decoded ??= doubles(vector.vector);
    return { values: vector.decoded, low: -1, high: 1, colors: DIVERGING };
  },

  paint() {
    const canvas = element("canvas"), context = canvas.getContext("2d"), { width, height } = canvas;
    const recursion = this.current, alpha = Math.round(255 * this.opacity[this.mode]);
    context.clearRect(0, 0, width, height);
    if (this.photo.complete) context.drawImage(this.photo, 0, 0, width, height);
    const numbers = this.numbers();
    if (numbers) {
      const shown = upsample(numbers.values, recursion.rows, recursion.columns, height, width);
      paintNumbers(this.pixels, shown, numbers.low, numbers.high, numbers.colors, alpha);
    } else {
      paintSegments(this.pixels, this.map, this.colors, alpha, this.highlighted);
    }
    this.layer.getContext("2d").putImageData(this.pixels, 0, 0);
    context.drawImage(this.layer, 0, 0);
    if (this.mode === "affinity") this.paintCell(context);
    canvas.setAttribute("aria-label", this.description);
  },

  /** The cell that everything is compared with. */
  paintCell(context) {
    const { rows, columns, view: [height, width] } = this.current;
    const row = Math.floor(this.node / columns), column = this.node % columns;
    const box = [column * width / columns, row * height / rows, width / columns, height / rows];
    context.lineWidth = Math.max(4, width / 160);
    context.strokeStyle = "#000c";
    context.strokeRect(...box);
    context.lineWidth /= 2;
    context.strokeStyle = "#fff";
    context.strokeRect(...box);
  },

  get description() {
    const name = this.current.name;
    if (this.mode === "affinity") return `${name}: similarity of every place to the marked place`;
    if (this.mode === "eigenvector") return `${name}: eigenvector ${this.vector + 2} of the graph`;
    return `${name}: ${this.segments.length} segments at τ ${this.tau}`;
  },

  /** A description of the place under the pointer. */
  get readout() {
    const recursion = this.current, cosines = recursion.cosines;
    if (this.mode === "affinity") {
      const row = Math.floor(this.node / recursion.columns), column = this.node % recursion.columns;
      return `node ${row}, ${column} of ${recursion.rows}×${recursion.columns}; ` +
        `cosines in this graph: ${cosines[0].toFixed(3)} to ${cosines[1].toFixed(3)}`;
    }
    if (this.mode === "eigenvector") {
      const vector = recursion.eigenvectors[this.vector];
      return vector ? `eigenvector ${this.vector + 2}, λ = ${vector.value.toPrecision(4)}; blue −1, orange 1`
        : "this graph has no eigenvectors to show";
    }
    const segment = this.segments[this.highlighted - 1];
    return segment ? `segment ${segment.id}: ${percent(segment.area, this.map.length)}, ${nextCut(segment)}` :
      "move the pointer over a segment";
  },
};

function nextCut(segment) {
  if (segment.next === null || Number.isNaN(segment.next)) return "cannot split";
  return `splits again above τ ${segment.next.toFixed(4)}`;
}

