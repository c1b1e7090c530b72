# Sourced by the recipes of this folder: sixty pictures, a plain run over them, a worker that is killed once, and what must
# hold after an engine's run. `name`, the engine's, is set before; the recipe's arguments are handed on: [DIFFCUT].
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
export TOOL
TOOL=$(realpath "${1:-$root/.build/release/diffcut}")
# Not below /tmp itself: engines keep files of their own there.
export WORK
WORK=$(mktemp -d)
cleanup() { rm -rf "$WORK"; }
trap cleanup EXIT
say() { printf '%s: %s\n' "$name" "$*"; }
fail() { say "$*" >&2; exit 1; }
# require COMMAND PACKAGE
require() { command -v "$1" > /dev/null || fail "no $1: it is in $2"; }

shares=6
export SETTINGS="--size 128 --threads 1 --format labels,coco --quiet"
cd "$WORK"
python3 "$root/Tests/Recipes/Engines/crops.py" in 60 "$root"/fixtures/images/{coffee,chelsea}.png
find in -name '*.ppm' | LC_ALL=C sort > list
# shellcheck disable=SC2086
"$TOOL" segment --manifest list $SETTINGS -o plain

# worker ARGUMENT...: 'diffcut segment ARGUMENT...' into out. The first of all workers is killed after three images, in
# the middle of its work, as by the kernel when memory runs out.
cat > worker << 'SCRIPT'
#!/usr/bin/env bash
cd "$WORK"
if ! mkdir victim 2> /dev/null; then exec "$TOOL" segment "$@" $SETTINGS -o out; fi
printf '%s\n' "$*" > victim/arguments
"$TOOL" segment "$@" $SETTINGS -o out --report victim/report.jsonl <&0 &
process=$!
lines() { mapfile -t finished < victim/report.jsonl; }
finished=()
while [ "${#finished[@]}" -lt 3 ] && kill -0 "$process"; do [ ! -e victim/report.jsonl ] || lines; done 2> /dev/null
kill -KILL "$process" || echo "the work was over before it was killed" > victim/late
wait "$process" 2> /dev/null
# What there is of the victim's images at this moment, by name, inode and time of change.
while read -r line; do
  id=${line#*'"id":"'} id=${id%%'"'*}
  stat --format '%n %i %Z' "out/${id%.ppm}.labels.png" "out/.diffcut/$id.json"
done < victim/report.jsonl > victim/files
exit 137
SCRIPT
chmod +x worker

# check REPORT...: after the engine's run, with the reports of every share's last attempt or all answers in one.
check() {
  [ -s victim/files ] || fail "no worker was killed"
  [ ! -e victim/late ] || fail "$(cat victim/late)"
  # Nothing that was finished has been touched.
  while read -r file inode time; do
    [ "$(stat --format '%n %i %Z' "$file")" = "$file $inode $time" ] || fail "$file was written again"
  done < victim/files
  local finished again segmented
  finished=$(($(wc -l < victim/files) / 2))
  cat "$@" > answers
  again=$(grep -c '"status":"skipped"' answers || true)
  segmented=$(grep -c '"status":"ok"' answers || true)
  [ "$(wc -l < answers)" = 60 ] || fail "$(wc -l < answers) answers to 60 images"
  # The fourth may have been finished without having been reported.
  [ "$again" = "$finished" ] || [ "$again" = $((finished + 1)) ] || fail "$again images were skipped, not $finished"
  [ $((again + segmented)) = 60 ] || fail "$segmented images were segmented"
  say "one worker killed after $finished images; they were skipped, $segmented images segmented once"
  # A last pass over all, which finds nothing to do, makes the joined file. Then all is as in the plain run.
  # shellcheck disable=SC2086
  "$TOOL" segment --manifest list $SETTINGS -o out --report last.jsonl
  [ "$(grep -c '"status":"skipped"' last.jsonl)" = 60 ] || fail "the last pass found something to do"
  rm -f out/annotations.coco.*-of-*.json
  diff -r plain out || fail "results differ from those of the plain run"
  say "$(find out -type f | wc -l) files, all equal to those of the plain run"
}

# check_merged: the shares' joined files, before `check` takes them away, and their reports.
check_merged() {
  "$TOOL" merge -q --manifest list out/annotations.coco.*-of-"$shares".json -o merged.json
  cmp merged.json plain/annotations.coco.json || fail "the merged file differs from that of the plain run"
  "$TOOL" merge -q --manifest list report.*.jsonl -o merged.jsonl
  [ "$(wc -l < merged.jsonl)" = 60 ] || fail "the merged report has not 60 lines"
  say "merged file of $shares shares equal to that of the plain run"
}
