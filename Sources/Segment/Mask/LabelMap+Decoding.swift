// SPDX-License-Identifier: Apache-2.0
import Tensor

extension LabelMap {
  /// The ids that a map of segments may hold: whole numbers from 0.
  public static let segmentIDs: ClosedRange<Int32> = 0...Int32.max
  /// The ids that a map of any values may hold, negative ones among them.
  public static let anyIDs: ClosedRange<Int32> = Int32.min...Int32.max

  /// Reads a label map from a file, recognized by content.
  ///
  /// - `.npy`: integers of any width or booleans, of shape [height, width] or [1, height, width].
  /// - PNG: indexed or grayscale, of any depth. The indices or gray values are the ids.
  ///
  /// Ids are read as they are: none is mapped, and none has a meaning of its own.
  ///
  /// - Parameters:
  ///   - bytes: the contents of the file.
  ///   - ids: the ids that are accepted. Values that mark pixels without a class are often negative: ``anyIDs`` accepts them.
  ///   - limits: what is accepted before anything is allocated.
  /// - Throws: `LabelMapError`; `ImageError` or `NPYError` for a damaged file and for one beyond the limits.
  public init(
    decoding bytes: [UInt8], ids: ClosedRange<Int32> = LabelMap.segmentIDs, limits: DecodingLimits = DecodingLimits()
  ) throws {
    switch bytes.first {
    case nil: throw LabelMapError.emptyFile
    case 0x93: try self.init(array: NPY.parse(bytes), ids: ids, limits: limits)
    case 0x89: try self.init(picture: PNGImage(decoding: bytes, limits: limits), ids: ids)
    default:
      // The image decoder has a message for pointers of Git LFS.
      if bytes.starts(with: "version ".utf8) { throw ImageError.unknownFormat(prefix: Array(bytes.prefix(8))) }
      throw LabelMapError.unexpectedFormat(ImageFormat.sniff(bytes))
    }
  }

  private init(picture: PNGImage, ids: ClosedRange<Int32>) throws(LabelMapError) {
    guard picture.colorType == .indexed || picture.colorType == .grayscale else {
      throw .coloredPicture(picture.colorType)
    }
    let labels: ContiguousArray<Int32> =
      switch picture.samples {
      case .uint8(let samples): ContiguousArray(samples.lazy.map { Int32($0) })
      case .uint16(let samples): ContiguousArray(samples.lazy.map { Int32($0) })
      }
    if let index = labels.firstIndex(where: { !ids.contains($0) }) {
      let (row, column) = index.quotientAndRemainder(dividingBy: picture.width)
      throw .idOutOfRange(Double(labels[index]), row: row, column: column, expected: ids)
    }
    self.init(height: picture.height, width: picture.width, labels: labels)
  }

  private init(array: NPY.Array, ids: ClosedRange<Int32>, limits: DecodingLimits) throws {
    switch array.type {
    case .float16, .float32, .float64: throw LabelMapError.notIntegers(array.type)
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .bool: break
    }
    let extents = array.shape.count == 3 && array.shape[0] == 1 ? Array(array.shape.dropFirst()) : array.shape
    guard extents.count == 2, array.count > 0 else { throw LabelMapError.shape(array.shape) }
    let (height, width) = (extents[0], extents[1])
    // Before the elements are widened to doubles.
    try limits.check(width: width, height: height)
    var labels = ContiguousArray<Int32>()
    labels.reserveCapacity(array.count)
    for value in array.doubles() {
      guard let id = Int32(exactly: value), ids.contains(id) else {
        let (row, column) = labels.count.quotientAndRemainder(dividingBy: width)
        throw LabelMapError.idOutOfRange(value, row: row, column: column, expected: ids)
      }
      labels.append(id)
    }
    self.init(height: height, width: width, labels: labels)
  }
}

/// Why a file holds no label map.
public enum LabelMapError: Error, Equatable, Sendable, CustomStringConvertible {
  case emptyFile
  /// A file that is neither `.npy` nor PNG; nil for one that is no image of a known format.
  case unexpectedFormat(ImageFormat?)
  case coloredPicture(PNGImage.ColorType)
  case shape([Int])
  case notIntegers(NPY.ElementType)
  case idOutOfRange(Double, row: Int, column: Int, expected: ClosedRange<Int32>)

  public var description: String {
    switch self {
    case .emptyFile: "label map: the file is empty"
    case .unexpectedFormat(let format):
      "label map: found \(format?.displayName ?? "an unknown format"), expected .npy or PNG"
    case .coloredPicture(let type): "label map: the PNG is \(type), expected indexed or grayscale"
    case .shape(let shape): "label map: shape \(shape), expected [height, width] or [1, height, width]"
    case .notIntegers(let type): "label map: \(type) elements, expected whole numbers such as int32"
    case .idOutOfRange(let value, let row, let column, let expected):
      "label map: id \(Int(exactly: value).map { "\($0)" } ?? "\(value)") at row \(row), column \(column), expected "
        + "\(expected.lowerBound) to \(expected.upperBound)"
    }
  }
}
