#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs two diffcut binaries on the repository's fixtures and compares the bytes that they write.

usage: Tests/Recipes/compare-binaries.py OLD NEW [--isa LIST] [--threads LIST] [--only TEXT]
       [--keep DIR] [--help-texts]

A restructuring must not change any result. OLD is the binary before it, NEW the binary after it.

The complete list of cases runs on the widest instruction set with 2 threads. A core list runs on every other combination of
instruction set and number of threads. Both binaries work in folders of the same relative paths. Standard output and standard
error are compared too; durations are masked. Each step states the exit code that it expects.

Some outputs may change in form. The script compares their content:

- Features and attention maps: their values as float32. Shape, metadata and the ending of the file that `segment -f features`
  writes do not count.
- Lines of `segment --json` and `refine --json`, reports, records in `.diffcut` and sums of `--partial`: their fields. Durations and
  memory do not count. The script reports how many outputs differ in IGNORED_FIELDS.

The script does not run `bench`. It does not run `cut` on features of the built-in encoder, whose defaults may change.

Exit code 0: no output differs. 1: some outputs differ. 2: wrong usage, or a fault of this script. A step that ends with an
unexpected exit code in both binaries, or that writes nothing, is a fault of this script.

The script is one file of more than 300 lines, most of them the list of cases, so that it can be copied to run beside any version.
"""
import argparse
import array
import collections
import dataclasses
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FIXTURES = ROOT / "fixtures"

#: Fields of JSON output that a restructuring may change. The script counts the outputs in which they differ.
IGNORED_FIELDS = {"config_hash"}
#: Fields that differ from run to run.
TIMING_FIELDS = {"ms", "peak_mb", "seconds", "gflops"}
DURATION = re.compile(rb"\b\d+(\.\d+)? (ms|s)\b")
#: Files that hold features or attention maps.
VALUES = re.compile(r"\.(features|attention)\.(npy|safetensors)$")
#: Files that hold fields of JSON, some of them durations or hashes of settings.
FIELDS = re.compile(r"(^|/)\.diffcut/.*\.json$|\.(report|sums)\.jsonl?$")
#: Environment variables that change what diffcut does.
CLEARED = re.compile(r"^(DIFFCUT_|HF_|SLURM_|JOB_COMPLETION_INDEX$|XDG_CACHE_HOME$)")
SHOWN_DIFFERENCES = 20
STEP_TIMEOUT_SECONDS = 600

# ------------------------------------------------------------------ arrays

NPY_TYPES = {"F16": "<f2", "F32": "<f4", "F64": "<f8", "I32": "<i4", "U8": "|u1"}
STRUCT_CODES = {"<f2": "e", "<f4": "f", "<f8": "d", "F16": "e", "F32": "f", "F64": "d"}


def safetensors_entries(data):
    """Returns the tensors of a .safetensors file by name, as type, shape and bytes, and the metadata."""
    length = struct.unpack_from("<Q", data)[0]
    header = json.loads(data[8:8 + length])
    metadata = header.pop("__metadata__", {})
    body = memoryview(data)[8 + length:]
    return {
        name: (entry["dtype"], entry["shape"], bytes(body[slice(*entry["data_offsets"])]))
        for name, entry in header.items()}, metadata


def float32_bytes(code, data):
    """Returns the bytes of numbers of one type as float32."""
    if code == "f":
        return data
    numbers = struct.unpack(f"<{len(data) // struct.calcsize(code)}{code}", data)
    return array.array("f", numbers).tobytes()


def values(data, name):
    """Returns the flattened float32 values of a .npy or .safetensors file as bytes, by tensor name. `name` is the tensor of a
    .npy file. Tensors other than features and attention maps are left out."""
    if data[:6] == b"\x93NUMPY":
        size, start = ("<H", 10) if data[6] == 1 else ("<I", 12)
        length = struct.unpack_from(size, data, 8)[0]
        header = data[start:start + length].decode("latin-1")
        kind = re.search(r"'descr': '([^']*)'", header).group(1)
        if "'fortran_order': False" not in header:
            raise ValueError("the array is in Fortran's order")
        return {name: float32_bytes(STRUCT_CODES[kind], data[start + length:])}
    tensors, _ = safetensors_entries(data)
    return {
        key: float32_bytes(STRUCT_CODES[kind], content) for key, (kind, _, content) in sorted(tensors.items())
        if re.match(r"(features|attention)(\.|$)", key)}


def npy(kind, shape, data):
    """Returns a .npy file of raw bytes. `kind` is a type of .safetensors files."""
    text = f"{{'descr': '{NPY_TYPES[kind]}', 'fortran_order': False, 'shape': ({', '.join(map(str, shape))},), }}"
    text += " " * (63 - (len(text) + 10) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + data


def npy_of(path, name, shape=None):
    """Returns one tensor of a fixture as a .npy file."""
    kind, own, data = safetensors_entries((FIXTURES / path).read_bytes())[0][name]
    return npy(kind, shape or own, data)


def floats(*numbers, shape):
    return npy("F32", shape, struct.pack(f"<{len(numbers)}f", *numbers))


def ppm_of(path, name):
    """Returns one tensor [height, width, 3] of a fixture as a picture."""
    _, (height, width, _), data = safetensors_entries((FIXTURES / path).read_bytes())[0][name]
    return f"P6\n{width} {height}\n255\n".encode() + data


# ------------------------------------------------------------------ cases

@dataclasses.dataclass
class Step:
    """One command, the exit code that it ends with, and how its standard output is compared."""
    words: list
    code: int = 0
    output: str = "text"  # text, with durations masked; bytes; fields, of JSON lines; or features
    input: object = None
    environment: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Case:
    name: str
    steps: list
    inputs: dict  # bytes, or the path of a file to copy, by relative path
    core: bool


def run(text, code=0, output="text", quiet=True, input=None, threads=True, environment=None):
    """Returns a step. The words are separated by spaces; -q and the number of threads are added."""
    words = text.split()
    words += ["-q"] if quiet else []
    words += ["-t", "THREADS"] if threads and words[0] != "merge" else []
    return Step(words, code, output, input, environment or {})


def fail(text, code, input=None, environment=None):
    """Returns a step that ends with an error. The text of the error is compared."""
    return run(text, code, quiet=False, input=input, threads=False, environment=environment)


def case(name, *steps, inputs=None, core=False):
    return Case(name, list(steps), inputs or {}, core)


GROUPS = []


def group(title):
    def register(function):
        GROUPS.append((title, function))
        return function
    return register


PHOTOGRAPHS = [f"fixtures/images/{name}.png" for name in ("astronaut", "chelsea", "coffee")]
ASTRONAUT, CHELSEA, COFFEE = PHOTOGRAPHS
FORMATS = (
    "labels overlay contour npy geojson yolo coco panoptic label-studio cvat csv tree embeddings features heatmap eigenvectors"
).split()
TREE_FORMATS = "labels,npy,tree,embeddings,csv"
MODEL_FORMATS = "labels,npy,tree,embeddings,features,csv,heatmap,eigenvectors"
MODELS = [f"fixtures/diffusion/{name}" for name in ("ssd-1b", "vega", "sd1.4")]
SSD, VEGA, SD = MODELS


def name_of(path):
    return path.split("/")[-1].split(".png")[0]


@group("segment, photographs")
def photographs():
    for path in PHOTOGRAPHS:
        yield case(name_of(path), run(f"segment {path} -o out -f labels,overlay"), core=True)
    for folder, code in (("jpeg", 1), ("png", 0), ("pnm", 0)):
        name = "{dir}/{file}.{kind}.{ext}"
        yield case(f"{folder}-decoders", run(f"segment fixtures/{folder} -o out -f labels,overlay --name {name}", code))
    yield case("streams", run("segment - -o - -f labels", output="bytes", input=FIXTURES / "images/coffee.png"))
    yield case("summary", run(f"segment {' '.join(PHOTOGRAPHS)} -o out -f labels", quiet=False))


@group("segment, formats")
def formats():
    for path in PHOTOGRAPHS:
        yield case(name_of(path), run(f"segment {path} -o out -f {','.join(FORMATS)}"))
    yield case("joined", run(f"segment {' '.join(PHOTOGRAPHS)} -o out --size 200 -f {','.join(FORMATS)}"), core=True)
    for kind in FORMATS:
        if kind != "panoptic":  # two files
            output = "features" if kind == "features" else "bytes"
            yield case(f"stream-{kind}", run(f"segment {CHELSEA} -o - -f {kind} --size 128", output=output))
    yield case("tolerance", run(f"segment {ASTRONAUT} -o out -f geojson,yolo --tolerance 1.5"))
    yield case("image-root", run(f"segment {ASTRONAUT} -o out -f label-studio --image-root s3://bucket/"))
    yield case("point", run(f"segment {COFFEE} -o out -f heatmap --point 100,50"))
    yield case("eigenvectors", run(f"segment {COFFEE} -o out -f eigenvectors --eigenvectors 7"))


@group("segment, settings")
def settings():
    for index, options in enumerate((
        "--tau 0.1", "--tau 0.6", "--alpha 10", "--alpha 60 --tau 0.35", "--size 128", "--size 512", "--upsample nearest",
        "--upsample corner", "--upsample bilinear", "--min-area 200", "--min-area 0.5%", "--refine pamr",
        "--refine pamr --pamr-size own --pamr-iterations 5 --pamr-dilations 1,2,4",
        "--refine pamr --pamr-size 256 --upsample nearest",
    )):
        name = options.replace("--", "").replace(" ", "-")
        yield case(name, run(f"segment {PHOTOGRAPHS[index % 3]} -o out -f {TREE_FORMATS} {options}"))
    yield case(
        "pamr-and-min-area", core=True, *[
            run(f"segment {path} -o out -f {TREE_FORMATS} --refine pamr --pamr-size 200 --min-area 0.5%")
            for path in PHOTOGRAPHS])


def picture_folder():
    sets = FIXTURES / "evaluation/sets/voc-own/JPEGImages"
    return {f"in/{name}.jpg": sets / f"{name[-1]}.jpg" for name in ("a", "sub/b", "sub/c")} | {
        "in/bad.ppm": b"P6\n9 9\n255\nshort", "in/notes.txt": b"not an image\n"}


@group("segment, batches")
def batches():
    inputs = picture_folder()
    joined = "-f labels,coco,panoptic,csv"
    yield case(
        "folder", run(f"segment -r in -o out {joined} --report all.report.jsonl", 1), run("segment in -o flat", 1),
        run(f"segment -r in -o out {joined} --report again.report.jsonl", 1), run("segment -r in -o out -f npy", 1),
        run(f"segment -r in -o out {joined} --overwrite", 1), inputs=inputs)
    yield case(
        "shares", *[run(f"segment -r in -o out {joined} --shard {i}/2 --report {i}.report.jsonl", code)
                    for i, code in ((0, 0), (1, 1))], inputs=inputs)
    yield case("exit-zero", run("segment -r in -o out --exit-zero"), inputs=inputs)
    yield case("fail-fast", run("segment -r in -o out --fail-fast -f labels,coco", 1), inputs=inputs)
    yield case("dry-run", run("segment -r in -o out --dry-run", quiet=False), inputs=inputs)
    lines = b'{"id":"x/1","path":"in/a.jpg"}\n{"id":"y","path":"in/sub/b.jpg"}\n'
    yield case("manifest", run("segment --manifest list -o out -f labels,csv"), inputs=inputs | {"list": lines})
    yield case(
        "worker", run("segment --manifest - --json -o out", 1, "fields", input=b"in/a.jpg\nin/bad.ppm\nin/sub/b.jpg\n"),
        inputs=inputs)
    yield case("null", run("segment --manifest - -0 -o out -f npy", input=b"in/a.jpg\0in/sub/c.jpg\0"), inputs=inputs)
    yield case("name", run("segment -r in -o out --name {kind}/{dir}/{file}.{ext}", 1), inputs=inputs)
    yield case("memory", run("segment in/a.jpg -o out --memory 1G"), inputs=inputs)


@group("segment, diffusion models")
def diffusion():
    for model, path in zip(MODELS, PHOTOGRAPHS):
        common = f"segment {path} -o out -f {MODEL_FORMATS} --model {model}"
        name = model.split("/")[-1]
        for size in (128, 256):
            for level in ("32", "64", "32+64"):
                options = f"--size {size} --level {level} --tau 0.9"
                yield case(f"{name}-{size}-{level}", run(f"{common} {options}"), core=size == 128 and level == "32+64")
            yield case(
                f"{name}-{size}-fast", run(f"{common} --size {size} --tau 0.9 --precision fast"), core=size == 128)
        yield case(f"{name}-512", run(f"{common} --size 512 --tau 0.7"))
        for options in (
            "--noise none", "--timestep 300", "--seed 7", "--resident-threads 256", "--level 64 --precision fast", "--alpha 4",
            "--upsample nearest", "--refine pamr --pamr-size 200 --min-area 0.5%",
        ):
            yield case(
                f"{name}{options.replace('--', '-').replace(' ', '')}", run(f"{common} --size 128 --tau 0.8 {options}"))
        yield case(f"{name}-default-tau", run(f"{common} --size 128"))
        yield case(
            f"{name}-packed", run(f"model pack {model} -o packed.safetensors"),
            run(f"segment {COFFEE} -o out -f {MODEL_FORMATS} --model packed.safetensors --size 128 --tau 0.9"))
        yield case(
            f"{name}-single-file", run(f"model synthesize {name} -o single.safetensors"),
            run(f"segment {COFFEE} -o out -f npy --model single.safetensors --config {model} --size 128 --tau 0.9"))
    yield case("environment", run(f"segment {COFFEE} -o out -f npy --size 128", environment={"DIFFCUT_MODEL": VEGA}))


#: Methods, each with its default settings and with others.
METHODS = [
    ("autosc", ["", "--alphas 5,40 --compat intended"]), ("maskcut", ["", "--tau 0.9 --k 5"]),
    ("kmeans", ["", "--k 9 --upsample nearest"]), ("diffseg", ["", "--tau 0.3 --anchors 5 --rounds 2 --kmeans"]),
]


@group("segment, cut and eval with --method")
def methods():
    kinds = "labels,npy,embeddings,heatmap,eigenvectors,csv"
    sets = "fixtures/evaluation/sets"
    for method, variants in METHODS:
        for index, options in enumerate(variants):
            name = f"{method}-{('default', 'other')[index]}"
            words = f"--method {method} {options}"
            if method != "diffseg":
                for path in PHOTOGRAPHS if index else [CHELSEA]:
                    yield case(
                        f"segment-{name}-{name_of(path)}", run(f"segment {path} -o out -f {kinds} --size 200 {words}"),
                        core=index == 1 and path == CHELSEA)
                yield case(f"segment-{name}-393", run(f"segment {COFFEE} -o out -f {kinds} {words}"))
                yield case(f"eval-{name}", run(f"eval --dataset voc --root {sets}/voc {words} --partial a.sums.json", quiet=False))
            model = f"--model {SSD} --size 256"
            yield case(f"segment-model-{name}", run(f"segment {ASTRONAUT} -o out -f {kinds} {model} {words}"))
            yield case(
                f"segment-levels-{name}", run(f"segment {COFFEE} -o out -f {kinds} --model {SD} --size 256 --level 32+64 {words}"),
                core=method == "diffseg" and index == 1)
            yield case(
                f"eval-model-{name}",
                run(f"eval --dataset coco-stuff-27 --root {sets}/coco-stuff-27 --list {sets}/coco-stuff-27/list.txt {model} {words} "
                    "--csv a.csv", quiet=False))
    for name in ("coffee-16", "rocket-16", "astronaut-16"):
        features = f"fixtures/baselines/{name}.safetensors"
        for words in (
            "maskcut", "maskcut --tau 0.35 --k 3", "kmeans", "kmeans --k 15", "autosc",
            "autosc --alphas 5,15 --compat intended", "diffcut --tau 0.4",
        ):
            yield case(
                f"cut-{name}-{words.replace(' ', '')}", core="--" in words and name == "coffee-16",
                *[run(f"cut {features} --method {words} -o labels.npy --nodes nodes.npy")])
    yield case("cut-large", *[
        run(f"cut fixtures/ncut/{file}.safetensors --method {words} -o {index}.npy --nodes {index}n.npy")
        for index, (file, words) in enumerate((
            ("chelsea-tau0.25", "maskcut --tau 0.5"), ("coffee-tau0.3", "autosc"), ("rocket-tau0.3", "kmeans --k 8")))])
    maps = "fixtures/baselines/diffseg.safetensors"
    for name, words in (
        ("one-map", "--tensor ssd-1b-coffee.attention.16 --tau 0.5 --mask-size 64x64"),
        ("one-map-default", "--tensor ssd-1b-coffee.attention.16"),
        ("few-anchors", "--tensor sd1.4-astronaut.attention.16 --anchors 7 --tau 0.7 --mask-size 64x64"),
        ("one-round", "--tensor ssd-1b-coffee.attention.8 --anchors 4 --tau 0.2 --rounds 1 --mask-size 30x50"),
        ("kmeans", "--tensor sd1.4-astronaut.attention.16 --anchors 8 --tau 0.7 --kmeans --mask-size 64x64"),
    ):
        yield case(
            f"cut-diffseg-{name}", run(f"cut {maps} --method diffseg {words} -o labels.npy --nodes nodes.npy"),
            core=name == "kmeans")
    pair = {f"{side}.npy": npy_of("baselines/diffseg.safetensors", f"ssd-1b-coffee.attention.{side}") for side in (16, 8)}
    yield case(
        "cut-diffseg-two-maps", run("cut 16.npy 8.npy --method diffseg --tau 0.27 --grid 16x16 -o labels.png --nodes n.npy"),
        inputs=pair)


@group("features, and cut of them")
def features():
    # The defaults of tau and alpha may come to depend on the encoder: both are always given.
    cut = "--tau 0.5 --alpha 10 -o labels.npy --nodes nodes.npy"
    for model, path in zip(MODELS, reversed(PHOTOGRAPHS)):
        name = model.split("/")[-1]
        for level in ("32", "64", "32+64"):
            for options in ("", "--precision fast", "--noise none --size 160"):
                common = f"features {path} --model {model} --size 256 --level {level} {options}"
                steps = [
                    run(f"{common} -o a.features.npy"),
                    run(f"{common} -o b.features.safetensors --attention b.features.safetensors")]
                if level != "32+64":
                    steps.append(run(f"{common} -o c.features.npy --attention c.attention.npy"))
                    steps.append(run("cut c.attention.npy --method diffseg --tau 0.3 -o d.npy --nodes dn.npy"))
                steps += [run(f"cut a.features.npy {cut}"), run("cut b.features.safetensors --tau 0.5 --alpha 10 -o b.npy")]
                yield case(
                    f"{name}-{level}{options.replace('--', '-').replace(' ', '')}", *steps,
                    core=level == "32+64" and not options)
    yield case("stream", run(f"features {COFFEE} --model {SSD} --size 128 -o -", output="features"))
    yield case("summary", run(f"features {COFFEE} --model {SSD} --size 128 -o a.features.npy", quiet=False))
    for path in PHOTOGRAPHS:
        yield case(
            f"built-in-{name_of(path)}", run(f"features {path} --model built-in -o a.features.npy"),
            run(f"features {path} --model built-in --size 128 -o b.features.safetensors"), core=True)


@group("cut")
def cuts():
    for path in sorted((FIXTURES / "ncut").glob("*.safetensors")):
        file, metadata = f"fixtures/ncut/{path.name}", safetensors_entries(path.read_bytes())[1]
        common = f"cut {file} --grid {metadata['grid']}"
        stated = f"--tau {metadata['tau']} --alpha {metadata['alpha']} --mask-size {metadata['mask']}"
        yield case(f"{path.stem}-default", run(f"{common} -o labels.npy --nodes nodes.npy"))
        yield case(f"{path.stem}-stated", run(f"{common} {stated} -o labels.npy --nodes nodes.npy"), core=True)
        yield case(
            f"{path.stem}-mask", run(f"{common} --tau 0.3 --mask-size 57x83 -o labels.png"),
            run(f"{common} --alpha 6 --tau 0.7 -o labels.npy"), run(f"{common} --tau 0.4 -o -", output="bytes"))
        for upsample in ("nearest", "corner", "bilinear"):
            yield case(f"{path.stem}-{upsample}", run(f"{common} --tau 0.4 --upsample {upsample} -o labels.npy --nodes n.npy"))
    yield case("summary", run("cut fixtures/ncut/coffee-tau0.3.safetensors --tau 0.3 -o labels.png", quiet=False))
    halves = [value for node in range(64) for value in ((1, 0) if node % 8 < 4 else (0, 1))]
    yield case("stream", run("cut - -o - --mask-size 8x8", output="bytes", input=floats(*halves, shape=(8, 8, 2))))


@group("verify")
def verify():
    yield case("text", run("verify", quiet=False))
    yield case("json", run("verify --json"))
    yield case("fast", run(f"verify --json --precision fast fixtures/diffusion/goldens --model {VEGA}"))
    yield case("small", core=True, *[
        run(f"verify --json fixtures/diffusion/goldens/{name}.safetensors --model fixtures/diffusion/{name.split('-astro')[0]} "
            "--images fixtures/images")
        for name in ("ssd-1b-astronaut-128", "vega-astronaut-128", "sd1.4-astronaut-128")])


@group("convert")
def convert():
    kinds = "npy,geojson,yolo,coco,panoptic,label-studio"
    for path in sorted((FIXTURES / "outputs").glob("*.npy")):
        file = f"fixtures/outputs/{path.name}"
        yield case(
            path.stem, run(f"convert {file} -o out -f {kinds}"),
            # Ids above 65,535 do not fit a picture of labels.
            run(f"convert {file} -o labels -f labels", 4 if path.stem == "sparse" else 0),
            run(f"convert {file} -o tolerance -f geojson,yolo,label-studio --tolerance 2 --image-root s3://b/ --image-ext png"),
            # A CVAT archive holds 254 segments of an image.
            run(f"convert {file} -o cvat -f cvat", 4 if path.stem == "many" else 0))
    files = " ".join(f"fixtures/outputs/{name}.npy" for name in ("blobs", "nested", "whole", "wide"))
    yield case("joined", run(f"convert {files} fixtures/png/labels.png -o out -f {kinds},labels,cvat", quiet=False))
    yield case(
        "photographs", run(f"segment {' '.join(PHOTOGRAPHS)} -o maps -f labels"),
        run("convert maps/astronaut.labels.png maps/chelsea.labels.png maps/coffee.labels.png -o out --image-dir fixtures/images "
            f"-f {kinds},labels,cvat,overlay,contour"))


@group("refine")
def refine():
    for path in sorted((FIXTURES / "pamr").glob("*.safetensors")):
        tensors, metadata = safetensors_entries(path.read_bytes())
        kind, shape, data = tensors["labels"]
        inputs = {"image.ppm": ppm_of(f"pamr/{path.name}", "image"), "labels.npy": npy(kind, shape, data)}
        common = (
            f"refine image.ppm labels.npy --size own --iterations {metadata['iterations']} --dilations {metadata['dilations']}")
        yield case(
            path.stem, run(f"{common} -o ranks.npy --ranks"), run(f"{common} -o labels.png --no-median"),
            run("refine image.ppm labels.npy -o small.npy --size 64 --iterations 3"),
            run(f"{common} -o - --median", output="bytes"), inputs=inputs, core=path.stem == "coffee-eval")
    bands = npy("I32", (200, 300), struct.pack("<60000i", *[(0, 7, 300, 2)[i % 300 // 30 % 4] for i in range(60000)]))
    yield case(
        "bands", run(f"refine {COFFEE} bands.npy -o out.png --size 200 --iterations 4 --json", output="fields"),
        run(f"refine {COFFEE} bands.npy -o out.npy --size 300 --iterations 4 --dilations 1,2,4,8", quiet=False),
        run(f"refine {COFFEE} out.png -o again.npy --size 128"), inputs={"bands.npy": bands})


@group("report")
def report():
    for path in PHOTOGRAPHS:
        yield case(name_of(path), run(f"report {path} -o page.html"))
    yield case(
        "two", run(f"report {CHELSEA} {COFFEE} -o page.html --size 64 --tau 0.2 --eigenvectors 2", quiet=False), core=True)
    yield case("settings", run(f"report {COFFEE} -o page.html --size 128 --alpha 12 --tau 0.3 --max-tau 0.9 --eigenvectors 0"))
    yield case("stream", run(f"report {CHELSEA} -o - --size 64", output="bytes"))
    for model in MODELS:
        yield case(model.split("/")[-1], run(f"report {ASTRONAUT} -o page.html --model {model} --size 256 --tau 0.7"))
    yield case(
        "failure", run(f"report bad.png {CHELSEA} -o page.html --size 64", 1), inputs={"bad.png": b"no picture"})


@group("sweep")
def sweep():
    chelsea, rocket = ("fixtures/ncut/chelsea-tau0.25.safetensors", "fixtures/ncut/rocket-tau0.3.safetensors")
    yield case("features", run(f"sweep {chelsea} --alpha 1,5,10,15 -o a.csv --plot a.svg"), core=True)
    yield case("table", run(f"sweep {chelsea} --tau 0.1,0.25", quiet=False))
    yield case("json", run(f"sweep {chelsea} {rocket} --json"))
    yield case(
        "axis", run(f"sweep {chelsea} {rocket} --tau 0.1,0.2 --alpha 5:15:5 --plot a.svg --plot-x alpha -o -", output="bytes"))
    for path in PHOTOGRAPHS:
        yield case(name_of(path), run(f"sweep {path} --alpha 5,30 -o a.csv --plot a.svg"))
    yield case("photographs", run(f"sweep {CHELSEA} {COFFEE} --size 128 --tau 0.05:0.95:0.05 --json"))
    for model in MODELS:
        yield case(
            model.split("/")[-1],
            run(f"sweep {COFFEE} --model {model} --size 128 --timestep 10,50,200 --alpha 5,10 --tau 0.3:0.9:0.1 -o a.csv --plot a.svg"),
            run(f"sweep {COFFEE} --model {model} --size 128 --level 64 --timestep 400,10 --tau 0.6,0.9 --plot b.svg --plot-x timestep"))
    sets = "fixtures/evaluation/sets"
    voc = f"sweep --dataset voc --root {sets}/voc"
    yield case(
        "voc", run(f"{voc} --tau 0.1:0.4:0.1 --alpha 10,30 -o a.csv --plot a.svg --partial a.sums.jsonl", quiet=False),
        run(f"{voc} --tau 0.1,0.3 --json"), run(f"{voc} --tau 0.1,0.3 --refine pamr -o b.csv --plot b.svg --plot-y accuracy"))
    yield case("tune", run(f"{voc} --tau 0.1,0.4 --tune 2 --tune-seed 3 --tune-list tuned.txt", quiet=False))
    yield case(
        "voc-own", run(f"sweep --dataset voc --root {sets}/voc-own --protocol strict --tau 0.1,0.3 --upsample nearest -o a.csv"))
    yield case(
        "set-and-model",
        run(f"{voc} --model {SD} --size 128 --timestep 400,10 --tau 0.6,0.9 --alpha 3 -o a.csv --plot a.svg --plot-y segments"))


def patch_folders():
    """Features of two photographs and classes of their patches, as another program leaves them."""
    classes = safetensors_entries((FIXTURES / "evaluation/coherence.safetensors").read_bytes())[0]["across.classes"][2]
    return {
        "features/a.safetensors": FIXTURES / "baselines/coffee-16.safetensors",
        "features/b.safetensors": FIXTURES / "baselines/rocket-16.safetensors",
        "labels/a.npy": npy("U8", (16, 16), classes[:256]), "labels/b.npy": npy("U8", (16, 16), classes[256:]),
        "other.csv": b"x,tpr,fpr\n9,0,0\n8,0.5,0.25\n7,1,1\n"}


@group("coherence")
def coherence():
    coffee, chelsea = ("fixtures/ncut/coffee-tau0.3.safetensors", "fixtures/ncut/chelsea-tau0.25.safetensors")
    heatmap = "coherence heatmap"
    yield case(
        "features", run(f"{heatmap} {coffee} --patch 3,20 -o a.png --values a.npy", quiet=False),
        run(f"{heatmap} {coffee} --patch 3,20 -o b.png --picture-size 40x70 --range -1,1"),
        run(f"{heatmap} {coffee} --image {COFFEE} --point 375,38 --overlay -o c.png --json"),
        run(f"{heatmap} {coffee} --image {COFFEE} --patch 3,20 --in {chelsea} --in-image {CHELSEA} --overlay -o d.png"),
        core=True)
    yield case(
        "grid", run(f"{heatmap} fixtures/ncut/chelsea-20x27-alpha7.5.safetensors --grid 20x27 -o a.png --values a.npy"))
    yield case(
        "photographs", run(f"{heatmap} {COFFEE} --point 300,120 --overlay -o a.png --values a.npy"),
        run(f"{heatmap} {COFFEE} --in {CHELSEA} --size 128 -o b.png --values b.npy"))
    for model in MODELS:
        yield case(
            model.split("/")[-1], run(f"{heatmap} {ASTRONAUT} --model {model} --size 256 --point 200,100 -o a.png --values a.npy"),
            run(f"coherence roc --dataset voc --root fixtures/evaluation/sets/voc --model {model} --size 128 --level 32+64 --csv a.csv "
                "--plot a.svg --partial a.sums.json", quiet=False))
    roc = "coherence roc --features features --labels labels"
    yield case(
        "patches", run(f"{roc} --csv a.csv --plot a.svg --series first --partial a.sums.json", quiet=False),
        run(f"{roc} --across 1 --csv b.csv --partial b.sums.json --json"), run(f"{roc} --void 255,1 --csv c.csv"),
        run("coherence plot a.sums.json b.csv third=other.csv -o plot.svg", quiet=False), inputs=patch_folders(), core=True)
    for name in ("voc", "context", "cityscapes", "ade20k"):
        root = f"--dataset {name} --root fixtures/evaluation/sets/{name}"
        yield case(
            f"set-{name}", run(f"coherence roc {root} --csv a.csv --partial a.sums.json", quiet=False),
            run(f"coherence roc {root} --across 2 --json"))


SETS = ("voc", "voc-own", "context", "coco-object", "coco-stuff-27", "cityscapes", "ade20k")


def set_words(name):
    root = f"fixtures/evaluation/sets/{name}"
    return f"--dataset {'voc' if name == 'voc-own' else name} --root {root}" + (
        f" --list {root}/list.txt" if name.startswith("coco") else "")


def covering_set():
    """Photographs with one or two annotators each."""
    own = FIXTURES / "evaluation/sets/voc-own"
    inputs = {f"set/images/{name}.jpg": own / f"JPEGImages/{name}.jpg" for name in "abc"}
    inputs |= {f"set/labels/{name}.png": own / f"SegmentationClass/{name}.png" for name in "bc"}
    return inputs | {
        "set/labels/a.one.png": own / "SegmentationClass/a.png", "set/labels/a.two.png": own / "predictions/a.png"}


@group("eval")
def evaluation():
    for name in SETS:
        common = f"eval {set_words(name)}"
        given = f"{common} --predictions fixtures/evaluation/sets/{name}/predictions"
        for protocol in ("paper", "strict")[:1 if name == "voc" else 2]:
            for refinement in ("none", "pamr")[:2 if protocol == "paper" else 1]:
                options = f"--protocol {protocol} --refine {refinement}"
                yield case(
                    f"{name}-{protocol}-{refinement}", run(f"{given} {options} --csv a.csv --partial a.sums.json", quiet=False),
                    run(f"{given} {options} --json"), run(f"{common} {options} --csv b.csv --json"),
                    core=name in ("voc", "ade20k"))
        yield case(f"{name}-model", run(f"{common} --model {SSD} --size 128 --tau 0.8 --csv a.csv --partial a.sums.json", quiet=False))
    voc = f"eval {set_words('voc-own')}"
    yield case(
        "settings", run(f"{voc} --upsample bilinear --tau 0.4 --alpha 20 --csv a.csv"),
        run(f"{voc} --protocol strict --refine pamr --exclude exclude.txt --csv b.csv"), run(f"{voc} --exclude exclude.txt --json"),
        run(f"{voc} --model {VEGA} --size 128 --level 64 --precision fast --csv c.csv"), inputs={"exclude.txt": b"b\nc\n"})
    inputs = covering_set()
    yield case(
        "folder", run("eval --dataset folder --root set --classes 21 --csv a.csv", quiet=False),
        run("eval --dataset folder --root set --classes 21 --background --protocol strict --json"), inputs={
            name.replace("a.one", "a"): content for name, content in inputs.items() if "a.two" not in name})
    covering = "eval --covering --root set"
    predictions = "--predictions fixtures/evaluation/sets/voc-own/predictions"
    yield case(
        "covering", run(f"{covering} --csv a.csv --partial a.sums.json", quiet=False),
        run(f"{covering} {predictions} --csv b.csv --json"), run(f"{covering} --model {SD} --size 128 --tau 0.6 --json"),
        inputs=inputs, core=True)


@group("merge")
def merge():
    shares = range(2)
    voc = f"{set_words('voc')}"
    parts = " ".join(f"{i}.sums.json" for i in shares)
    yield case(
        "eval", *[run(f"eval {voc} --shard {i}/2 --partial {i}.sums.json") for i in shares],
        run(f"merge {parts} --csv a.csv --partial all.sums.json", quiet=False), run("merge all.sums.json --json"))
    yield case(
        "covering", *[run(f"eval --covering --root set --shard {i}/2 --partial {i}.sums.json") for i in shares],
        run(f"merge {parts} --csv a.csv --json"), inputs=covering_set())
    yield case(
        "sweep", *[run(f"sweep {voc} --tau 0.1,0.3 --alpha 10,30 --shard {i}/2 --partial {i}.sums.jsonl") for i in shares],
        run("merge 0.sums.jsonl 1.sums.jsonl --partial all.sums.jsonl --csv a.csv --plot a.svg", quiet=False))
    roc = "coherence roc --features features --labels labels"
    yield case(
        "coherence", *[run(f"{roc} --shard {i}/2 --partial {i}.sums.json") for i in shares],
        run(f"merge {parts} --csv a.csv --plot a.svg --partial all.sums.json", quiet=False), inputs=patch_folders())
    segment = "segment -r in -f coco,panoptic"
    yield case(
        "segment",
        *[run(f"{segment} -o out{i} --shard {i}/2 --report {i}.report.jsonl", code) for i, code in ((0, 0), (1, 1))],
        run("merge 0.report.jsonl 1.report.jsonl -o all.report.jsonl", quiet=False),
        *[run(f"merge out0/{name}.0-of-2.json out1/{name}.1-of-2.json -o {name}.json", quiet=False)
          for name in ("annotations.coco", "panoptic")], inputs=picture_folder())


@group("model")
def model():
    for path in MODELS:
        name = path.split("/")[-1]
        yield case(
            name, run(f"model info {path}", quiet=False), run(f"model check {path}", quiet=False),
            run(f"model pack {path} -o packed.safetensors", quiet=False), run("model info packed.safetensors", quiet=False),
            run("model check packed.safetensors", quiet=False))
        yield case(
            f"synthesize-{name}", run(f"model synthesize {name} -o folder", quiet=False),
            run(f"model synthesize {name} -o complete.safetensors --form complete"),
            run(f"model synthesize {name} -o seed.safetensors --seed 7 --vocabulary 64"), run("model check folder", quiet=False),
            run(f"model check complete.safetensors --config {path}", quiet=False), core=name == "ssd-1b")
    yield case("a1111", run("model synthesize ssd-1b --style a1111 -o a.safetensors"))


@group("segment --json")
def json_lines():
    for path in PHOTOGRAPHS:
        yield case(name_of(path), run(f"segment {path} -o out --json", output="fields"), core=True)
    for name, options in (
        ("formats", f"-f {','.join(FORMATS)}"), ("refine", "--refine pamr --pamr-size 128 --min-area 50 --tau 0.3 --alpha 20"),
        ("kmeans", "--method kmeans --k 4"), ("model", f"--model {SSD} --size 128 --precision fast"),
        ("diffseg", f"--model {SD} --size 128 --method diffseg --tau 0.4"),
        ("level", f"--model {VEGA} --size 128 --level 32+64 --seed 3"),
    ):
        yield case(name, run(f"segment {COFFEE} -o out --json {options}", output="fields"))
    for name, options in (("stages", ""), ("model-stages", f"--model {SSD} --size 128")):
        yield case(name, run(f"segment {COFFEE} -o out --json -v {options}", output="fields", quiet=False))
    yield case(
        "failures", run(f"segment {COFFEE} none.png bad.gif -o out --json", 1, "fields"),
        run(f"segment {COFFEE} -o out --json", output="fields"),
        run(f"segment {COFFEE} -o out --json --dry-run --tau 0.9", output="fields"), inputs={"bad.gif": b"GIF89a"})


@group("errors")
def errors():
    nan = floats(1, 2, 3, float("nan"), shape=(4, 1))
    cut_png = (FIXTURES / "images/coffee.png").read_bytes()[:1000]
    cut_jpeg = (FIXTURES / "jpeg/photograph.jpg").read_bytes()[:700]
    three, four = floats(1, 2, 3, 4, 5, 6, shape=(3, 2)), floats(1, 2, 3, 4, 5, 6, 7, 8, shape=(4, 2))
    golden = (FIXTURES / "diffusion/goldens/vega-astronaut-128.safetensors").read_bytes()
    files = {
        "nan.npy": nan, "three.npy": three, "four.npy": four, "cut.png": cut_png, "cut.jpg": cut_jpeg, "text.png": b"hello, I am a text",
        "broken.safetensors": golden[:1000], "empty": b"", "list": b"", "set/photo.txt": b""}
    features, voc = "fixtures/ncut/coffee-tau0.3.safetensors", "fixtures/evaluation/sets/voc"
    for number, (code, words) in enumerate((
        (2, "segmnet"), (2, "segment"), (2, f"segment {COFFEE} --taus 0.3"), (2, f"segment {COFFEE} --tau 3 -o out"),
        (2, f"segment {COFFEE} --upsample concpet -o out"), (2, f"segment {COFFEE} -f labls -o out"),
        (2, f"segment {COFFEE} -o - -f panoptic"), (2, f"segment {COFFEE} --method kmeans -f labels,tree -o out"),
        (2, f"segment {COFFEE} --method diffseg -o out"), (2, f"segment {COFFEE} --method kmeans --alpha 3 -o out"),
        (2, f"segment {COFFEE} --timestep 10 -o out"), (2, f"segment {COFFEE} --shard 4/4 -o out"),
        (2, "segment x/a.png y/a.ppm -o out"), (2, f"segment {COFFEE} --model {SSD} --size 100 -o out"),
        (4, "segment none.png -o out"), (4, "segment text.png -o out"), (4, "segment cut.png -o out"),
        (4, "segment cut.jpg -o out"), (4, "segment fixtures/jpeg/arithmetic.jpg -o out"),
        (4, "segment --manifest none -o out"), (4, "segment set -o out"), (6, f"segment {COFFEE} -o out --memory 1M"),
        (5, f"segment {COFFEE} -o empty"), (3, f"segment {COFFEE} --model none -o out"), (2, f"cut {features}"),
        (2, f"cut {features} -o labels.tiff"), (2, f"cut {features} --k 3 -o labels.npy"),
        (2, f"cut {features} --mask-size 65536x65536 -o labels.npy"), (2, "cut three.npy -o labels.npy"),
        (2, "cut four.npy --grid 3x2 -o labels.npy"), (3, "cut none.npy -o labels.npy"), (3, "cut nan.npy -o labels.npy"),
        (3, "cut fixtures/npy/complex.npy -o labels.npy"), (3, "cut empty -o labels.npy"),
        (3, "cut four.npy --method diffseg -o labels.npy"), (2, f"features {COFFEE} -o a.npy"),
        (2, f"features {COFFEE} --model built-in -o a.npy --attention b.npy"),
        (2, f"features {COFFEE} --model {SSD} --level 16 -o a.npy"), (2, f"refine {COFFEE} four.npy"),
        (3, f"refine {COFFEE} four.npy -o a.npy"), (2, "convert fixtures/outputs/many.npy"),
        (2, "convert fixtures/outputs/many.npy -f overlay"), (4, "convert fixtures/outputs/many.npy -f cvat"),
        (4, "convert text.png -f coco"), (2, "eval"), (2, "eval --dataset vok"), (4, f"eval --dataset ade20k --root {voc}"),
        (2, f"eval --dataset voc --root {voc} --protocol strict"), (3, f"eval --dataset voc --root {voc} --predictions set"),
        (2, f"sweep {features} {COFFEE}"), (2, f"sweep {features} --alpha 1,,5"), (2, f"sweep {features} --timestep 50"),
        (2, f"sweep {features} --plot a.png"), (2, "coherence roc"), (2, f"coherence heatmap {features} -o a.png --overlay"),
        (2, f"coherence heatmap {features} -o a.png --patch 40,0"), (3, "coherence plot list -o a.svg"),
        (2, f"report {COFFEE} -o a.html --tau 0.5 --max-tau 0.4"), (4, "report text.png -o a.html"), (3, "merge none.json"),
        (3, "merge broken.safetensors"), (3, "model check none"), (3, "model info set"), (2, "model synthesize vegas -o a"),
        (2, f"model pack {VEGA} -o packed.bin"), (4, "verify set"), (3, "verify broken.safetensors"),
        (2, "verify none --revision main"), (2, "help nothing"),
    )):
        yield case(f"{number:02}-{words.split()[0]}", fail(words, code), inputs=files)
    yield case("instructions", fail(f"cut {features} -o labels.npy", 2, environment={"DIFFCUT_ISA": "sse9"}), inputs=files)
    yield case("pipe", fail("cut - -o labels.npy", 3, input=FIXTURES / "ncut/coffee-tau0.3.safetensors"), inputs=files)


def help_texts():
    commands = "segment report features cut refine convert eval sweep coherence merge model verify bench completions help".split()
    topics = "formats models tau datasets reproducibility environment exit-codes".split()
    for topic in commands + topics:
        yield case(f"help-{topic}", run(f"help {topic}", quiet=False, threads=False))
    for words in ("help", "help --man", "--version", "completions bash", "completions zsh", "completions fish"):
        yield case(words.replace(" ", ""), run(words, quiet=False, threads=False))


# ------------------------------------------------------------------ comparison

class Comparison:
    """The counts and differences of one line of the report."""

    def __init__(self):
        self.cases, self.outputs, self.differences = 0, 0, []

    def add(self, names, difference):
        self.outputs += 1
        if difference:
            self.differences.append(f"{names}: {difference}")


def first_difference(old, new):
    return next((i for i, (a, b) in enumerate(zip(old, new)) if a != b), min(len(old), len(new)))


class Comparer:
    """Compares two outputs of one kind. Each method returns the difference in words, or None."""

    def __init__(self):
        self.ignored = collections.Counter()

    def bytes(self, old, new):
        if old == new:
            return None
        return f"differ at byte {first_difference(old, new)} of {len(old)} and {len(new)}"

    def text(self, old, new):
        old, new = (DURATION.sub(b"TIME", text) for text in (old, new))
        if old == new:
            return None
        pairs = list(zip(old.splitlines(), new.splitlines()))
        line = next((i for i, (a, b) in enumerate(pairs) if a != b), None)
        detail = f", line {line + 1}: {show(pairs[line][0])} / {show(pairs[line][1])}" if line is not None else ""
        return self.bytes(old, new) + detail

    def features(self, old, new):
        return self.values(old, new, "features")

    def attention(self, old, new):
        return self.values(old, new, "attention")

    def values(self, old, new, name):
        try:
            old, new = values(old, name), values(new, name)
        except (ValueError, KeyError, AttributeError, struct.error) as error:
            return f"cannot be read: {error}"
        if list(old) != list(new):
            return f"hold other tensors: {', '.join(old)} / {', '.join(new)}"
        for name, content in old.items():
            if content != new[name]:
                counts = len(content) // 4, len(new[name]) // 4
                place = first_difference(content, new[name]) // 4
                return f"tensor {name} differs at value {place} of {counts[0]} and {counts[1]}"
        return None if any(old.values()) else "hold no values"

    def fields(self, old, new):
        try:
            old, new = leaves(old), leaves(new)
        except ValueError as error:
            return f"cannot be read: {error}"
        absent = object()
        ignored, wrong = set(), []
        for path in sorted(old.keys() | new.keys(), key=str):
            a, b = old.get(path, absent), new.get(path, absent)
            if a != b:
                field = next((part for part in path if part in IGNORED_FIELDS), None)
                if field:
                    ignored.add(field)
                else:
                    wrong.append((path, "nothing" if a is absent else a, "nothing" if b is absent else b))
        self.ignored.update(ignored)
        if wrong:
            path, a, b = wrong[0]
            return f"{len(wrong)} fields differ, first {'.'.join(map(str, path))}: {show(a)} / {show(b)}"
        return None


def show(value):
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    return repr(text if len(text) <= 100 else text[:100] + "…")


def leaves(data):
    """Returns the values of lines of JSON by their paths. Leaves out durations, and the name and size of files of features."""
    found = {}

    def visit(value, path):
        if isinstance(value, dict) and value:
            for key, member in value.items():
                if key in TIMING_FIELDS:
                    continue
                if key == "features" and path and path[-1] == "outputs":
                    member = "features" if member else None
                visit(member, path + (key,))
        elif isinstance(value, list) and value:
            for index, member in enumerate(value):
                visit(member, path + (index,))
        else:
            found[path] = value if isinstance(value, str) else json.dumps(value)

    # Numbers stay as they are written.
    for index, line in enumerate(data.decode().splitlines()):
        if line:
            visit(json.loads(line, parse_float=lambda text: f"number {text}"), (index,))
    return found


# ------------------------------------------------------------------ runs

def stop(text):
    print(f"compare-binaries: {text}", file=sys.stderr)
    sys.exit(2)


class Side:
    """One binary and the folder that it works in."""

    def __init__(self, name, tool, work):
        self.name, self.tool, self.work = name, tool, work / name
        self.work.mkdir()
        self.home = work / f"{name}-home"
        self.home.mkdir()

    def run(self, words, folder, input=None, environment=None):
        clean = {key: value for key, value in os.environ.items() if not CLEARED.match(key)}
        content = input.read_bytes() if isinstance(input, pathlib.Path) else input or b""
        try:
            done = subprocess.run(
                [self.tool, *words], cwd=folder, input=content, capture_output=True, timeout=STEP_TIMEOUT_SECONDS,
                env=clean | {"TERM": "dumb", "HOME": str(self.home)} | (environment or {}))
        except subprocess.TimeoutExpired:
            return None, b"", f"stopped after {STEP_TIMEOUT_SECONDS} seconds".encode()
        return done.returncode, done.stdout, done.stderr

    def version(self):
        code, text, error = self.run(["--version", "--json"], self.work)
        if code:
            stop(f"{self.tool} --version --json: exit code {code}: {error.decode(errors='replace')}")
        return json.loads(text)

    def prepare(self, path, inputs):
        folder = self.work / path
        folder.mkdir(parents=True)
        (folder / "fixtures").symlink_to(FIXTURES)
        for name, content in inputs.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                target.write_bytes(content)
            else:
                shutil.copyfile(content, target)
        return folder


def files_of(folder):
    """Returns the regular files below a folder by relative path. Links are not followed."""
    return {
        os.path.relpath(os.path.join(parent, name), folder): os.path.join(parent, name)
        for parent, _, names in os.walk(folder) for name in names
        if not os.path.islink(os.path.join(parent, name))}


def state(folder):
    return {name: (s.st_ino, s.st_size, s.st_mtime_ns) for name, path in files_of(folder).items() for s in (os.stat(path),)}


class Runner:
    def __init__(self, old, new, keep):
        self.sides, self.keep = (old, new), keep
        self.comparer, self.faults = Comparer(), []

    def case(self, case, folder, isa, threads, comparison):
        """Runs a case with both binaries and compares all outputs."""
        comparison.cases += 1
        folders = [side.prepare(folder, case.inputs) for side in self.sides]
        for number, step in enumerate(case.steps):
            words = [str(threads) if word == "THREADS" else word for word in step.words]
            what = f"{folder}: diffcut {' '.join(words)}"
            before = state(folders[0])
            results = [
                side.run(words, path, step.input, {"DIFFCUT_ISA": isa} | step.environment)
                for side, path in zip(self.sides, folders)]
            codes = [result[0] for result in results]
            if codes[0] != codes[1]:
                texts = " / ".join(show(result[2].splitlines()[0]) if result[2] else "nothing" for result in results)
                comparison.add(what, f"exit codes {codes[0]} and {codes[1]}: {texts}")
            elif codes[0] != step.code:
                self.faults.append(
                    f"{what}: exit code {codes[0]} in both, expected {step.code}: {results[0][2].decode(errors='replace').strip()}")
            if not results[0][1] and not results[0][2] and state(folders[0]) == before:
                self.faults.append(f"{what}: nothing is written")
            for index, name, kind in ((1, "standard output", step.output), (2, "standard error", "text")):
                streams = [result[index] for result in results]
                if any(streams):
                    comparison.add(f"{what}: {name}", getattr(self.comparer, kind)(*streams))
        self.files(case, folders, comparison)
        if not self.keep:
            for path in folders:
                shutil.rmtree(path)

    def files(self, case, folders, comparison):
        old, new = ({
            VALUES.sub(r".\1", name): path for name, path in files_of(folder).items() if name not in case.inputs}
            for folder in folders)
        for name in sorted(old.keys() | new.keys()):
            paths = [found.get(name) for found in (old, new)]
            if None in paths:
                kept = next(path for path in paths if path)
                comparison.add(self.relative(kept), f"only {'old' if paths[0] else 'new'} writes it")
                continue
            contents = [pathlib.Path(path).read_bytes() for path in paths]
            relative = self.relative(paths[0])
            array_of = VALUES.search(relative)
            kind = array_of.group(1) if array_of else "fields" if FIELDS.search(relative) else "bytes"
            comparison.add(" and ".join(map(self.relative, paths)), getattr(self.comparer, kind)(*contents))

    def relative(self, path):
        return os.path.relpath(path, self.sides[0].work.parent)


def slug(text):
    return re.sub(r"[^A-Za-z0-9.%+=-]+", "-", text).strip("-").replace("%", "percent")


def report_line(title, comparison, seconds):
    count = len(comparison.differences)
    print(f"{title}: {comparison.outputs} outputs of {comparison.cases} cases compared, {count} differ ({seconds:.1f} s)", flush=True)
    for difference in comparison.differences[:SHOWN_DIFFERENCES]:
        print(f"  {difference}", flush=True)
    if count > SHOWN_DIFFERENCES:
        print(f"  … and {count - SHOWN_DIFFERENCES} more", flush=True)


def combinations(options, old, new):
    """Returns pairs of instruction set and number of threads. The first one takes the complete list."""
    common = [name for name in old["supported"] if name in new["supported"]]
    if old["supported"] != new["supported"]:
        print(f"note: instruction sets differ: {', '.join(old['supported'])} / {', '.join(new['supported'])}")
    sets = options.isa.split(",") if options.isa else common
    unknown = [name for name in sets if name not in common]
    if unknown or not sets:
        stop(f"--isa {options.isa}: this machine and both binaries support {', '.join(common)}")
    widest = max(sets, key=common.index)
    first = 2 if 2 in options.threads else options.threads[0]
    return [(widest, first)] + [(isa, n) for isa in sets for n in options.threads if (isa, n) != (widest, first)]


def compare(options, work):
    old, new = (Side(name, path, work) for name, path in (("old", options.old), ("new", options.new)))
    pairs = combinations(options, old.version(), new.version())
    runner = Runner(old, new, options.keep)
    made = GROUPS + [("help texts", help_texts)] * options.help_texts
    groups = [(title, list(make())) for title, make in made if (options.only or "") in title]
    for title, cases in groups:
        names = [slug(case.name) for case in cases]
        assert len(set(names)) == len(names), f"{title}: two cases of one name"
    total, differing, begun = 0, 0, time.monotonic()

    def finish(title, comparison, start):
        nonlocal total, differing
        report_line(title, comparison, time.monotonic() - start)
        total += comparison.outputs
        differing += len(comparison.differences)

    isa, threads = pairs[0]
    print(f"complete list: {isa}, {threads} thread{'s' * (threads > 1)}", flush=True)
    for title, cases in groups:
        comparison, start = Comparison(), time.monotonic()
        for case in cases:
            runner.case(case, f"complete/{slug(title)}/{slug(case.name)}", isa, threads, comparison)
        finish(title, comparison, start)
    for isa, threads in pairs[1:]:
        comparison, start = Comparison(), time.monotonic()
        for title, cases in groups:
            for case in (case for case in cases if case.core):
                runner.case(case, f"core-{isa}-{threads}/{slug(title)}/{slug(case.name)}", isa, threads, comparison)
        finish(f"core list, {isa}, {threads} thread{'s' * (threads > 1)}", comparison, start)
    counts = ", ".join(f"{field} in {count} outputs" for field, count in sorted(runner.comparer.ignored.items()))
    print(f"ignored fields that differ: {counts or 'none'}")
    for fault in runner.faults:
        print(f"fault of this script: {fault}")
    print(f"{time.monotonic() - begun:.0f} seconds, {len(runner.faults)} faults of this script")
    print(f"{total} outputs compared, {differing} differ", flush=True)
    return 1 if differing else 2 if runner.faults else 0


def thread_counts(text):
    counts = [int(part) if part.isdecimal() else 0 for part in text.split(",")]
    if min(counts) < 1:
        raise argparse.ArgumentTypeError(f"'{text}', expected numbers from 1 with commas between them")
    return counts


def binary(text):
    path = pathlib.Path(text).resolve()
    if not os.access(path, os.X_OK) or path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is not an executable file")
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", metavar="OLD", type=binary, help="binary before the change")
    parser.add_argument("new", metavar="NEW", type=binary, help="binary after the change")
    parser.add_argument("--isa", metavar="LIST", help="instruction sets [all that the machine supports]")
    parser.add_argument("--threads", metavar="LIST", type=thread_counts, default=[1, 2, 3], help="numbers of threads [1,2,3]")
    parser.add_argument("--only", metavar="TEXT", help="run only the groups that have TEXT in their title")
    parser.add_argument("--keep", metavar="DIR", type=pathlib.Path, help="keep all outputs in DIR, which must not exist")
    parser.add_argument("--help-texts", action="store_true", help="also compare help, manual page and completions")
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True)
        sys.exit(compare(options, options.keep.resolve()))
    with tempfile.TemporaryDirectory(prefix="compare-binaries-") as work:
        code = compare(options, pathlib.Path(work))
    sys.exit(code)


if __name__ == "__main__":
    main()
