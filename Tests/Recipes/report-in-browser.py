#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Opens `diffcut report` pages in Chromium and compares what they compute with the tool's own results.

    python Tests/Recipes/report-in-browser.py .build/release/diffcut [--browser chromium] [--screenshots FOLDER]

The page is opened from disk. Its slider is moved to five values of tau; the labels of nodes are compared with
`diffcut cut --nodes`, those of 128 x 128 pixels with `diffcut cut`, and the ids of the picture with `diffcut segment`: all
have to be equal. A last page has a file name that would end its script element if it were not escaped. Needs Chromium,
NumPy and Pillow.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import numpy
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODEL = ROOT / "fixtures/diffusion/ssd-1b"
TAUS = [0.41, 0.6, 0.7, 0.8, 0.95]

PROBE = """<script nonce="diffcut">
const results = [];
for (const tau of TAUS) {
  const slider = document.getElementById("tau");
  slider.value = tau;
  slider.dispatchEvent(new Event("input"));
  const { nodes, ids, height, width, tau: reached } = window.diffcut.shown;
  results.push({ tau: reached, nodes, ids, height, width, pixels: window.diffcut.pixelLabels(tau, 128, 128) });
}
const output = document.createElement("pre");
output.id = "probe";
output.textContent = JSON.stringify({ results, name: document.getElementById("name").textContent,
  title: document.title, broken: window.broken === true });
document.body.append(output);
</script>
"""

SCENES = {
    "segments": "",
    "hover": "diffcut.pointAt(0.45 * diffcut.shown.width, 0.45 * diffcut.shown.height);",
    "affinity": "diffcut.setMode('affinity'); diffcut.pointAt(0.4 * diffcut.shown.width, 0.5 * diffcut.shown.height);",
    "eigenvector": "diffcut.setMode('eigenvector');",
    "dark": "document.getElementById('theme').click();",
}


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stderr}")
    return done.stdout


def browse(browser, folder, page, script, *flags):
    """Opens a copy of the page with a script at its end; everything happens while it loads."""
    copy = folder / "opened.html"
    copy.write_bytes(page.read_bytes() + script.encode())
    return run(
        browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        f"--user-data-dir={folder}/profile", "--virtual-time-budget=5000", *flags, copy.as_uri())


def probe(browser, folder, page, taus):
    dom = browse(browser, folder, page, PROBE.replace("TAUS", json.dumps(taus)), "--dump-dom")
    found = re.search(r'<pre id="probe">(.*?)</pre>', dom, re.S)
    if not found:
        sys.exit(f"{page}: the page's script did not run to its end")
    return json.loads(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


class Comparison:
    def __init__(self):
        self.failures = 0

    def equal(self, what, found, expected):
        found, expected = numpy.asarray(found).ravel(), numpy.asarray(expected).ravel()
        same = found.shape == expected.shape and bool((found == expected).all())
        self.failures += not same
        difference = "" if same else f": {int((found != expected).sum()) if found.shape == expected.shape else 'size'} differ"
        print(f"  {'ok  ' if same else 'FAIL'} {what}{difference}")


def compare(options, folder, image, flags, taus, comparison):
    """One page against `segment`, and against `cut` where features can be handed over without loss."""
    tool, page = options.tool, folder / "report.html"
    run(tool, "report", image, "-o", page, "--max-tau", "1", *flags)
    store = re.search(rb'"store":"(\w+)"', page.read_bytes())[1].decode()
    print(f"{image.name} {' '.join(map(str, flags)) or 'built-in'}: {page.stat().st_size / 1e6:.1f} MB, {store}")
    for result in probe(options.browser, folder, page, taus)["results"]:
        tau = result["tau"]
        assert tau in taus, tau
        if flags:
            features, nodes, pixels = (folder / name for name in ("features.npy", "nodes.npy", "pixels.npy"))
            run(tool, "features", image, "-o", features, *flags)
            run(tool, "cut", features, "--tau", tau, "--nodes", nodes, "-o", pixels)
            expected = numpy.load(nodes)
            comparison.equal(f"tau {tau}: nodes as cut, {expected.max() + 1} classes", result["nodes"], expected)
            comparison.equal(f"tau {tau}: 128x128 pixels as cut", result["pixels"], numpy.load(pixels))
        run(tool, "segment", image, "--tau", tau, "-o", folder / "out", *flags)
        ids = numpy.asarray(Image.open(folder / "out" / f"{image.stem}.labels.png"))
        comparison.equal(f"tau {tau}: ids as segment, {ids.max()} segments", result["ids"], ids)


def hostile(options, folder, comparison):
    """A path that holds </script>."""
    name = folder / "a<" / "script><script>window.broken = true<" / "b&amp;\"'.png"
    name.parent.mkdir(parents=True)
    shutil.copy(ROOT / "fixtures/images/coffee.png", name)
    page = folder / "hostile.html"
    run(options.tool, "report", name, "-o", page)
    found = probe(options.browser, folder, page, [0.2])
    print("a path with </script> in it")
    comparison.equal("is shown as it is", [found["name"], found["broken"]], [str(name), False])


def subscripts(options, folder, comparison):
    """Eigenvectors are numbered from 2; of ten and more the subscript has two digits."""
    page = folder / "subscripts.html"
    run(options.tool, "report", ROOT / "fixtures/images/coffee.png", "-o", page, "--eigenvectors", "12")
    dom = browse(options.browser, folder, page, "", "--dump-dom")
    print("twelve eigenvectors")
    digits = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
    numbers = [int(number.translate(digits)) for number in re.findall("λ([₀-₉]+) =", dom)]
    comparison.equal("have numbers", numbers, range(2, 14))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("--browser", default="chromium")
    parser.add_argument("--screenshots", type=pathlib.Path)
    options = parser.parse_args()
    comparison = Comparison()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        images = ROOT / "fixtures/images"
        # 64, 256 and 1024 nodes, kept as their products; the built-in encoder's features are kept themselves.
        for name, size in [("coffee", 256), ("astronaut", 256), ("coffee", 512), ("chelsea", 1024)]:
            flags = ["--model", MODEL, "--size", size]
            compare(options, folder, images / f"{name}.png", flags, TAUS, comparison)
        compare(options, folder, images / "chelsea.png", [], [0.1, 0.2, 0.25, 0.3, 0.4], comparison)
        hostile(options, folder, comparison)
        subscripts(options, folder, comparison)
        if options.screenshots:
            options.screenshots.mkdir(parents=True, exist_ok=True)
            page = folder / "report.html"
            run(options.tool, "report", *(images / f"{stem}.png" for stem in ("coffee", "astronaut", "chelsea")), "-o", page)
            for scene, script in SCENES.items():
                browse(options.browser, folder, page, f'<script nonce="diffcut">{script}</script>', "--window-size=1440,1000",
                       f"--screenshot={options.screenshots / scene}.png")
    print(f"{comparison.failures} comparisons failed" if comparison.failures else "all equal")
    return 1 if comparison.failures else 0


if __name__ == "__main__":
    sys.exit(main())
