// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// The files that join all images of a run, made from the parts that are kept of each.
struct JoinedFiles {
  let plan: OutputPlan

  /// Writes them; no more than one part is in memory.
  ///
  /// - Parameter records: of the images that are finished, in the order they are to have.
  /// - Returns: their paths.
  func write(_ records: [CompletionRecord]) throws(ToolError) -> [String] {
    guard !records.isEmpty else { return [] }
    var paths: [String] = []
    for (format, name) in plan.joined {
      let path = plan.folder.file(name)
      if let folder = Path.folder(of: path) { try ToolError.writing { try OutputFile.createDirectory(folder) } }
      try Tool.writeResult(to: path) { append in
        try format.join(
          count: records.count,
          part: { index in
            guard let part = records[index].output(format)?.part else { return [] }
            return try MappedFile.contents(of: plan.folder.file(part.name))
          },
          append: append)
      }
      paths.append(path)
    }
    return paths
  }
}
