# SPDX-License-Identifier: Apache-2.0
"""A vision transformer of diffcut beside transformers in PyTorch and OpenVINO, in alternating runs on the same cores.

    pip install torch transformers safetensors numpy openvino
    python vit_peers.py .build/release/diffcut FOLDER [--size 518x518] [--threads 2] [--rounds 7]

Peers are loaded and warm. diffcut is measured as the second image of a process (`bench encoder`, the sum of its stages), and as
a whole process (`features`). Each round runs all of them once; the medians are compared, and their outputs with each other.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy as np
import openvino
import torch
from PIL import Image
from transformers import AutoModel

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("diffcut")
parser.add_argument("folder")
parser.add_argument("--size", default="518x518")
parser.add_argument("--threads", type=int, default=os.cpu_count())
parser.add_argument("--rounds", type=int, default=7)
arguments = parser.parse_args()
height, width = map(int, arguments.size.split("x"))
torch.set_grad_enabled(False)
torch.set_num_threads(arguments.threads)

work = pathlib.Path(tempfile.mkdtemp())
random = np.random.default_rng(1)
pixels = np.kron(random.integers(0, 256, (height // 7 + 1, width // 7 + 1, 3)), np.ones((7, 7, 1)))[:height, :width]
Image.fromarray(pixels.astype(np.uint8)).save(work / "picture.png")
mean, deviation = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
x = torch.from_numpy(((pixels.astype(np.float32) / 255 - mean) / deviation).transpose(2, 0, 1)[None].copy())

model = AutoModel.from_pretrained(arguments.folder, attn_implementation="sdpa").eval()
compiled = openvino.Core().compile_model(
    openvino.convert_model(model, example_input=x), "CPU",
    {"INFERENCE_NUM_THREADS": arguments.threads, "INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"})
common = ["-m", arguments.folder, "--feature", "tokens", "--size", arguments.size, "-t", str(arguments.threads)]


def timed(run):
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


def second_image():
    text = subprocess.run([arguments.diffcut, "bench", "encoder", "--json", "--repeat", "1", *common], check=True,
                          capture_output=True, text=True).stdout
    lines = [json.loads(line) for line in text.splitlines()]
    return sum(line.get("seconds", 0) for line in lines if line["stage"] not in ("model", "vit", "all")), None


def process():
    run = [arguments.diffcut, "features", str(work / "picture.png"), *common, "-o", str(work / "f.npy"), "-q"]
    seconds, _ = timed(lambda: subprocess.run(run, check=True))
    return seconds, np.load(work / "f.npy")


runs = {"torch": lambda: timed(lambda: model(x).last_hidden_state.numpy()),
        "openvino": lambda: timed(lambda: compiled(x.numpy())[0]), "second image": second_image, "process": process}
times, outputs = {name: [] for name in runs}, {}
for _ in range(arguments.rounds):
    for name, run in runs.items():
        time.sleep(0.5)  # threads of the one before may still spin
        seconds, output = run()
        times[name].append(seconds)
        if output is not None:
            outputs[name] = output.reshape(-1, output.shape[-1])[-(height // model.config.patch_size) * (width // model.config.patch_size):]
reference = outputs["torch"].astype(np.float64)
for name, values in times.items():
    line = f"{name}: median {statistics.median(values):.3f} s, {min(values):.3f} to {max(values):.3f}"
    if name in ("torch", "openvino"):
        line += "; " + ", ".join(
            f"{statistics.median(values) / statistics.median(times[ours]):.2f} times the {ours}" for ours in ("second image", "process"))
    if name in outputs and name != "torch":
        error = np.linalg.norm(outputs[name] - reference) / np.linalg.norm(reference)
        line += f"; error against torch {error:.1e}"
    print(line)
