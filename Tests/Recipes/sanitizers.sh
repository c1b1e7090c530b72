#!/usr/bin/env bash
# The test suite under a sanitizer of the toolchain, in a build folder of its own (.build/address, .build/thread). First a
# program with a fault shows that the sanitizer sees one. Under the thread sanitizer the tests of the library are run, for each
# of the tool's many processes would take seconds to begin; options run others.
# usage: Tests/Recipes/sanitizers.sh address|thread [options of swift test]
set -euo pipefail
cd "$(dirname "$0")/../.."
kind=${1:?address or thread}
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say() { printf 'sanitizers: %s\n' "$*"; }

case $kind in
address)
  name=AddressSanitizer
  # A leak at the end of a process is none that matters, and the runtime has some.
  export ASAN_OPTIONS=detect_leaks=0
  cat > "$work/main.swift" << 'SWIFT'
let numbers = UnsafeMutablePointer<Int>.allocate(capacity: 4)
numbers.initialize(repeating: CommandLine.argc == 0 ? 1 : 2, count: 4)
numbers.deallocate()
print(numbers[1])
SWIFT
  ;;
thread)
  name=ThreadSanitizer
  [ $# -gt 0 ] || set -- --skip ToolTests
  export TSAN_OPTIONS=suppressions=$PWD/Tests/Recipes/thread-sanitizer.txt
  cat > "$work/main.swift" << 'SWIFT'
import Foundation
nonisolated(unsafe) var sum = 0
// A thread that sleeps leaves the next iteration to another.
DispatchQueue.concurrentPerform(iterations: 64) {
  Thread.sleep(forTimeInterval: 0.001)
  sum += $0
}
print(sum)
SWIFT
  ;;
*) echo "sanitizers: '$kind', expected address or thread" >&2 && exit 2 ;;
esac

swiftc -sanitize="$kind" -o "$work/fault" "$work/main.swift"
"$work/fault" > /dev/null 2> "$work/report" || true
grep -q "$name" "$work/report" || { say "$name did not see the fault" >&2 && exit 1; }
say "$name sees a fault"

build=(-c release --sanitize="$kind" --scratch-path ".build/$kind")
swift build "${build[@]}" --build-tests > "$work/log" 2>&1 || { cat "$work/log" >&2 && exit 1; }
swift test "${build[@]}" --skip-build "$@" > "$work/log" 2>&1 && status=0 || status=$?
if grep -q "$name:" "$work/log"; then
  sed -n "/$name:/,/^SUMMARY/p" "$work/log" >&2
  say "$name has found something" >&2
  exit 1
fi
[ "$status" = 0 ] || { grep -E '^✘|error:' "$work/log" >&2 || tail -n 40 "$work/log" >&2; exit 1; }
say "$(grep -o 'Test run with.*' "$work/log" | tail -n 1), nothing found by $name"
