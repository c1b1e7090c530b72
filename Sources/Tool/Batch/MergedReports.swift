// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Lines of several reports, one for each image.
struct MergedReports {
  struct Line {
    /// With its line feed.
    let text: [UInt8]
    let status: String
  }

  private(set) var lines: [String: Line] = [:]
  private(set) var warnings: [String] = []
  /// Of the first image that has one, and where it is from.
  private var configuration: (hash: String, path: String)?

  /// - Throws: `ToolError`: exit code 3 for a file that is no report, 2 for one of another configuration.
  mutating func add(_ path: String) throws(ToolError) {
    let bytes = try InputFile.bytes(path)
    for (index, line) in ByteLines(bytes).enumerated() {
      // A whole file ends with a line feed.
      guard line.endIndex < bytes.count else {
        if !line.isEmpty { warnings.append("\(path): dropped the unfinished last line") }
        break
      }
      try add(line, path, number: index + 1)
    }
  }

  private mutating func add(_ line: ArraySlice<UInt8>, _ path: String, number: Int) throws(ToolError) {
    guard let value = try? JSON.parse(line), value["v"]?.integer == 1, let id = value["id"]?.string,
      let status = value["status"]?.string
    else {
      throw ToolError(
        .badModel, "\(path), line \(number): not a line of a report",
        hint: "'diffcut segment --report FILE' writes reports")
    }
    if let hash = value["config_hash"]?.string {
      if let configuration, configuration.hash != hash {
        throw .usage(
          "\(path), line \(number): config_hash is '\(hash)', that of \(configuration.path) '\(configuration.hash)'",
          hint: "settings, weights or versions differ: run one of the shards again")
      }
      configuration = configuration ?? (hash, path)
    }
    if let known = lines[id], status == "error" && known.status != "error" { return }
    lines[id] = Line(text: line + [UInt8(ascii: "\n")], status: status)
  }

  /// How many images there are of each status.
  var summary: String {
    let counts = [("ok", "segmented"), ("skipped", "already done"), ("pending", "to do"), ("error", "failed")]
    let words = counts.compactMap { status, word in
      let count = lines.values.count { $0.status == status }
      return count > 0 ? "\(count) \(word)" : nil
    }
    return "\(lines.count) images" + (words.isEmpty ? "" : ": \(words.joined(separator: ", "))")
  }
}
