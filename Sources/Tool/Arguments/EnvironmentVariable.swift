// SPDX-License-Identifier: Apache-2.0

/// A variable of the environment that the tool reads.
package struct EnvironmentVariable: Sendable {
  package let name: String
  package let summary: String

  /// All of them.
  package static let all = [
    EnvironmentVariable(
      name: "DIFFCUT_MODEL",
      summary: "the model of 'segment', 'features', 'eval' and 'bench encoder' where --model names none"),
    EnvironmentVariable(
      name: "DIFFCUT_ISA",
      summary: "the instructions to use: portable, avx2 or avx512; one that the processor lacks is refused"),
    EnvironmentVariable(name: "HF_HUB_CACHE", summary: "the Hugging Face cache, in which org/name is looked up"),
    EnvironmentVariable(name: "HF_HOME", summary: "the cache is its folder 'hub', if HF_HUB_CACHE is unset"),
    EnvironmentVariable(
      name: "XDG_CACHE_HOME", summary: "the cache is its folder 'huggingface/hub', if the two before are unset"),
    EnvironmentVariable(
      name: "HOME", summary: "the cache is its folder '.cache/huggingface/hub', if the three before are unset"),
    EnvironmentVariable(
      name: "SLURM_ARRAY_TASK_ID",
      summary: "which share of the images 'segment --shard auto' takes, in a Slurm job array"),
    EnvironmentVariable(name: "SLURM_ARRAY_TASK_COUNT", summary: "the number of shares, unless --shards names it"),
    EnvironmentVariable(name: "SLURM_ARRAY_TASK_MIN", summary: "the number of the array's first task"),
    EnvironmentVariable(name: "SLURM_ARRAY_TASK_STEP", summary: "the step between the numbers of its tasks"),
    EnvironmentVariable(
      name: "JOB_COMPLETION_INDEX", summary: "the same in an indexed job of Kubernetes, with --shards for the number"),
    EnvironmentVariable(name: "TERM", summary: "no progress is shown where it is unset or 'dumb'"),
  ]
}
