// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// Reading the files that users name. Every failure is a `ToolError` with the file's name.
enum InputFile {
  /// Returns the bytes of a file; "-" is standard input.
  ///
  /// - Parameter code: the exit code for a file that cannot be read.
  static func bytes(_ path: String, as code: ExitCode = .badModel) throws(ToolError) -> [UInt8] {
    try ToolError.reading(path, as: code) { try MappedFile.contents(of: path) }
  }

  /// Returns a label map; `LabelMap.init(decoding:ids:limits:)` has the rules.
  ///
  /// - Parameters:
  ///   - code: the exit code for a file that holds no label map: 4 for the input of a command and for labels of a set, 3 for
  ///     label maps beside a photograph or features.
  ///   - ids: the ids that are accepted.
  static func labelMap(
    _ path: String, as code: ExitCode, ids: ClosedRange<Int32> = LabelMap.segmentIDs
  ) throws(ToolError) -> LabelMap {
    try ToolError.reading(path, as: code) { try LabelMap(decoding: MappedFile.contents(of: path), ids: ids) }
  }

  /// Returns a photograph, upright.
  ///
  /// - Throws: `ToolError`: exit code 4 for a file that holds no image, 6 for one too large for the memory.
  static func photograph(_ path: String) throws(ToolError) -> Image {
    try ToolError.reading(path, as: .badInput) {
      let bytes = try MappedFile.contents(of: path)
      try MemoryEstimate.check(bytes, named: path == "-" ? "standard input" : path)
      return try Image.decode(bytes)
    }
  }
}

extension FeatureEncoder {
  /// Returns the features of an image.
  ///
  /// - Parameter name: the image's name, for messages.
  /// - Throws: `ToolError`: exit code 3 for a model that cannot be used, 4 for an image that has no features.
  func encode(
    _ image: Image, _ request: EncodingRequest = EncodingRequest(), named name: String, observer: StageObserver
  ) throws(ToolError) -> EncodedImage {
    try ToolError.reading(name, as: .badInput) { try encode(image, request, observer: observer) }
  }
}
