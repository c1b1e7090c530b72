// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Files that options name for results.
enum NamedFiles {
  /// Refuses two results in one file, results in the place of inputs, and JSON on standard output beside a file.
  ///
  /// - Parameters:
  ///   - named: options with the files they name, if they are given.
  ///   - inputs: files that must not be written over.
  ///   - isJSON: whether a line of JSON goes to standard output.
  /// - Throws: `ToolError` with exit code 2.
  static func check(
    _ named: [(option: String, path: String?)], inputs: [String] = [], isJSON: Bool
  ) throws(ToolError) {
    let files = named.compactMap { option, path in path.map { (option, path: $0) } }
    for (index, (option, path)) in files.enumerated() {
      if path.isEmpty { throw .usage("\(option) is an empty name", hint: "pass a file") }
      for (other, file) in files[..<index] where file == path || OutputFile.isSameFile(file, path) {
        throw .usage("\(other) and \(option) both name '\(path)'", hint: "pass two different files")
      }
      if path == "-" && isJSON {
        throw .usage("\(option) - and --json both write to standard output", hint: "pass a file with \(option)")
      }
      for input in inputs where path != "-" && OutputFile.isSameFile(input, path) {
        throw .usage("\(option) would overwrite '\(input)'", hint: "pass another file")
      }
    }
  }

  /// Rejects a result whose name has none of the endings of its formats.
  ///
  /// - Parameter hint: what to do; the endings by default.
  /// - Throws: `ToolError` with exit code 2.
  static func check(_ path: String, endings: [String], hint: String? = nil) throws(ToolError) {
    guard path == "-" || endings.contains(where: path.hasSuffix) else {
      throw .usage(
        "unknown format of '\(path)'", hint: hint ?? "use a name that ends with \(endings.listed(by: "or"))")
    }
  }

  /// Rejects a plot that is not called SVG.
  static func check(plot: String) throws(ToolError) {
    try check(plot, endings: [".svg"], hint: "use a name that ends with .svg")
  }
}
