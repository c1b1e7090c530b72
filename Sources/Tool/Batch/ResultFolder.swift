// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import Tensor

/// The folder of results, and what is kept in it to take up a stopped run: `.diffcut/PATH.json`, a record for every finished
/// image, and `.diffcut/PATH.FORMAT.part`, what joined files need of it.
struct ResultFolder: Sendable {
  let path: String

  static let recordFolder = ".diffcut"

  func file(_ name: String) -> String { path.hasSuffix("/") ? path + name : "\(path)/\(name)" }

  /// Names below the folder.
  func recordName(of input: BatchInput) -> String { "\(Self.recordFolder)/\(input.relativePath).json" }
  func partName(of input: BatchInput, _ format: OutputFormat) -> String {
    "\(Self.recordFolder)/\(input.relativePath).\(format.rawValue).part"
  }

  /// Whether an image has been worked on here, with whatever settings; it may have been stopped in the middle.
  func hasRecord(of input: BatchInput) -> Bool { Directory.hasFile(file(recordName(of: input))) }

  func record(of input: BatchInput) -> CompletionRecord? {
    let path = file(recordName(of: input))
    guard Directory.hasFile(path), let bytes = try? MappedFile.contents(of: path, limit: 1 << 24) else { return nil }
    return CompletionRecord(bytes)
  }

  /// The record of an image if nothing is left to do for it: same settings, same image, and every file that is wanted is
  /// there as it was written.
  func finished(
    _ input: BatchInput, _ image: CompletionRecord.File, configuration: String, plan: OutputPlan
  ) -> CompletionRecord? {
    guard let record = record(of: input), record.configuration == configuration, record.input == image else {
      return nil
    }
    for format in plan.formats {
      guard let (files, part) = record.output(format), (part != nil) == (format.collectionName != nil) else {
        return nil
      }
      let names = Set(format.suffixes.map { plan.name(of: input, format, $0) })
      guard files.allSatisfy({ names.contains($0.name) && isIntact($0) }) else { return nil }
      if let part, part.name != partName(of: input, format) || !isIntact(part) { return nil }
    }
    return record
  }

  private func isIntact(_ recorded: CompletionRecord.File) -> Bool {
    let path = file(recorded.name)
    guard Directory.fileSize(of: path) == recorded.byteCount, let bytes = try? MappedFile.contents(of: path) else {
      return false
    }
    return XXH64.digest(bytes) == recorded.hash
  }

  /// Writes a file and the folders above it.
  func write(_ bytes: [UInt8], to name: String) throws(FileError) {
    let path = file(name)
    if let folder = Path.folder(of: path) { try OutputFile.createDirectory(folder) }
    try OutputFile.write([bytes], to: path)
  }

  /// Marks an image as begun where results lie beside images: a run that takes up this one can then tell them apart.
  func markStarted(_ input: BatchInput) throws(FileError) {
    if !hasRecord(of: input) { try write(Array("{\"v\":0}\n".utf8), to: recordName(of: input)) }
  }
}
