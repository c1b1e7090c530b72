# SPDX-License-Identifier: Apache-2.0
"""Segmentation covering of annotated photographs by diffcut.

    pip install numpy pillow
    python covering.py .build/release/diffcut FOLDER [--csv FILE] [-- options of diffcut segment]

FOLDER holds NAME.png and, for each annotator, NAME.gtK.png (8- or 16-bit ids). Covering of a ground truth by a machine
segmentation: the sum over true regions R of |R| · max IoU(R, R') over machine regions R', divided by the number of
pixels; averaged over annotators, then images (Arbeláez, Maire, Fowlkes & Malik, PAMI 2011, §3.1).
"""
import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
from PIL import Image


def covering(truth, machine):
    _, r = np.unique(truth, return_inverse=True)
    _, m = np.unique(machine, return_inverse=True)
    r, m = r.ravel(), m.ravel()
    both = np.zeros((r.max() + 1, m.max() + 1))
    np.add.at(both, (r, m), 1)
    areas, other = both.sum(1), both.sum(0)
    overlap = both / (areas[:, None] + other[None] - both)
    return float((areas * overlap.max(1)).sum() / areas.sum())


def main():
    arguments, passed = sys.argv[1:], []
    if "--" in arguments:
        split = arguments.index("--")
        arguments, passed = arguments[:split], arguments[split + 1:]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--csv", type=pathlib.Path)
    options = parser.parse_args(arguments)
    images = sorted(p for p in options.folder.glob("*.png") if "." not in p.stem)
    if not images:
        parser.error(f"no NAME.png in {options.folder}")
    rows = []
    with tempfile.TemporaryDirectory() as out:
        start = time.perf_counter()
        subprocess.run([options.binary, "segment", *map(str, images), "-o", out, "-q", *passed], check=True)
        seconds = (time.perf_counter() - start) / len(images)
        for path in images:
            machine = np.array(Image.open(f"{out}/{path.stem}.labels.png"))
            truths = [np.array(Image.open(p)) for p in sorted(options.folder.glob(f"{path.stem}.gt*.png"))]
            rows.append((path.stem, statistics.mean(covering(t, machine) for t in truths), len(np.unique(machine))))
    if options.csv:
        options.csv.write_text("image,covering,segments\n" + "".join(f"{n},{c:.4f},{s}\n" for n, c, s in rows))
    scores = [row[1] for row in rows]
    print(f"{len(rows)} images: mean covering {statistics.mean(scores):.4f}, median {statistics.median(scores):.4f}, "
          f"lowest {min(rows, key=lambda r: r[1])[0]} {min(scores):.3f}; "
          f"{statistics.mean(row[2] for row in rows):.1f} segments, {seconds:.2f} s an image")


if __name__ == "__main__":
    main()
