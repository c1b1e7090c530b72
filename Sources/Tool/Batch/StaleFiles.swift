// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import Tensor

/// The unfinished files, `NAME.PROCESS.ATTEMPT.partial`, that a killed run has left in the folder of results.
///
/// Every directory is looked at once, when the first image comes whose results belong there.
struct StaleFiles {
  private let plan: OutputPlan
  private var directories: Set<String> = []
  /// By the files they were to become, all below the folder of results.
  private var unfinished: [String: [String]] = [:]

  init(plan: OutputPlan) { self.plan = plan }

  /// Removes those of joined files and of these images, in any format; others may be another process's.
  mutating func remove(of inputs: some Collection<BatchInput>) throws(FileError) {
    let folder = plan.folder
    guard Directory.exists(folder.path) else { return }
    try look(beside: plan.joined.map(\.name))
    for input in inputs { try look(beside: plan.names(of: input) + [folder.recordName(of: input)]) }
    if unfinished.isEmpty { return }
    for name in OutputFormat.allCases.compactMap({ $0.collectionName.map(plan.shard.name) }) {
      try removeFiles(of: name)
    }
    for input in inputs {
      try removeFiles(of: folder.recordName(of: input))
      for format in OutputFormat.allCases {
        try removeFiles(of: folder.partName(of: input, format))
        for suffix in format.suffixes { try removeFiles(of: plan.name(of: input, format, suffix)) }
      }
    }
  }

  private mutating func look(beside names: [String]) throws(FileError) {
    for name in names {
      let directory = Path.folder(of: name) ?? ""
      guard directories.insert(directory).inserted, Directory.exists(plan.folder.file(directory)) else { continue }
      let prefix = directory.isEmpty ? "" : directory + "/"
      for file in try Directory.names(in: plan.folder.file(directory)) {
        guard let target = OutputFile.target(ofUnfinished: file) else { continue }
        unfinished[prefix + target, default: []].append(prefix + file)
      }
    }
  }

  private mutating func removeFiles(of name: String) throws(FileError) {
    for file in unfinished.removeValue(forKey: name) ?? [] { try Directory.removeFile(plan.folder.file(file)) }
  }
}
