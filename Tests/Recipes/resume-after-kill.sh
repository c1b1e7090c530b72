#!/usr/bin/env bash
# Two hundred images of every kind that is read, killed half-way and taken up again: is the folder of results, joined files
# included, byte for byte that of a run that was left alone?
#
# usage: Tests/Recipes/resume-after-kill.sh [DIFFCUT] [COUNT] [FORMATS]
#
# DIFFCUT is the tool (.build/release/diffcut), COUNT the number of images (200), FORMATS what is written (all there are).
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
tool=${1:-$root/.build/release/diffcut}
count=${2:-200}
formats=${3:-$("$tool" help segment | sed -n 's/.*what to write: \([a-z, -]*[a-z]\).*/\1/p' | tr -d ' ')}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say() { printf 'resume-after-kill: %s\n' "$*"; }
fail() { say "$*" >&2; exit 1; }

# Photographs and the fixtures of every format in turn, under folders and names of their own.
mapfile -t sources < <(cd "$root/fixtures" && find images jpeg png pnm -type f \( -name '*.png' -o -name '*.jpg' -o -name '*.p[bgpna]m' \) | LC_ALL=C sort)
[ "${#sources[@]}" -gt 10 ] || fail "no fixtures"
made=0 index=0
while [ "$made" -lt "$count" ]; do
  source=${sources[$((index % ${#sources[@]}))]}
  index=$((index + 1))
  [ "$index" -lt $((count * 20)) ] || fail "too few fixtures can be read"
  folder=$work/in/$((made % 7))/$((made % 3))
  mkdir -p "$folder"
  # The first round sorts out fixtures that are broken on purpose.
  if [ "$index" -le "${#sources[@]}" ] && ! "$tool" segment "$root/fixtures/$source" -q -o - > /dev/null 2>&1; then
    sources[index - 1]=images/coffee.png
    continue
  fi
  cp "$root/fixtures/$source" "$folder/$made.${source##*.}"
  made=$((made + 1))
done

say "$count images, formats $formats"
run() { "$tool" segment -r "$work/in" -q -f "$formats" -o "$1"; }
run "$work/undisturbed" || fail "the undisturbed run ended with exit code $?"

# Not through the function: its number would be that of a shell, and the tool would live on.
"$tool" segment -r "$work/in" -q -f "$formats" -o "$work/killed" &
process=$!
done_images() { find "$work/killed/.diffcut" -name '*.json' 2> /dev/null | wc -l; }
while [ "$(done_images)" -lt $((count / 2)) ] && kill -0 "$process" 2> /dev/null; do :; done
kill -KILL "$process" 2> /dev/null || fail "the run was over before it was killed: give a larger COUNT"
wait "$process" 2> /dev/null || true
say "killed after $(done_images) images, $(find "$work/killed" -name '*.partial' | wc -l) unfinished files"
[ "$(done_images)" -lt "$count" ] || fail "nothing was left to do"

run "$work/killed" || fail "the run that was taken up ended with exit code $?"
diff -r "$work/undisturbed" "$work/killed" || fail "the folders differ"
[ -z "$(find "$work/killed" -name '*.partial')" ] || fail "an unfinished file is left"
say "$(find "$work/killed" -type f | wc -l) files, all equal"
