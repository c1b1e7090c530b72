#!/usr/bin/env bash
# Converts every DocC catalog with the toolchain's docc. A link that leads nowhere, an article that a symbol of the same
# name hides, a parameter that is not documented where others are: each is a warning, and a warning fails.
# usage: Tests/Recipes/documentation.sh [FOLDER]
#
# FOLDER keeps the archives, one for each module; `docc preview` or any web server shows them.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v docc > /dev/null || { echo "documentation: skipped, the toolchain has no docc"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
archives=${1:-$work/archives}
mkdir -p "$archives"

swift build > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
modules=$(swift build --show-bin-path)/Modules
target=$(swift -print-target-info | sed -n 's/.*"unversionedTriple": "\(.*\)".*/\1/p')
failures=0
dependencies=()
# In the order of the modules: a catalog may link to those before it.
for catalog in Sources/{Tensor,Linalg,UNet,Segment/Images,Segment,Segment/Formats,Segment/Experiments}/Documentation.docc; do
  module=$(basename "$(dirname "$catalog")")
  mkdir "$work/$module"
  swift symbolgraph-extract -module-name "$module" -target "$target" -I "$modules" -minimum-access-level public \
    -output-dir "$work/$module"
  docc convert "$catalog" --additional-symbol-graph-dir "$work/$module" --output-path "$archives/$module.doccarchive" \
    "${dependencies[@]}" --enable-experimental-external-link-support --fallback-display-name "$module" --fallback-bundle-identifier "$module" > "$work/text" 2>&1 || true
  if [ ! -f "$archives/$module.doccarchive/metadata.json" ] || grep -qE '^(warning|error):' "$work/text"; then
    cat "$work/text" >&2
    failures=$((failures + 1))
  else
    dependencies+=(--dependency "$archives/$module.doccarchive")
    echo "$module: ok, $(find "$archives/$module.doccarchive/data" -name '*.json' | wc -l) pages"
  fi
done
[ "$failures" = 0 ] || { echo "documentation: $failures catalogs have warnings" >&2; exit 1; }
