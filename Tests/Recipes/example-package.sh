#!/usr/bin/env bash
# Builds Tests/Examples/Library as a package of somebody else would be: in a folder of its own, in release mode, on this
# repository by a version's tag. Then runs it and compares with the tool.
# usage: Tests/Recipes/example-package.sh [DIFFCUT]
set -euo pipefail
cd "$(dirname "$0")/../.."
tool=$(realpath "${1:-.build/release/diffcut}")
fail() { printf 'example: %s\n' "$1" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What is in this folder now, as the one commit of a repository, with the tag of its version.
version=$(sed -n 's/.*static let version = "\(.*\)"/\1/p' Sources/Tool/Tool.swift)
mkdir "$work/diffcut" "$work/out"
git ls-files -z | tar --create --null --files-from=- | tar --extract --directory "$work/diffcut"
(
  cd "$work/diffcut"
  git init -q
  git add -A
  git -c user.name=example -c user.email=example@localhost commit -q -m "Version $version"
  git tag "$version"
)
cp -R Tests/Examples/Library "$work/package"

export DIFFCUT_REPOSITORY="file://$work/diffcut"
swift build -c release --package-path "$work/package" --cache-path "$work/cache" > "$work/log" 2>&1 ||
  { cat "$work/log" >&2; fail "the example does not build"; }
! grep -E 'warning:|error:' "$work/log" || fail "the example builds with warnings"
grep -q "diffcut.*$version" "$work/log" || fail "the example was not built on version $version"
example=$work/package/.build/release/Example

photograph=$PWD/fixtures/images/coffee.png
features=$PWD/fixtures/ncut/coffee-tau0.3.safetensors
run() { (cd "$work" && "$example" "$photograph" "$features" out "$@"); }
run > "$work/text" || fail "the example fails"
cat "$work/text"
# expect WHAT LINE: the line is printed.
expect() { grep -qxF -- "$2" "$work/text" || fail "$1: expected the line '$2'"; }

# The widest instructions that the processor has are in use; portable ones are compiled in too.
widest=portable
if [ -r /proc/cpuinfo ] && [ "$(uname -m)" = x86_64 ]; then
  has() { for flag in "$@"; do grep -m1 '^flags' /proc/cpuinfo | grep -qw "$flag" || return 1; done; }
  ! has avx2 fma f16c || widest=avx2
  ! has avx2 fma f16c avx512f avx512bw avx512dq avx512vl || widest=avx512
fi
active=$(sed -n 's/^instructions: \([a-z0-9]*\),.*/\1/p' "$work/text")
[ "$active" = "${DIFFCUT_ISA:-$widest}" ] || fail "instructions in use are '$active', expected '${DIFFCUT_ISA:-$widest}'"
if [ "$widest" = avx512 ] && command -v objdump > /dev/null; then
  count=$(objdump -d --no-show-raw-insn "$example" | grep -c 'vfmadd.*%zmm' || true)
  [ "$count" -gt 100 ] || fail "only $count fused AVX-512 products are in the program"
fi

# The same numbers as the tool's, to the bit.
json=$("$tool" segment "$photograph" --tau 0.3 --json -f labels,geojson,coco --tolerance 1 -o "$work/tool")
count=$(sed -n 's/.*"segments":\([0-9]*\).*/\1/p' <<< "$json")
expect "segments" "$photograph: $count segments"
cmp "$work/out/coffee.png" "$work/tool/coffee.labels.png" || fail "label maps differ"
for file in coffee.geojson annotations.coco.json; do
  cmp "$work/out/$file" "$work/tool/$file" || fail "annotations differ"
done
nodes=$("$tool" cut "$features" --tau 0.3 -o "$work/tool.npy" | sed -n 's/.* \([0-9]*x[0-9]*\) nodes, \([0-9]*\) segments.*/\1 nodes, \2 classes/p')
grep -qF -- "$features: $nodes, " "$work/text" || fail "classes: expected $nodes"
[ "$(grep -c ': Ncut 0\.' "$work/text")" -ge 2 ] || fail "no tree of cuts"
grep -qE '^  segment 1: [1-9][0-9]* cuts, the last with Ncut 0\.[0-9]+, similarity 0\.[0-9]+$' "$work/text" || fail "no scores"
expect "a missing file" "failure: cannot be read: cannot open 'missing.png': no such file or directory"
expect "a missing model" "failure: run: hf download no/model"
grep -q '^failure: no image: ' "$work/text" || fail "no failure for features in place of an image"

portable=$(DIFFCUT_ISA=portable run)
grep -q '^instructions: portable,' <<< "$portable" || fail "DIFFCUT_ISA is not heard"
echo "example: ok, on version $version with $active instructions"
