// SPDX-License-Identifier: Apache-2.0
import Tensor

/// A share of the images: those whose position in the whole list leaves `index` when divided by `count`.
package struct Shard: Equatable, Sendable {
  /// From 0.
  package let index: Int
  package let count: Int

  package static let whole = Shard(index: 0, count: 1)

  package init(index: Int, count: Int) { (self.index, self.count) = (index, count) }

  package func contains(_ position: Int) -> Bool { position % count == index }

  /// A joined file's name with the share's: `coco.json` becomes `coco.2-of-8.json`.
  package func name(_ name: String) -> String {
    guard count > 1 else { return name }
    let dot = name[Path.nameStart(name)...].lastIndex(of: ".") ?? name.endIndex
    return name[..<dot] + ".\(index)-of-\(count)" + name[dot...]
  }

  /// Reads `--shard` and `--shards`; nil when neither is given.
  ///
  /// - Throws: `ToolError` with exit code 2.
  static func parse(_ arguments: ParsedArguments) throws(ToolError) -> Shard? {
    try parse(arguments.string("shard"), count: arguments.string("shards"), environment: Platform.environment)
  }

  /// Returns the shard that the values of `--shard` and `--shards` name; nil when neither is given.
  ///
  /// `auto` takes the position from a Slurm array or an indexed Kubernetes job. Kubernetes does not tell how many there are;
  /// Slurm does, but of a part of an array that is submitted again only the part.
  ///
  /// - Throws: `ToolError` with exit code 2.
  package static func parse(
    _ text: String?, count countText: String?, environment: (String) -> String?
  ) throws(ToolError) -> Shard? {
    func number(_ text: String?) -> Int? { text.flatMap { Int($0) } }
    var count: Int?
    if let countText {
      guard let value = Int(countText), value >= 1 else {
        throw .usage("--shards is '\(countText)', expected a whole number from 1")
      }
      count = value
    }
    guard let text else { return nil }
    if text != "auto" {
      let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
      guard parts.count == 2, let index = parts[0], let total = parts[1], total >= 1, (0..<total).contains(index) else {
        throw .usage("--shard is '\(text)', expected I/N with I from 0 to N-1, or auto")
      }
      return Shard(index: index, count: total)
    }
    let task = environment("SLURM_ARRAY_TASK_ID")
    if let count {
      guard let source = task ?? environment("JOB_COMPLETION_INDEX") else { throw unknown }
      guard let index = Int(source), (0..<count).contains(index) else {
        throw .usage("--shard auto: the position is '\(source)', expected 0 to \(count - 1)")
      }
      return Shard(index: index, count: count)
    }
    guard let task else {
      if environment("JOB_COMPLETION_INDEX") != nil {
        throw .usage("--shard auto in a Kubernetes job needs --shards N", hint: "N is the job's 'completions'")
      }
      throw unknown
    }
    guard let position = Int(task), let total = number(environment("SLURM_ARRAY_TASK_COUNT")),
      let first = number(environment("SLURM_ARRAY_TASK_MIN"))
    else {
      throw .usage(
        "--shard auto: SLURM_ARRAY_TASK_ID is '\(task)' without a usable SLURM_ARRAY_TASK_COUNT and _MIN",
        hint: "pass --shards N, and number the array from 0")
    }
    let step = max(1, number(environment("SLURM_ARRAY_TASK_STEP")) ?? 1)
    guard position >= first, (position - first) % step == 0, (position - first) / step < total else {
      throw .usage(
        "--shard auto: task \(task) is not one of the \(total) tasks from \(first) in steps of \(step)",
        hint: "pass --shards N, and number the array from 0")
    }
    return Shard(index: (position - first) / step, count: total)
  }

  private static var unknown: ToolError {
    .usage(
      "--shard auto: neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set", hint: "pass --shard I/N")
  }
}
