#!/usr/bin/env bash
# Fuzzes what reads bytes from outside: libFuzzer, AddressSanitizer, checksums not looked at.
#
#   Tests/Fuzz/run.sh [--time SECONDS] [TARGET...]
#
# Builds into .build/fuzz, gives each target (all of FuzzTarget.swift by default) SECONDS (60), one after the other, and
# prints executions, coverage (edges reached) and crashes of each. Inputs that reached something new are kept in
# .build/fuzz/corpus and begun from the next time; what crashes, hangs (10 s) or takes more than 1 GiB is kept in
# .build/fuzz/crashes. Exit code 1 if there was any. An input is at most as long as the longest seed, or 4 KiB. DIFFCUT_FUZZ_OPTIONS is handed on to libFuzzer.
#
# To see one input's failure: DIFFCUT_FUZZ_TARGET=png .build/fuzz/release/Fuzz .build/fuzz/crashes/png/crash-...
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=60
targets=()
while [ $# -gt 0 ]; do
  case $1 in
  --time) seconds=${2:?--time needs seconds} && shift 2 ;;
  -*) echo "usage: Tests/Fuzz/run.sh [--time SECONDS] [TARGET...]" >&2 && exit 2 ;;
  *) targets+=("$1") && shift ;;
  esac
done
known=$(sed -n 's/^  case \([a-z, ]*\)$/\1/p' Tests/Fuzz/Targets/FuzzTarget.swift | tr -d ' ' | tr ',\n' '  ')
[ ${#targets[@]} -gt 0 ] || read -ra targets <<<"$known"
for target in "${targets[@]}"; do
  [[ " $known " == *" $target "* ]] || { echo "no target '$target', there are: $known" >&2 && exit 2; }
done

work=.build/fuzz
mkdir -p "$work"
# The default linker warns of each of the sanitizer's symbols.
if ! DIFFCUT_FUZZ=1 swift build -c release --scratch-path "$work" --product Fuzz \
  -Xswiftc -sanitize=fuzzer,address -Xswiftc -use-ld=lld >"$work/build.log" 2>&1; then
  grep -E 'error|warning' "$work/build.log" >&2 || cat "$work/build.log" >&2
  exit 1
fi

printf '%-12s %12s %9s %9s %8s\n' target executions per-second coverage crashes
status=0
for target in "${targets[@]}"; do
  corpus=$work/corpus/$target
  crashes=$work/crashes/$target
  seeds=$(mktemp -d)
  mkdir -p "$corpus" "$crashes"
  before=$(find "$crashes" -type f | wc -l)
  log=$work/$target.log
  # Leaks are not looked for: references that the compiler keeps in constants with a bit set are taken for some.
  # shellcheck disable=SC2086
  DIFFCUT_FUZZ_TARGET=$target DIFFCUT_FUZZ_SEEDS=$seeds ASAN_OPTIONS=allocator_may_return_null=0:detect_leaks=0 SWIFT_BACKTRACE=enable=no \
    "$work/release/Fuzz" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
    -malloc_limit_mb=512 -close_fd_mask=1 -print_final_stats=1 -artifact_prefix="$crashes/" \
    ${DIFFCUT_FUZZ_OPTIONS:-} "$corpus" "$seeds" >"$log" 2>&1 || status=1
  found=$(($(find "$crashes" -type f | wc -l) - before))
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
  coverage=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
  printf '%-12s %12s %9s %9s %8s\n' "$target" "${executions:--}" "${rate:--}" "${coverage:--}" "$found"
  [ "$found" -eq 0 ] || find "$crashes" -type f -newer "$seeds" -printf '  %p\n'
  rm -rf "$seeds"
done
exit "$status"
