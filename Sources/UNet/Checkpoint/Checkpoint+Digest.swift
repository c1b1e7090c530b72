// SPDX-License-Identifier: Apache-2.0
import Tensor

extension Checkpoint {
  /// Sixteen hexadecimal digits that tell these weights from others: a hash of every file's size, its beginning, where
  /// names and shapes stand, and samples of its numbers, which a further training would have moved all over. Names of files
  /// do not count, so that a moved or renamed copy is the same.
  ///
  /// - Throws: `FileError` when a file that was there has gone.
  package func digest() throws(FileError) -> String {
    var seen: Set<String> = []
    let paths = stores.flatMap(\.paths).filter { seen.insert($0).inserted }
    var text: [String] = []
    for path in paths { text.append(try FileSample.digest(of: MappedFile(path: path))) }
    return XXH64.digest(text.joined(separator: "\n"))
  }
}

/// The part of a file that a digest reads.
private enum FileSample {
  /// Bytes of a file's beginning, and of each sample.
  private static let headLength = 1 << 20
  private static let sampleLength = 1 << 12
  private static let sampleCount = 256

  static func digest(of file: MappedFile) -> String {
    file.withBytes { bytes in
      func copy(_ range: Range<Int>) -> [UInt8] { range.map { bytes[$0] } }
      var sample = copy(0..<min(bytes.count, headLength))
      let rest = bytes.count - sample.count
      if rest <= sampleCount * sampleLength {
        sample += copy(sample.count..<bytes.count)
      } else {
        let first = sample.count
        for index in 0..<sampleCount {
          let start = first + (rest - sampleLength) / (sampleCount - 1) * index
          sample += copy(start..<start + sampleLength)
        }
      }
      return "\(bytes.count) \(XXH64.digest(sample))"
    }
  }
}
