#!/usr/bin/env python3
"""Cuts photographs into small pictures, the same ones everywhere, with nothing but Python's own library.

usage: crops.py FOLDER COUNT PHOTOGRAPH.png...

Writes COUNT pictures of 150 x 120 pixels as FOLDER/0/000.ppm, FOLDER/1/001.ppm and so on, in four folders.
"""
import pathlib
import struct
import sys
import zlib

WIDTH, HEIGHT, FOLDERS = 150, 120, 4


def read(path):
    """Rows of an 8-bit RGB or RGBA PNG, without alpha."""
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", path
    position, packed, header = 8, b"", None
    while position < len(data):
        length, kind = struct.unpack(">I4s", data[position : position + 8])
        body = data[position + 8 : position + 8 + length]
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", body)
        elif kind == b"IDAT":
            packed += body
        position += 12 + length
    width, height, depth, color, _, _, interlace = header
    assert depth == 8 and color in (2, 6) and not interlace, f"{path}: no plain RGB picture"
    step = 3 if color == 2 else 4
    raw, stride, above, rows = zlib.decompress(packed), width * step, bytearray(width * step), []
    for y in range(height):
        kind, row = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1 : (y + 1) * (stride + 1)])
        for x in range(stride):
            a = row[x - step] if x >= step else 0
            b = above[x]
            c = above[x - step] if x >= step else 0
            if kind == 1:
                guess = a
            elif kind == 2:
                guess = b
            elif kind == 3:
                guess = (a + b) // 2
            elif kind == 4:
                p, q, r = abs(b - c), abs(a - c), abs(a + b - 2 * c)
                guess = a if p <= q and p <= r else b if q <= r else c
            else:
                guess = 0
            row[x] = (row[x] + guess) & 255
        above = row
        rows.append(row if step == 3 else bytes(v for i, v in enumerate(row) if i % 4 < 3))
    return width, height, rows


def main():
    folder, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    photographs = [read(pathlib.Path(path)) for path in sys.argv[3:]]
    for index in range(count):
        width, height, rows = photographs[index % len(photographs)]
        # Steps that share no factor with the sides: no two crops of one photograph are alike.
        x, y = index * 37 % (width - WIDTH), index * 53 % (height - HEIGHT)
        target = folder / str(index % FOLDERS) / f"{index:03}.ppm"
        target.parent.mkdir(parents=True, exist_ok=True)
        pixels = b"".join(bytes(row[3 * x : 3 * (x + WIDTH)]) for row in rows[y : y + HEIGHT])
        target.write_bytes(f"P6\n{WIDTH} {HEIGHT}\n255\n".encode() + pixels)


main()
