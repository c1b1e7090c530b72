# SPDX-License-Identifier: Apache-2.0
"""README's picture: photographs, their segments by the built-in encoder, and by a model.

    pip install pillow
    python photographs.py .build/release/diffcut MODEL OUT.png
"""
import pathlib
import subprocess
import sys
import tempfile

from PIL import Image

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "fixtures/images"
PHOTOGRAPHS = [FOLDER / name for name in ("coffee.png", "astronaut.png", "chelsea.png", "rocket.jpg")]
HEIGHT, GAP = 200, 6


def main(diffcut, model, output):
    rows = [PHOTOGRAPHS]
    for options in ([], ["--model", model]):
        folder = pathlib.Path(tempfile.mkdtemp())
        subprocess.run([diffcut, "segment", *PHOTOGRAPHS, *options, "--refine", "pamr", "--min-area", "0.5%", "-f", "overlay",
                        "-o", folder, "-q"], check=True)
        rows.append([folder / f"{photograph.stem}.overlay.png" for photograph in PHOTOGRAPHS])
    pictures = []
    for row in rows:
        images = [Image.open(path).convert("RGB") for path in row]
        pictures.append([image.resize((round(image.width * HEIGHT / image.height), HEIGHT), Image.LANCZOS) for image in images])
    width = sum(image.width + GAP for image in pictures[0]) - GAP
    sheet = Image.new("RGB", (width, len(rows) * (HEIGHT + GAP) - GAP), "white")
    for y, row in enumerate(pictures):
        x = 0
        for image in row:
            sheet.paste(image, (x, y * (HEIGHT + GAP)))
            x += image.width + GAP
    sheet.quantize(256).save(output, optimize=True)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
