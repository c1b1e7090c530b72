// SPDX-License-Identifier: Apache-2.0
import Experiments
import Formats
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
      do {
        if let folder = Path.folder(of: path) { try OutputFile.createDirectory(folder) }
        try OutputFile.write(to: path) { sink throws(FileError) in
          try Self.join(records, format, plan.folder, path, &sink)
        }
      } catch {
        throw ToolError(.cannotWrite, "\(error)")
      }
      paths.append(path)
    }
    return paths
  }

  private static func join(
    _ records: [CompletionRecord], _ format: OutputFormat, _ folder: ResultFolder, _ path: String,
    _ sink: inout Sink
  ) throws(FileError) {
    do {
      try format.join(
        count: records.count,
        part: { index in
          guard let part = records[index].output(format)?.part else { return [] }
          return try MappedFile.contents(of: folder.file(part.name))
        },
        append: { try sink.append($0.span) })
    } catch let error as FileError {
      throw error
    } catch {
      throw .system(operation: "join parts into", path: path, code: 0, reason: "\(error)")
    }
  }
}
