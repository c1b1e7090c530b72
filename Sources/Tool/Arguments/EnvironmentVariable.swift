// SPDX-License-Identifier: Apache-2.0

/// An environment variable that the tool reads.
package struct EnvironmentVariable: Sendable {
  package let name: String
  package let summary: String

  /// All variables.
  package static let all = [
    EnvironmentVariable(
      name: "DIFFCUT_MODEL",
      summary: "the default of --model"),
    EnvironmentVariable(
      name: "DIFFCUT_ISA",
      summary: "the instruction set: portable, avx2 or avx512; a set that the processor lacks is an error"),
    EnvironmentVariable(name: "HF_HUB_CACHE", summary: "the Hugging Face cache, which holds org/name"),
    EnvironmentVariable(name: "HF_HOME", summary: "the parent of the cache 'hub', if HF_HUB_CACHE is unset"),
    EnvironmentVariable(
      name: "XDG_CACHE_HOME", summary: "the parent of the cache 'huggingface/hub', if both are unset"),
    EnvironmentVariable(
      name: "HOME", summary: "the parent of the cache '.cache/huggingface/hub', if all three are unset"),
    EnvironmentVariable(
      name: "SLURM_ARRAY_TASK_ID",
      summary: "the shard of --shard auto in a Slurm job array"),
    EnvironmentVariable(name: "SLURM_ARRAY_TASK_COUNT", summary: "the number of shards, without --shards"),
    EnvironmentVariable(name: "SLURM_ARRAY_TASK_MIN", summary: "the number of the array's first task"),
    EnvironmentVariable(name: "SLURM_ARRAY_TASK_STEP", summary: "the step between the numbers of its tasks"),
    EnvironmentVariable(
      name: "JOB_COMPLETION_INDEX", summary: "the shard of --shard auto in an indexed Kubernetes job, with --shards"),
    EnvironmentVariable(name: "TERM", summary: "progress is shown unless it is unset or 'dumb'"),
  ]
}
