#!/usr/bin/env bash
# A Slurm job array (Debian: slurm-wlm, munge) on a cluster of this one machine, with daemons, key and ports of its own.
# One task is killed and submitted again, alone.
# usage: Tests/Recipes/Engines/slurm.sh [DIFFCUT]
name=slurm
source "$(dirname "$0")/common.sh"
PATH=$PATH:/usr/sbin:/sbin
for command in slurmctld slurmd sbatch; do require "$command" "Debian's package slurm-wlm"; done
require munged "Debian's package munge"
stop() {
  for file in slurmd slurmctld munged; do
    [ ! -s "run/$file.pid" ] || kill "$(cat "run/$file.pid")" 2> /dev/null || true
  done
  sleep 1
  cleanup
}
trap stop EXIT

mkdir run state spool
chmod 755 "$WORK"
# The key is of this run alone.
dd if=/dev/urandom of=run/munge.key bs=128 count=1 status=none
chmod 400 run/munge.key
munged --force --key-file="$WORK/run/munge.key" --socket="$WORK/run/munge.socket" --pid-file="$WORK/run/munged.pid" \
  --log-file="$WORK/run/munged.log" --seed-file="$WORK/run/munged.seed" 2> /dev/null
host=$(hostname -s)
user=$(id -un)
port=$((20000 + $$ % 20000))
cat > slurm.conf << CONF
ClusterName=recipe
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$user
SlurmdUser=$user
SlurmctldPort=$port
SlurmdPort=$((port + 1))
AuthType=auth/munge
AuthInfo=socket=$WORK/run/munge.socket
StateSaveLocation=$WORK/state
SlurmdSpoolDir=$WORK/spool
SlurmctldPidFile=$WORK/run/slurmctld.pid
SlurmdPidFile=$WORK/run/slurmd.pid
SlurmctldLogFile=$WORK/run/slurmctld.log
SlurmdLogFile=$WORK/run/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$WORK/slurm.conf
slurmctld -c
slurmd
for _ in $(seq 100); do
  ! sinfo --noheader --format %t 2> /dev/null | grep -q idle || break
  sleep 0.2
done
sinfo --noheader --format %t | grep -q idle || { cat run/slurmctld.log run/slurmd.log >&2; fail "the cluster does not start"; }

cat > job << 'SCRIPT'
#!/bin/bash
#SBATCH --cpus-per-task=1
exec ./worker --manifest list --shard auto "$@" --report "report.$SLURM_ARRAY_TASK_ID.jsonl"
SCRIPT
# submit ARRAY ARGUMENT...: waits for its tasks.
submit() {
  local array=$1
  shift
  sbatch --parsable --wait --array="$array" --output='log.%a' job "$@" > id
}
# Numbered from 0: Slurm itself says how many there are.
submit "0-$((shares - 1))" && fail "a killed task was not told"
failed=$(scontrol --oneliner show job "$(cat id)" | grep 'JobState=FAILED' | sed 's/.*ArrayTaskId=\([0-9]*\).*/\1/')
[[ $failed =~ ^[0-9]+$ ]] || fail "one task should have failed, not '$failed'"
say "task $failed failed, and is submitted again"
# Part of an array: the number of shares is said.
submit "$failed" --shards "$shares" || { cat "log.$failed" >&2; fail "task $failed failed again"; }
check_merged
check report.*.jsonl
