#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same label maps from 1 to 8 threads, from run to run, by every instruction set that this machine has and on processors
that it only pretends to be; and the largest grid within its memory.

usage: Tests/Recipes/same-answer.py [--tool DIFFCUT] [--emulator PROGRAM]

Label maps are compared byte for byte: those of the goldens in fixtures/ncut, of photographs by the built-in encoder, and of a
narrow diffusion model. Features of the model are compared bit for bit between threads and runs, and between instruction sets to
1e-4 of their norm, which is what they may be from diffusers. qemu-x86_64 (Debian's qemu-user) is a Nehalem, without AVX, and a Haswell, with AVX2 only; without it these
are said to be skipped. It emulates no AVX-512.
"""
import argparse
import array
import hashlib
import math
import os
import pathlib
import platform
import resource
import shutil
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
#: Of a 128x128 grid with 32 channels: half of 16,384 x 16,384 weights in single precision, twice, and Lanczos vectors.
LARGEST_GRID_MEGABYTES = 1300


def say(text):
    print(f"same-answer: {text}", flush=True)


def require(holds, text):
    if not holds:
        sys.exit(f"same-answer: FAILED: {text}")


class Answers:
    def __init__(self, tool, work):
        self.tool, self.work = tool, work
        self.model = work / "model"
        self.run("model", "synthesize", "sd1.4", "-q", "-o", self.model)
        self.count = 0

    def run(self, *words, prefix=(), environment=None):
        done = subprocess.run(
            [*map(str, prefix), self.tool, *map(str, words)], capture_output=True, text=True,
            env=os.environ | (environment or {}))
        require(done.returncode == 0, f"{' '.join(map(str, words))}: {done.stderr}")
        return done.stdout

    def answers(self, threads=2, prefix=(), environment=None):
        """Every result by its name."""
        self.count += 1
        out = self.work / str(self.count)
        out.mkdir()
        how = {"prefix": prefix, "environment": environment}
        for golden in sorted((ROOT / "fixtures/ncut").glob("*.safetensors")):
            name = golden.stem
            words = ["--tau", name.split("-tau")[1].split("-")[0]] if "-tau" in name else []
            grid = [part for part in name.split("-") if part.split("x")[0].isdigit() and "x" in part]
            words += ["--grid", grid[0]] if grid else []
            self.run("cut", golden, *words, "-q", "-t", threads, "-o", out / f"{name}.npy", **how)
        self.run("segment", *sorted((ROOT / "fixtures/images").glob("*.png")), "-f", "labels", "-q", "-t", threads, "-o", out, **how)
        photograph = ROOT / "fixtures/images/coffee.png"
        self.run("features", photograph, "--model", self.model, "--size", 256, "-q", "-t", threads, "-o", out / "model.features.npy", **how)
        self.run("segment", photograph, "--model", self.model, "--size", 256, "-q", "-t", threads, "-f", "labels", "-o", out / "model", **how)
        return {
            str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*"))
            if path.suffix in (".npy", ".png")}


def numbers(npy):
    length = struct.unpack_from("<H", npy, 8)[0]
    values = array.array("f")
    values.frombytes(npy[10 + length:])
    return values


def compare(first, other, what, bits):
    require(first.keys() == other.keys(), f"{what}: other files")
    for name in first:
        if bits or name != "model.features.npy":
            require(first[name] == other[name], f"{what}: {name} differs")
        else:
            a, b = numbers(first[name]), numbers(other[name])
            error = math.sqrt(sum((x - y) ** 2 for x, y in zip(a, b)) / sum(x * x for x in a))
            require(len(a) == len(b) and error < 1e-4, f"{what}: features differ by {error}")
            return f", features within {error:.1e}"
    return ""


def largest_grid(answers):
    """Sixty-four fields with noise."""
    path = answers.work / "large.npy"
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (128, 128, 32), }"
    header += " " * (117 - len(header)) + "\n"
    values = array.array("f")
    for node in range(128 * 128):
        field = hashlib.sha256(str((node // 128 // 16, node % 128 // 16)).encode()).digest()
        noise = hashlib.sha256(str(node).encode()).digest()
        values.extend((field[c] - 127.5) / 127.5 + (noise[c] - 127.5) / 2550 for c in range(32))
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + values.tobytes())
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    answers.run("cut", path, "-q", "-o", answers.work / "large.labels.npy")
    # Of all children so far the largest.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 // 1_000_000
    require(peak > before * 1024 // 1_000_000 and peak <= LARGEST_GRID_MEGABYTES, f"{peak} MB for 16,384 nodes")
    labels = (answers.work / "large.labels.npy").read_bytes()
    found = set(struct.unpack(f"<{128 * 128}i", labels[-4 * 128 * 128:]))
    require(len(found) == 64, f"{len(found)} segments of 64 fields")
    say(f"a 128x128 grid: 64 segments, {peak} MB at most")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", default=ROOT / ".build/release/diffcut")
    parser.add_argument("--emulator", default=shutil.which("qemu-x86_64"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        answers = Answers(pathlib.Path(options.tool).resolve(), pathlib.Path(work))
        first = answers.answers(threads=1)
        for threads in range(1, 9):
            compare(first, answers.answers(threads), f"{threads} threads", bits=True)
        say(f"1 to 8 threads, each anew: {len(first)} files, all equal")
        x86 = platform.machine() in ("x86_64", "AMD64")
        flags = pathlib.Path("/proc/cpuinfo").read_text() if pathlib.Path("/proc/cpuinfo").exists() else ""
        sets = ["portable"] + ["avx2"] * ("avx2" in flags) + ["avx512"] * ("avx512vl" in flags)
        for isa in sets:
            note = compare(first, answers.answers(environment={"DIFFCUT_ISA": isa}), isa, bits=False)
            say(f"{isa}: label maps equal{note}")
        if x86 and options.emulator:
            for processor, isa in (("Nehalem", "portable"), ("Haswell", "avx2")):
                prefix = [options.emulator, "-cpu", processor]
                chosen = answers.run("--version", "--json", prefix=prefix)
                require(f'"isa":"{isa}"' in chosen, f"{processor}: {chosen}")
                note = compare(first, answers.answers(prefix=prefix), processor, bits=False)
                say(f"{processor} (qemu) takes {isa}: label maps equal{note}")
        else:
            say("processors of qemu: skipped, there is no qemu-x86_64")
        largest_grid(answers)


if __name__ == "__main__":
    main()
