# SPDX-License-Identifier: Apache-2.0
"""Single-precision GEMM of diffcut beside torch's (MKL or OpenBLAS), in alternating runs on the same cores.

    pip install torch numpy
    python sgemm_peers.py .build/release/diffcut [--sizes 1024 2048] [--threads 1] [--rounds 7]

Each round times a batch of ours (a process of its own), then a batch of theirs; the medians over the rounds are compared.
"""
import argparse
import json
import statistics
import subprocess
import time

import torch


def ours(binary, size, threads):
    command = [binary, "bench", "gemm", "--size", str(size), "--threads", str(threads), "--repeat", "5", "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def theirs(size):
    a, b = torch.rand(size, size), torch.rand(size, size)
    a @ b
    durations = []
    for _ in range(5):
        start = time.perf_counter()
        a @ b
        durations.append(time.perf_counter() - start)
    return 2 * size**3 / statistics.median(durations) / 1e9


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1024, 2048])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"torch {torch.__version__}, {options.threads} threads")
    for size in options.sizes:
        rows = []
        for _ in range(options.rounds):
            mine = ours(options.binary, size, options.threads)
            rows.append((mine["gflops"], theirs(size), mine["error"]))
        mine, peer = (statistics.median(row[i] for row in rows) for i in (0, 1))
        print(f"{size}: ours {mine:.1f} GFLOP/s (error {max(r[2] for r in rows):.1e}), torch {peer:.1f}, "
              f"ratio {mine / peer:.2f}, of single rounds {min(r[0] / r[1] for r in rows):.2f} to "
              f"{max(r[0] / r[1] for r in rows):.2f}")


if __name__ == "__main__":
    main()
