#!/usr/bin/env bash
# GNU parallel (Debian: parallel): shares as jobs, a job log, and the killed job taken up with --resume-failed; then the
# same pictures through --pipe, where every worker answers the lines it is given.
# usage: Tests/Recipes/Engines/parallel.sh [DIFFCUT]
name=parallel
source "$(dirname "$0")/common.sh"
require parallel "Debian's package parallel"
# Nothing of the user's own settings.
export PARALLEL_HOME=$WORK/parallel
mkdir "$PARALLEL_HOME"
touch "$PARALLEL_HOME/will-cite"

jobs() {
  seq 0 $((shares - 1)) |
    parallel "$@" --jobs 2 --joblog log ./worker --manifest list --shard "{}/$shares" --report 'report.{}.jsonl'
}
jobs 2> /dev/null && fail "a killed job was not told"
# Exitval is the seventh column.
[ "$(awk 'NR > 1 && $7 != 0' log | wc -l)" = 1 ] || fail "the log should have one failure"
jobs --resume-failed || fail "the killed job failed again"
check_merged
check report.*.jsonl

# Blocks of lines to workers that read standard input; --retries takes up the block whose worker was killed.
rm -rf out victim answers last.jsonl
parallel --jobs 2 --retries 2 --pipe -N 10 ./worker --manifest - --json < list > piped || fail "--pipe failed"
check piped
