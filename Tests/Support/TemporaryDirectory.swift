// SPDX-License-Identifier: Apache-2.0
import Foundation
import Tensor

/// A directory of this test's own, removed with everything in it when the object goes.
package final class TemporaryDirectory {
  package let path: String

  package init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("diffcut-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  package func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file and returns its path.
  package func write(_ bytes: [UInt8], to name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }

  /// A file that ends with zeros which take no room on the disk.
  package func writeSparse(_ beginning: [UInt8], byteCount: Int, to name: String) throws -> String {
    let path = try write(beginning, to: name)
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.truncate(atOffset: UInt64(byteCount))
    try handle.close()
    return path
  }

  /// The same as safetensors: some half-precision tensors, and one of zeros behind them.
  package func writeSafetensors(
    _ tensors: [String: Tensor] = [:], metadata: [String: String]? = nil, zeros: String, shape: [Int], to name: String
  ) throws -> String {
    let whole = SafetensorsFile.encode(tensors, metadata: metadata) { _ in .float16 }
    let length = (0..<8).reduce(0) { $0 | Int(whole[$1]) << (8 * $1) }
    let data = whole[(8 + length)...]
    var header = String(decoding: whole[8..<8 + length], as: UTF8.self).trimmingCharacters(in: .whitespaces)
    let end = data.count + 2 * shape.reduce(1, *)
    header.removeLast()
    header += (header.count > 1 ? "," : "") + #""\#(zeros)":{"dtype":"F16","shape":\#(shape),"#
    header += "\"data_offsets\":[\(data.count),\(end)]}}"
    let count = header.utf8.count
    let beginning = (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + Array(header.utf8) + data
    return try writeSparse(beginning, byteCount: 8 + count + end, to: name)
  }

  package func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}
