#!/usr/bin/env bash
# Snakemake (PyPI): a rule for a share and one that merges. The killed share is tried again by Snakemake itself.
# usage: Tests/Recipes/Engines/snakemake.sh [DIFFCUT]; SNAKEMAKE names one that is installed.
name=snakemake
source "$(dirname "$0")/common.sh"
if [ -z "${SNAKEMAKE:-}" ]; then
  python3 -m venv environment
  environment/bin/pip install --quiet snakemake
  SNAKEMAKE=$WORK/environment/bin/snakemake
fi
export HOME=$WORK XDG_CACHE_HOME=$WORK/cache

# Results are no outputs of a rule: Snakemake would remove them before another attempt. Reports are, for they are whole only
# when a share is.
cat > Snakefile << SNAKEFILE
shares = $shares
shell.executable("bash")

rule merge:
    input: expand("report.{share}.jsonl", share=range(shares))
    output: "report.jsonl"
    shell: "$TOOL merge -q --manifest list {input} -o {output}"

rule share:
    input: "list"
    output: "report.{share}.jsonl"
    retries: 1
    shell: "./worker --manifest {input} --shard {wildcards.share}/$shares --report {output}"
SNAKEFILE
"$SNAKEMAKE" --cores 2 > log 2>&1 || { cat log >&2; fail "snakemake failed"; }
grep -q 'Trying to restart job' log || { cat log >&2; fail "no share was tried again"; }
[ "$(wc -l < report.jsonl)" = 60 ] || fail "the merged report has not 60 lines"
# Nothing is left to do.
"$SNAKEMAKE" --cores 2 2>&1 | grep -q 'Nothing to be done' || fail "a second run finds something to do"
check_merged
check report.[0-9].jsonl
