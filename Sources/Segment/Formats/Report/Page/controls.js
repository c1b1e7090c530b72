// SPDX-License-Identifier: Apache-2.0
// The controls: slider, list, pointer, keys.

// ---- Controls ------------------------------------------------------------------------------------------------

/** Paints at most once a frame. */
let isPaintDue = false;
function paintSoon() {
  if (isPaintDue) return;
  isPaintDue = true;
  requestAnimationFrame(() => { isPaintDue = false; view.paint(); });
}

function make(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function setTau(tau) {
  if (!Number.isFinite(tau)) return;
  view.setTau(tau);
  element("tau").value = view.tau;
  if (document.activeElement !== element("tau-number")) element("tau-number").value = view.tau;
  const count = view.segments.length;
  element("count").value = `${count} segment${count === 1 ? "" : "s"}`;
  element("tau").setAttribute("aria-valuetext", `${view.tau}: ${count} segments`);
  listSegments();
  highlight(view.highlighted);
}

/** The number with the fewest decimals above `low` and not above `high`. */
function shortestBetween(low, high) {
  for (let digits = 2; digits <= 20; digits++) {
    const step = 10 ** -digits, value = Number((Math.floor(low / step) * step + step).toFixed(digits));
    if (value > low && value <= high) return value;
  }
  return high;
}

/** To the next τ at which a cut is gained or lost. */
function stepChange(direction) {
  const { changes, tau: largest } = view.current;
  if (direction > 0) {
    const at = changes.findIndex((change) => change >= view.tau);
    if (at >= 0) setTau(shortestBetween(changes[at], Math.min(changes[at + 1] ?? largest, largest)));
  } else {
    const at = changes.findLastIndex((change) => change < view.tau);
    if (at >= 0) setTau(changes[at] > 0 ? shortestBetween(changes[at - 1] ?? 0, changes[at]) : 0);
  }
}

function listSegments() {
  const list = element("segments");
  list.replaceChildren(...view.segments.map((segment) => {
    const button = make("button"), id = make("span", "id"), swatch = make("i", "swatch");
    swatch.style.background = `rgb(${segment.color})`;
    id.append(swatch, String(segment.id));
    const next = segment.next === null || Number.isNaN(segment.next) ? "–" : segment.next.toFixed(4);
    button.append(id, make("span", "", percent(segment.area, view.map.length)), make("span", "", next));
    button.type = "button";
    button.setAttribute("aria-label",
      `Segment ${segment.id}, ${percent(segment.area, view.map.length)}, ${nextCut(segment)}`);
    button.onmouseenter = button.onfocus = () => highlight(segment.id);
    button.onmouseleave = button.onblur = () => highlight(0);
    const item = make("li");
    item.append(button);
    return item;
  }));
}

function highlight(id) {
  view.highlighted = id;
  document.querySelectorAll("#segments button").forEach((button, at) => button.classList.toggle("on", at + 1 === id));
  element("readout").textContent = view.readout;
  paintSoon();
}

function setMode(mode) {
  view.mode = mode;
  view.highlighted = 0;
  for (const button of document.querySelectorAll("[data-mode]")) {
    const isOn = button.dataset.mode === mode;
    button.setAttribute("aria-checked", isOn);
    button.tabIndex = isOn ? 0 : -1;
  }
  element("heat-choice").hidden = mode !== "affinity";
  element("opacity").value = 100 * view.opacity[mode];
  document.querySelectorAll("#eigenvectors button").forEach((button, at) =>
    button.setAttribute("aria-pressed", mode === "eigenvector" && at === view.vector));
  highlight(0);
  element("tip").hidden = true;
}

/** The pointer, or the arrow keys, at a pixel of the picture. */
function pointAt(x, y) {
  const { width, height } = element("canvas");
  view.point = { x: Math.min(Math.max(Math.floor(x), 0), width - 1), y: Math.min(Math.max(Math.floor(y), 0), height - 1) };
  highlight(view.mode === "segments" ? view.map[view.point.y * width + view.point.x] : 0);
  showTip();
}

function showTip() {
  const tip = element("tip"), segment = view.segments[view.highlighted - 1];
  tip.hidden = !segment;
  if (!segment) return;
  tip.replaceChildren(make("b", "", `Segment ${segment.id}`), make("br"),
    `${percent(segment.area, view.map.length)} of the image`, make("br"), nextCut(segment));
  const canvas = element("canvas"), frame = element("frame"), scale = canvas.clientWidth / canvas.width;
  const x = canvas.offsetLeft + view.point.x * scale, y = canvas.offsetTop + view.point.y * scale;
  const right = x + 16 + tip.offsetWidth < frame.clientWidth, below = y + 16 + tip.offsetHeight < frame.clientHeight;
  tip.style.left = `${right ? x + 16 : Math.max(4, x - 16 - tip.offsetWidth)}px`;
  tip.style.top = `${below ? y + 16 : Math.max(4, y - 16 - tip.offsetHeight)}px`;
}

/** The picture as large as the window allows, its aspect kept. */
function layOut() {
  const canvas = element("canvas"), frame = element("frame");
  const room = Math.max(240, Math.min(innerHeight * 0.68, innerHeight - 300));
  const scale = Math.min(frame.clientWidth / canvas.width, room / canvas.height);
  canvas.style.width = `${Math.round(canvas.width * scale)}px`;
  canvas.style.height = `${Math.round(canvas.height * scale)}px`;
  drawTicks();
}

/** A mark at every τ where the segments change. */
function drawTicks() {
  const ticks = element("ticks"), context = ticks.getContext("2d"), ratio = devicePixelRatio || 1;
  ticks.width = ticks.clientWidth * ratio;
  ticks.height = ticks.clientHeight * ratio;
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--muted");
  context.globalAlpha = 0.55;
  // The slider's thumb is 16 pixels wide and stays inside.
  const inset = 8 * ratio, length = ticks.width - 2 * inset;
  for (const change of view.current.changes) {
    context.fillRect(Math.round(inset + length * change / view.current.tau), 0, Math.max(1, ratio), ticks.height);
  }
}

function showEigenvectors() {
  const recursion = view.current, [height, width] = recursion.view, scale = Math.min(1, 280 / Math.max(height, width));
  element("eigen-card").hidden = recursion.eigenvectors.length === 0;
  element("eigenvectors").replaceChildren(...recursion.eigenvectors.map((vector, at) => {
    const canvas = make("canvas"), button = make("button");
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    vector.decoded ??= doubles(vector.vector);
    const image = new ImageData(canvas.width, canvas.height);
    const shown = upsample(vector.decoded, recursion.rows, recursion.columns, canvas.height, canvas.width);
    paintNumbers(image, shown, -1, 1, DIVERGING, 255);
    canvas.getContext("2d").putImageData(image, 0, 0);
    button.type = "button";
    button.append(canvas, make("span", "", `λ${subscript(at + 2)} = ${vector.value.toPrecision(3)}`));
    button.setAttribute("aria-label", `Eigenvector ${at + 2}`);
    button.onclick = () => { view.vector = at; setMode("eigenvector"); };
    return button;
  }));
}

// A number in subscript digits.
function subscript(number) {
  return [...String(number)].map((digit) => String.fromCharCode(0x2080 + Number(digit))).join("");
}

function select(index) {
  view.select(index);
  const recursion = view.current;
  element("name").textContent = recursion.name;
  element("facts").textContent = `${recursion.size[1]} × ${recursion.size[0]} pixels · ${recursion.encoder} encoder · ` +
    `${recursion.rows} × ${recursion.columns} nodes · α ${recursion.alpha} · ${recursion.changes.length} changes up to τ ${recursion.tau}`;
  for (const id of ["tau", "tau-number"]) element(id).max = recursion.tau;
  document.querySelectorAll("#images button").forEach((button, at) => button.setAttribute("aria-current", at === index));
  element("tau-number").blur();
  showEigenvectors();
  layOut();
  setTau(recursion.start);
  setMode(view.mode);
}

function listImages() {
  element("images").hidden = view.records.length < 2;
  if (view.records.length < 2) return;
  element("images").append(...view.records.map((record, index) => {
    const { name, thumbnail } = JSON.parse(record.textContent), button = make("button"), picture = make("img");
    picture.src = thumbnail;
    picture.alt = name;
    button.type = "button";
    button.title = name;
    button.append(picture);
    button.onclick = () => select(index);
    return button;
  }));
}

function listen() {
  const canvas = element("canvas"), tau = element("tau");
  tau.oninput = () => setTau(Number(tau.value));
  tau.onkeydown = (event) => {
    const step = event.shiftKey ? 0.001 : 0.01;
    const move = { ArrowLeft: -step, ArrowDown: -step, ArrowRight: step, ArrowUp: step }[event.key];
    if (move) setTau(Number((view.tau + move).toFixed(6)));
    else if (event.key === "PageUp") stepChange(1);
    else if (event.key === "PageDown") stepChange(-1);
    else return;
    event.preventDefault();
  };
  element("tau-number").oninput = (event) => { if (event.target.value !== "") setTau(Number(event.target.value)); };
  element("tau-number").onchange = (event) => { event.target.value = view.tau; };
  element("fewer").onclick = () => stepChange(-1);
  element("more").onclick = () => stepChange(1);
  element("opacity").oninput = (event) => { view.opacity[view.mode] = event.target.value / 100; paintSoon(); };
  element("heat").onchange = (event) => { view.heat = event.target.value; paintSoon(); };
  for (const button of document.querySelectorAll("[data-mode]")) {
    button.onclick = () => setMode(button.dataset.mode);
    button.onkeydown = (event) => {
      const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!move) return;
      const buttons = [...document.querySelectorAll("[data-mode]")];
      const next = buttons[(buttons.indexOf(button) + move + buttons.length) % buttons.length];
      setMode(next.dataset.mode);
      next.focus();
    };
  }
  canvas.onpointermove = (event) => {
    pointAt(event.offsetX * canvas.width / canvas.clientWidth, event.offsetY * canvas.height / canvas.clientHeight);
  };
  canvas.onpointerleave = () => { if (view.mode === "segments") { highlight(0); showTip(); } };
  canvas.onblur = canvas.onpointerleave;
  canvas.onkeydown = (event) => {
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    if (!dx && !dy) return;
    event.preventDefault();
    pointAt(view.point.x + dx * canvas.width / view.current.columns, view.point.y + dy * canvas.height / view.current.rows);
  };
  document.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT)$/.test(event.target.tagName)) return;
    const mode = { s: "segments", a: "affinity", e: "eigenvector" }[event.key];
    if (mode) setMode(mode);
    else if (event.key === "+" || event.key === "=") stepChange(1);
    else if (event.key === "-") stepChange(-1);
  };
  element("theme").onclick = () => setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  addEventListener("resize", layOut);
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  if (view.index >= 0) drawTicks();
}

// The window's own interface, for scripts and tests: labels of any image at any τ, without touching what is shown.
window.diffcut = {
  get names() { return view.records.map((record) => JSON.parse(record.textContent).name); },
  /** Classes of the nodes, row by row, zero-based: those of `diffcut cut --nodes`. */
  nodeLabels: (tau, index = view.index) => [...view.recursion(index).labels(tau).labels],
  /** Classes of the pixels, row by row, zero-based: those of `diffcut cut --mask-size`. */
  pixelLabels: (tau, height, width, index = view.index) => {
    const recursion = view.recursion(index), cut = recursion.labels(tau);
    const similarities = cut.count > 1 ? recursion.similarities(cut) : null;
    return [...assign(recursion, similarities, cut.count, height, width)];
  },
  /** What is shown: ids from 1 by area, row by row, as `diffcut segment` numbers them. */
  get shown() {
    const { tau, mode, map, segments, index, cut } = view, [height, width] = view.current.view;
    return { tau, mode, index, height, width, nodes: [...cut.labels], ids: [...map],
      segments: segments.map(({ id, area, next }) => ({ id, area, next })) };
  },
  select, setTau, setMode, pointAt,
};

setTheme(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
listImages();
listen();
if (view.records.length) select(0);
