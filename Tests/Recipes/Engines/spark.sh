#!/usr/bin/env bash
# Spark's RDD.pipe (PyPI: pyspark; Java 17 or later), in local mode: every partition's lines go through one worker. The
# partition whose worker was killed is done again by Spark itself.
# usage: Tests/Recipes/Engines/spark.sh [DIFFCUT]; PYTHON names one that has pyspark.
name=spark
source "$(dirname "$0")/common.sh"
require java "Debian's package openjdk-17-jre-headless"
if [ -z "${PYTHON:-}" ]; then
  python3 -m venv environment
  environment/bin/pip install --quiet pyspark
  PYTHON=$WORK/environment/bin/python
fi

cat > job.py << 'SCRIPT'
import os
import sys

from pyspark import SparkConf, SparkContext

partitions = int(sys.argv[1])
# Two tasks at once, each tried four times at most.
configuration = SparkConf().setMaster("local[2,4]").set("spark.ui.enabled", "false")
spark = SparkContext(conf=configuration.set("spark.local.dir", os.environ["WORK"] + "/spark"))
spark.setLogLevel("OFF")
with open("list") as lines:
    images = spark.parallelize(lines.read().splitlines(), partitions)
# Without checkCode PySpark takes the answers that a killed worker gave for all. --exit-zero: an image that fails has its
# line, and is no reason to do the partition again.
answers = images.pipe("./worker --manifest - --json --exit-zero", env=dict(os.environ), checkCode=True).collect()
# A partition without images: no answer, and no failure.
assert spark.parallelize([], 3).pipe("./worker --manifest - --json --exit-zero", env=dict(os.environ), checkCode=True).count() == 0
print("\n".join(answers))
SCRIPT
"$PYTHON" job.py "$shares" > answers.jsonl 2> log || { cat log >&2; fail "spark failed"; }
# In the order of the images, whatever was done again.
sed 's/^{"v":1,"id":"\([^"]*\)".*/\1/' answers.jsonl | cmp - list || fail "answers are not in the order of the images"
check answers.jsonl
