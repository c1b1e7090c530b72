#!/usr/bin/env bash
# Checks the texts that users read for discouraged phrases, and all sources and documents for spelling. The rules are in
# prose-rules.txt. Prints "file:line: found 'x'; write y" for each hit. Exit code 1: there are hits.
# usage: Tests/Recipes/prose.sh
#
# Phrases are checked in Markdown outside of code, in YAML, and in string literals of Swift. codespell (a Python package)
# checks the spelling too where it is installed.
set -euo pipefail
cd "$(dirname "$0")/../.."
export LC_ALL=C
rules=Tests/Recipes/prose-rules.txt

# Documents, templates, help and error messages.
mapfile -t texts < <(
  printf '%s\n' README.md CONTRIBUTING.md SECURITY.md CHANGELOG.md fixtures/README.md
  find .github -name '*.md' -o -name '*.yml'
  find Sources -name '*.swift' | sort)
# All files with words in them.
mapfile -t files < <(
  printf '%s\n' README.md CONTRIBUTING.md SECURITY.md CHANGELOG.md fixtures/README.md Package.swift .ci/run
  find Sources Tests .github fixtures/generate -type f \
    \( -name '*.swift' -o -name '*.md' -o -name '*.yml' -o -name '*.sh' -o -name '*.py' -o -name '*.js' -o -name '*.css' \) | sort)
hits=$(mktemp)
trap 'rm -f "$hits"' EXIT

awk '
  # The words of a line.
  function words(line,   out) {
    if (FILENAME ~ /\.md$/) {
      if (line ~ /^ *```/) { inside = !inside; return "" }
      if (inside || line ~ /^    /) return ""
      gsub(/`[^`]*`/, "`", line)
      gsub(/\]\([^)]*\)/, "]", line)
    } else if (FILENAME ~ /\.swift$/) {
      if (!inside && line ~ /^ *\/\//) return ""
      if (inside && line !~ /"""/) { sub(/ *\\$/, "", line); return line }
      if (gsub(/"""/, "", line)) inside = !inside
      while (match(line, /"([^"\\]|\\.)*"/)) {
        out = out substr(line, RSTART, RLENGTH) " "
        line = substr(line, RSTART + RLENGTH)
      }
      return out
    }
    return line
  }
  # Prints the hits that begin in the previous line. They may end in this one.
  function check(line,   i, text, skipped) {
    for (i = 1; i <= count; i++) {
      text = " " previous " " line " "
      if (pattern[i] !~ /[A-Z]/) text = tolower(text)
      skipped = 0
      while (match(text, "[^A-Za-z0-9_-](" pattern[i] ")[^A-Za-z0-9_-]") && skipped + RSTART <= length(previous)) {
        printf "%s:%d: found \047%s\047; write %s\n", file, number, substr(text, RSTART + 1, RLENGTH - 2), advice[i]
        skipped += RSTART + RLENGTH - 2
        text = substr(text, RSTART + RLENGTH - 1)
      }
    }
  }
  NR == FNR { if (/^[^#].* => /) { split($0, rule, " => "); pattern[++count] = rule[1]; advice[count] = rule[2] } next }
  FNR == 1 { check(""); previous = ""; inside = 0 }
  {
    line = words($0)
    gsub(/[ \t]+/, " ", line)
    sub(/^ /, "", line)
    check(line)
    previous = line
    file = FILENAME
    number = FNR
  }
  END { check("") }
' "$rules" "${texts[@]}" > "$hits"

grep '^[^#].* -> ' "$rules" | while IFS= read -r rule; do
  { grep -HnoiE "[a-z]*(${rule% -> *})[a-z]*" "${files[@]}" || true; } |
    sed "s/^\([^:]*:[0-9]*\):\(.*\)/\1: found '\2'; write ${rule#* -> }/" >> "$hits"
done

if command -v codespell > /dev/null; then
  # -L: words of the field, and misspelled words that tests need. Names in camel case are ignored.
  codespell --builtin clear,rare,en-GB_to_en-US --ignore-regex '\b\w*[a-z][A-Z]\w*\b' \
    -L inout,fpr,thi,paeth,conveyer,toom,nmae,segmnet,reproducability,formts,fo,chekc,caf "${files[@]}" > "$hits.spelling" || true
  sed "s/^\([^:]*:[0-9]*\): \(.*\) ==> \(.*\)/\1: found '\2'; write \3/" "$hits.spelling" >> "$hits"
  rm "$hits.spelling"
else
  echo "prose: codespell is not installed, its checks are skipped (pip install codespell)"
fi

[ ! -s "$hits" ] || { sort -t : -k 1,1 -k 2,2n "$hits"; exit 1; }
echo "prose: ok"
