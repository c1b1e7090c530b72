#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hostile days: a full disk, folders and weights that may not be touched, weights that shrink while they are read, system calls
that are interrupted, two processes on one folder, and SIGKILL at random times.

usage: Tests/Recipes/faults.py [--tool DIFFCUT] [--kills N] [--cuts N] [--seed S] [FAULT...]

FAULT is one or more of disk, permissions, cuts, interrupts, together, kills; all without one. Each fault is first seen to bite
without the tool. The superuser may do everything: disk wants it, for a small tmpfs, and without it limits the size of files
instead; permissions are tried as nobody by setpriv. interrupts wants strace (Debian's package). What is not there is said to be
skipped.
"""
import argparse
import filecmp
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
IMAGES = ROOT / "fixtures/images"


def say(text):
    print(f"faults: {text}", flush=True)


def require(holds, text):
    if not holds:
        sys.exit(f"faults: FAILED: {text}")


class Faults:
    def __init__(self, options, work):
        self.tool, self.options, self.work = options.tool, options, work
        self.random = random.Random(options.seed)
        self.photographs = work / "in"
        self.photographs.mkdir()
        sources = sorted(IMAGES.glob("*.png")) + sorted((ROOT / "fixtures/jpeg").glob("*.jpg"))[:12]
        made = 0
        for source in sources * 20:
            if made < 50 and self.run("segment", source, "-o", "-", "-q", stdout=subprocess.DEVNULL).returncode == 0:
                shutil.copy(source, self.photographs / f"{made:02}{source.suffix}")
                made += 1
        require(made == 50, "fifty photographs")

    def run(self, *words, prefix=(), **how):
        how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | how
        return subprocess.run([*map(str, prefix), self.tool, *map(str, words)], **how)

    def batch(self, out):
        return ["segment", "-r", self.photographs, "-q", "-f", "labels,coco", "-o", out]

    def undisturbed(self):
        out = self.work / "undisturbed"
        if not out.exists():
            done = self.run(*self.batch(out))
            require(done.returncode == 0, f"the undisturbed run: {done.stderr}")
        return out

    def model(self):
        model = self.work / "model"
        if not model.exists():
            require(self.run("model", "synthesize", "sd1.4", "-q", "-o", model).returncode == 0, "a model")
        return model

    def expect(self, done, code, *parts):
        require(done.returncode == code, f"exit code {done.returncode} in place of {code}: {done.stderr}")
        lines = done.stderr.strip().splitlines()
        require(len(lines) == 1 and lines[0].startswith("diffcut: error: "), f"one line: {done.stderr}")
        for part in parts:
            require(part in done.stderr, f"'{part}' in: {done.stderr}")
        return lines[0]

    # ------------------------------------------------------------------ the faults

    def disk(self):
        """One image more than there is room for."""
        small = self.work / "small"
        small.mkdir()
        prefix = []
        mounted = os.geteuid() == 0 and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", small], stderr=subprocess.DEVNULL).returncode == 0
        if not mounted:
            # Of 512 bytes each; the signal is what the shell's children ignore.
            prefix = ["bash", "-c", 'trap "" XFSZ; ulimit -f 40; exec "$@"', "limited"]
        try:
            bite = subprocess.run([*prefix, "dd", "if=/dev/zero", f"of={small}/zeros", "bs=1k", "count=200"], capture_output=True)
            require(bite.returncode != 0, "the disk is not full")
            (small / "zeros").unlink()
            photograph = IMAGES / "astronaut.png"
            line = self.expect(self.run("segment", photograph, "-f", "overlay", "-o", small / "one", "-q", prefix=prefix), 5)
            left = [p for p in small.rglob("*") if p.is_file() and not p.name.startswith("config") and ".diffcut" not in p.parts]
            require(not left, f"left behind: {left}")
            say(f"disk, {'a tmpfs of 100 KiB' if mounted else 'files of 20 KiB at most'}: {line.replace(str(self.work), '')}")
            done = self.run(*self.batch(small / "many"), prefix=prefix)
            self.expect(done, 5)
            whole = self.undisturbed()
            results = [p for p in (small / "many").rglob("*") if p.is_file()]
            require(not [p for p in results if p.name.endswith(".partial")], "an unfinished file")
            labels = [p for p in results if p.name.endswith(".labels.png")]
            require(all(filecmp.cmp(p, whole / p.relative_to(small / "many"), False) for p in labels), "a damaged file")
            say(f"disk: a batch stops after {len(labels)} whole label maps, nothing half-written")
        finally:
            if mounted:
                subprocess.run(["umount", small], check=True)

    def permissions(self):
        nobody = []
        if os.geteuid() == 0:
            nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            if not shutil.which("setpriv"):
                return say("permissions: skipped, there is no setpriv")
        for folder in [self.work, *self.work.resolve().parents]:
            if nobody and folder.stat().st_uid == 0 and folder != folder.parent and not folder.stat().st_mode & 1:
                folder.chmod(0o755)
        tool = self.work / "diffcut"
        shutil.copy(self.tool, tool)
        photograph = self.work / "photograph.png"
        shutil.copy(IMAGES / "coffee.png", photograph)
        closed = self.work / "closed"
        closed.mkdir(mode=0o555)
        require(subprocess.run([*nobody, "touch", closed / "x"], capture_output=True).returncode != 0, "the folder is open")
        own, self.tool = self.tool, tool
        try:
            say("permissions: " + self.expect(
                self.run("segment", photograph, "-o", closed, "-q", prefix=nobody), 5, "closed"))
            say("permissions: " + self.expect(
                self.run("segment", photograph, "-o", closed / "new", "-q", prefix=nobody), 5, "closed"))
            require(not list(closed.iterdir()), "something was written")
            secret = next((self.model() / "unet").glob("*.safetensors"))
            secret.chmod(0)
            require(subprocess.run([*nobody, "cat", secret], capture_output=True).returncode != 0, "the weights are open")
            say("permissions: " + self.expect(
                self.run("features", photograph, "--model", self.model(), "-o", "-", prefix=nobody), 3, secret.name))
            secret.chmod(0o644)
            photograph.chmod(0)
            say("permissions: " + self.expect(self.run("segment", photograph, "-o", "-", prefix=nobody), 4, "photograph"))
        finally:
            self.tool = own

    def cuts(self):
        """Weights cut off, or overwritten, at random times while the network is run."""
        out, counts = self.work / "features.npy", {"in time": 0, "SIGBUS": 0, "looked again": 0, "opening": 0}
        words = ["features", IMAGES / "coffee.png", "--model", self.work / "cut", "--size", "512", "-q", "-o"]
        shutil.copytree(self.model(), self.work / "cut")
        start = time.monotonic()
        require(self.run(*words, self.work / "whole.npy").returncode == 0, "features of whole weights")
        usual = time.monotonic() - start
        files = sorted((self.work / "cut").rglob("*.safetensors"))
        for _ in range(self.options.cuts):
            target = self.random.choice(files)
            content = target.read_bytes()
            process = subprocess.Popen(
                [self.tool, *map(str, words), out], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
            time.sleep(self.random.random() * 1.1 * usual)
            os.truncate(target, self.random.randrange(len(content)))
            error = process.communicate()[1]
            if process.returncode == 0:
                counts["in time"] += 1
                require(filecmp.cmp(out, self.work / "whole.npy", False), "features of weights that were cut")
                out.unlink()
            else:
                require(process.returncode == 3 and error.count("\n") in (1, 2), f"{process.returncode}: {error}")
                require(not out.exists(), "features are written")
                counts["SIGBUS" if "became shorter" in error else "looked again" if "changed while" in error else "opening"] += 1
            target.write_bytes(content)
        require(counts["SIGBUS"] > 0, f"no read was behind the end: {counts}")
        say(f"cuts: {self.options.cuts} files of weights cut off: " + ", ".join(f"{v} {k}" for k, v in counts.items()))

    def interrupts(self):
        """Every third read or write fails with EINTR, once the program is loaded: its loader does not bear it."""
        if not shutil.which("strace"):
            return say("interrupts: skipped, there is no strace")
        trace, photograph = self.work / "trace", IMAGES / "coffee.png"

        def segment(*words):
            prefix = ["strace", "-f", "-o", trace, "-e", "trace=read,write", *words]
            return self.run("segment", "-", "-o", "-", "-q", prefix=prefix, text=False, input=photograph.read_bytes())

        wanted = segment()
        calls = trace.read_text().splitlines()
        first = next(i for i, call in enumerate(calls) if " read(0, " in call)
        found = segment("-e", f"inject=read,write:error=EINTR:when={first + 1}+3")
        bites = trace.read_text().count("EINTR")
        require(bites > 3, "no call was interrupted")
        require(found.returncode == 0 and found.stdout == wanted.stdout, f"{found.returncode}: {found.stderr}")
        say(f"interrupts: {bites} system calls, the same label map")

    def together(self):
        """Two processes on one folder of results, at the same images."""
        out = self.work / "together"
        both = [subprocess.Popen([self.tool, *map(str, self.batch(out))], stderr=subprocess.PIPE, text=True) for _ in range(2)]
        errors = [p.communicate()[1] for p in both]
        require([p.returncode for p in both] == [0, 0], f"exit codes {[p.returncode for p in both]}: {errors}")
        self.compare(out, "two processes")
        say("together: both end with 0, files are those of one undisturbed run")

    def compare(self, out, what):
        done = subprocess.run(["diff", "-r", self.undisturbed(), out], capture_output=True, text=True)
        require(done.returncode == 0, f"{what}: {done.stdout}")

    def kills(self):
        """SIGKILL at a random time, again and again, until fifty images are done; then anew."""
        whole = self.undisturbed()
        start = time.monotonic()
        require(self.run(*self.batch(self.work / "timed")).returncode == 0, "a run to time")
        usual, kills, rounds = time.monotonic() - start, 0, 0
        while kills < self.options.kills:
            out = self.work / f"killed{rounds}"
            rounds += 1
            while True:
                process = subprocess.Popen([self.tool, *map(str, self.batch(out))], stderr=subprocess.PIPE)
                time.sleep(self.random.random() * usual / 8)
                process.kill()
                ended = process.wait()
                process.stderr.close()
                if ended == 0:
                    break
                require(ended == -signal.SIGKILL, f"exit code {ended}")
                kills += 1
                for path in out.rglob("*"):
                    if path.is_file() and path.suffix == ".png":
                        require(filecmp.cmp(path, whole / path.relative_to(out), False), f"{path} is half-written")
                if kills >= self.options.kills:
                    require(self.run(*self.batch(out)).returncode == 0, "the last run")
                    break
            self.compare(out, f"after {kills} kills")
            shutil.rmtree(out)
        say(f"kills: {kills} in {rounds} batches of 50 images: nothing lost, nothing half-written, every folder that of one run")


def main():
    names = ["disk", "permissions", "cuts", "interrupts", "together", "kills"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("faults", nargs="*", metavar="FAULT", choices=[[], *names])
    parser.add_argument("--tool", default=ROOT / ".build/release/diffcut")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--cuts", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.tool = pathlib.Path(options.tool).resolve()
    with tempfile.TemporaryDirectory() as work:
        faults = Faults(options, pathlib.Path(work))
        for name in options.faults or names:
            getattr(faults, name)()


if __name__ == "__main__":
    main()
