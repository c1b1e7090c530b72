#!/usr/bin/env bash
# Formats the manual page that diffcut writes, with all warnings, by each formatter that is here: mandoc, groff, man.
# They are Debian's packages mandoc, groff and man-db; one that is missing is skipped and said so.
# usage: Tests/Recipes/manual.sh [DIFFCUT]
set -euo pipefail
cd "$(dirname "$0")/../.."
tool=${1:-.build/release/diffcut}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
page=$work/diffcut.1
"$tool" help --man > "$page"

# check NAME COMMAND...: the command must print nothing.
check() {
  local name=$1
  shift
  if ! command -v "$1" > /dev/null; then
    echo "$name: skipped, no $1"
    return
  fi
  if ! "$@" > "$work/warnings" 2>&1 || [ -s "$work/warnings" ]; then
    cat "$work/warnings" >&2
    echo "$name: has something to say" >&2
    exit 1
  fi
  echo "$name: ok"
}

check "mandoc lint" mandoc -T lint -W all "$page"
for device in utf8 ascii ps html; do
  [ "$device" != html ] || [ -d "$(echo /usr/share/groff/*/font/devhtml)" ] || continue
  check "groff, $device" groff -ww -b -man -T "$device" "$page" -z
done
if command -v man > /dev/null; then
  MANWIDTH=80 man --warnings=all -l "$page" > "$work/text" 2> "$work/warnings"
  [ ! -s "$work/warnings" ] || { cat "$work/warnings" >&2; exit 1; }
  # Nothing is lost on the way: every command is a heading, options have their two dashes.
  for name in $("$tool" help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    grep -q "^ *diffcut $name " "$work/text" || { echo "man: no command $name" >&2; exit 1; }
  done
  grep -q -- '-o, --output DIR' "$work/text" || { echo "man: no option" >&2; exit 1; }
  echo "man: ok"
else
  echo "man: skipped"
fi
