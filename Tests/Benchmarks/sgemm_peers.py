# SPDX-License-Identifier: Apache-2.0
"""Single-precision GEMM of diffcut beside torch's (MKL or OpenBLAS), in alternating runs on the same cores.

    pip install torch numpy
    python sgemm_peers.py .build/release/diffcut [--sizes 1024 2048 | --network] [--threads 1] [--rounds 7]

Each round times a batch of ours (a process of its own), then a batch of theirs; the medians over the rounds are compared.
With --network the shapes are those of SSD-1B's linear layers at 1024 pixels, theirs as torch.nn.functional.linear.
"""
import argparse
import json
import statistics
import subprocess
import time

import torch


def ours(binary, threads, *arguments):
    """One measurement for each shape."""
    command = [binary, "bench", "gemm", "--threads", str(threads), "--repeat", "5", "--json", *arguments]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in output.splitlines()]


def theirs(rows, depth, columns):
    x, weight = torch.rand(rows, depth), torch.rand(columns, depth)
    torch.nn.functional.linear(x, weight)
    durations = []
    for _ in range(5):
        start = time.perf_counter()
        torch.nn.functional.linear(x, weight)
        durations.append(time.perf_counter() - start)
    return 2 * rows * depth * columns / statistics.median(durations) / 1e9


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1024, 2048])
    parser.add_argument("--network", action="store_true", help="all shapes of the network's linear layers")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"torch {torch.__version__}, {options.threads} threads")
    runs = [[]] if options.network else [["--size", str(size)] for size in options.sizes]
    for arguments in runs:
        rounds = []
        for _ in range(options.rounds):
            rounds.append([(row, theirs(*row["shape"])) for row in
                           ours(options.binary, options.threads, *arguments)])
        for pairs in zip(*rounds):
            mine, peer = statistics.median(row["gflops"] for row, _ in pairs), statistics.median(p for _, p in pairs)
            ratios = [row["gflops"] / p for row, p in pairs]
            print(f"{pairs[0][0]['stage']} {'x'.join(map(str, pairs[0][0]['shape']))}: ours {mine:.1f} GFLOP/s (error "
                  f"{max(row['error'] for row, _ in pairs):.1e}), torch {peer:.1f}, ratio {mine / peer:.2f}, of single "
                  f"rounds {min(ratios):.2f} to {max(ratios):.2f}")


if __name__ == "__main__":
    main()
