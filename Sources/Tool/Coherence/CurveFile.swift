// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import Tensor

/// An ROC curve in a file: sums of `--partial`, or a table with the columns `fpr` and `tpr`, as `--csv` writes it.
struct CurveFile {
  let name: String
  let curve: ROCCurve

  /// - Parameter operand: FILE or NAME=FILE; the name is else that of the sums, or the file's.
  /// - Throws: `ToolError` with exit code 3.
  init(_ operand: String) throws(ToolError) {
    let split = Directory.hasFile(operand) ? nil : operand.firstIndex(of: "=")
    let path = split.map { String(operand[operand.index(after: $0)...]) } ?? operand
    let given = split.map { String(operand[..<$0]) }
    let bytes = try InputFile.bytes(path)
    (name, curve) = try ToolError.reading(path) {
      if bytes.first == UInt8(ascii: "{") {
        let sums = try CoherenceResult([PartialSums(bytes[...], at: path)])
        return (given ?? sums.source, try sums.histogram.curve())
      }
      let file = path.split(separator: "/").last.map(String.init) ?? path
      return (given ?? (file.hasSuffix(".csv") ? String(file.dropLast(4)) : file), try Self.curve(in: bytes, path))
    }
  }

  private static func curve(in bytes: [UInt8], _ path: String) throws -> ROCCurve {
    func fields(_ line: ArraySlice<UInt8>) -> [String] {
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      return line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map {
        String(decoding: $0, as: UTF8.self)
      }
    }
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    let header = lines.first.map(fields) ?? []
    guard let x = header.firstIndex(of: "fpr"), let y = header.firstIndex(of: "tpr") else {
      throw ToolError(
        .badModel, "\(path): expected sums of coherence, or a table with the columns fpr and tpr",
        hint: "'diffcut coherence roc --csv FILE' writes one")
    }
    var (fpr, tpr): ([Double], [Double]) = ([], [])
    for (index, line) in lines.enumerated().dropFirst() {
      let cells = fields(line)
      guard cells.count == header.count, let first = Double(cells[x]), let second = Double(cells[y]) else {
        throw ToolError(.badModel, "\(path), line \(index + 1): fpr and tpr must be numbers")
      }
      fpr.append(first)
      tpr.append(second)
    }
    return try ROCCurve(falsePositiveRates: fpr, truePositiveRates: tpr)
  }
}
