// SPDX-License-Identifier: Apache-2.0
import Tensor

extension LabelMap {
  /// The ids of a map of segments: whole numbers from 0.
  public static let segmentIDs: ClosedRange<Int32> = 0...Int32.max
  /// The ids of a map of any values, including negative ones.
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
      let start = Array(bytes.prefix(64))
      throw LabelMapError.unexpectedFormat(ImageFormat.sniff(start), FileKind.recognize(start))
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

/// The reason why a file cannot be read as a label map.
public enum LabelMapError: Error, Equatable, Sendable, CustomStringConvertible {
  case emptyFile
  /// The file is neither `.npy` nor PNG. The format is nil for a file that is not an image, the kind for an unknown one.
  case unexpectedFormat(ImageFormat?, FileKind?)
  case coloredPicture(PNGImage.ColorType)
  case shape([Int])
  case notIntegers(NPY.ElementType)
  case idOutOfRange(Double, row: Int, column: Int, expected: ClosedRange<Int32>)

  public var description: String {
    switch self {
    case .emptyFile: FileKind.mismatch(.empty, expected: "a label map", remedy: "")
    case .unexpectedFormat(.jpeg?, _):
      "a JPEG does not store exact ids; export the label map as .npy or as indexed or grayscale PNG"
    case .unexpectedFormat(let format?, _):
      "\(format.displayName) label maps are not supported; export the label map as .npy or as indexed or grayscale PNG"
    case .unexpectedFormat(nil, let kind):
      FileKind.mismatch(
        kind, expected: "a label map", remedy: "export the label map as .npy or as indexed or grayscale PNG")
    case .coloredPicture(let type):
      "the PNG has \(type) pixels, but a label map has one id per pixel; export it as indexed or grayscale PNG"
    case .shape(let shape):
      "the array has shape \(shape), expected [height, width] or [1, height, width]; save one label map per file"
    case .notIntegers(let type):
      "the array has \(type) elements, expected integer ids; convert it, for example with labels.astype('int32')"
    case .idOutOfRange(let value, let row, let column, let expected):
      "id \(Int(exactly: value).map { "\($0)" } ?? "\(value)") at row \(row), column \(column), expected "
        + "\(expected.lowerBound) to \(expected.upperBound); change the ids outside this range"
    }
  }
}
