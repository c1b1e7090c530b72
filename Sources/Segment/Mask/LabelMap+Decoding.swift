// SPDX-License-Identifier: Apache-2.0
import Tensor

extension LabelMap {
  /// Reads ids as they are from an indexed or grey PNG of any depth, or from a `.npy` array of integers, [height, width].
  ///
  /// - Throws: `ImageError`, `NPYError` or `LabelMapError`.
  public init(decoding bytes: [UInt8], limits: DecodingLimits = DecodingLimits()) throws {
    if bytes.first == 0x93 {
      try self.init(array: NPY.parse(bytes), limits: limits)
      return
    }
    let image = try PNGImage(decoding: bytes, limits: limits)
    guard image.colorType == .indexed || image.colorType == .grayscale else {
      throw LabelMapError.coloredPicture
    }
    let labels: ContiguousArray<Int32> =
      switch image.samples {
      case .uint8(let samples): ContiguousArray(samples.lazy.map { Int32($0) })
      case .uint16(let samples): ContiguousArray(samples.lazy.map { Int32($0) })
      }
    self.init(height: image.height, width: image.width, labels: labels)
  }

  private init(array: NPY.Array, limits: DecodingLimits) throws {
    guard array.shape.count == 2 else { throw LabelMapError.shape(array.shape) }
    let (height, width) = (array.shape[0], array.shape[1])
    try limits.check(width: width, height: height)
    switch array.type {
    case .float16, .float32, .float64: throw LabelMapError.notIntegers(array.type.rawValue)
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .bool: break
    }
    var labels = ContiguousArray<Int32>()
    labels.reserveCapacity(array.count)
    for value in array.doubles() {
      guard let id = Int32(exactly: value), id >= 0 else {
        throw LabelMapError.idOutOfRange(row: labels.count / width, column: labels.count % width)
      }
      labels.append(id)
    }
    self.init(height: height, width: width, labels: labels)
  }
}

/// Why a file holds no label map.
public enum LabelMapError: Error, Equatable, Sendable, CustomStringConvertible {
  case coloredPicture
  case shape([Int])
  /// The element type of a `.npy` file.
  case notIntegers(String)
  case idOutOfRange(row: Int, column: Int)

  public var description: String {
    switch self {
    case .coloredPicture: "label map: the picture has colours, expected ids in an indexed or grey PNG"
    case .shape(let shape): "label map: shape \(shape), expected [height, width]"
    case .notIntegers(let type): "label map: elements are '\(type)', expected integers such as int32"
    case .idOutOfRange(let row, let column):
      "label map: the id at row \(row), column \(column) is below 0 or above \(Int32.max)"
    }
  }
}
