// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// A file of labels: `.npy`, or a PNG whose indices or grey values are the labels. Told apart by content.
enum LabelFile {
  /// - Parameter path: "-" is standard input.
  /// - Throws: `ToolError` with exit code 3 for everything wrong with the file.
  static func read(_ path: String) throws(ToolError) -> LabelMap {
    let name = path == "-" ? "standard input" : path
    do {
      let bytes = try MappedFile.contents(of: path)
      guard let first = bytes.first else { throw LabelFileError.empty }
      switch first {
      case 0x93: return try labels(of: NPY.parse(bytes))
      case 0x89: return try labels(of: PNGImage(decoding: bytes, limits: DecodingLimits()))
      default: throw LabelFileError.unknownFormat
      }
    } catch let error as FileError {
      throw ToolError(.badModel, "\(error)")
    } catch {
      throw ToolError(.badModel, "\(name): \(error)")
    }
  }

  private static func labels(of array: NPY.Array) throws(LabelFileError) -> LabelMap {
    switch array.type {
    case .float16, .float32, .float64: throw .notWhole("\(array.type)")
    default: break
    }
    let extents = array.shape.count == 3 && array.shape[0] == 1 ? Array(array.shape.dropFirst()) : array.shape
    guard extents.count == 2, array.count > 0 else { throw .shape(array.shape) }
    // Before they are widened to doubles.
    let limit = DecodingLimits().maximumPixelCount
    guard array.count <= limit else { throw .tooMany(array.count, limit: limit) }
    var labels = ContiguousArray<Int32>()
    labels.reserveCapacity(array.count)
    for value in array.doubles() {
      guard let label = Int32(exactly: value) else { throw .tooLarge(value) }
      labels.append(label)
    }
    return LabelMap(height: extents[0], width: extents[1], labels: labels)
  }

  private static func labels(of picture: PNGImage) throws(LabelFileError) -> LabelMap {
    guard picture.colorType == .indexed || picture.colorType == .grayscale else {
      throw .colored("\(picture.colorType)")
    }
    let labels =
      switch picture.samples {
      case .uint8(let samples): ContiguousArray(samples.map { Int32($0) })
      case .uint16(let samples): ContiguousArray(samples.map { Int32($0) })
      }
    return LabelMap(height: picture.height, width: picture.width, labels: labels)
  }
}

/// What is wrong with a file of labels.
private enum LabelFileError: Error, CustomStringConvertible {
  case empty
  case unknownFormat
  case notWhole(String)
  case shape([Int])
  case tooLarge(Double)
  case tooMany(Int, limit: Int)
  case colored(String)

  var description: String {
    switch self {
    case .empty: "labels: the file is empty"
    case .unknownFormat: "labels: neither .npy nor PNG"
    case .notWhole(let type): "labels: \(type) elements, expected whole numbers"
    case .shape(let shape): "labels: shape \(shape), expected [height, width] or [1, height, width]"
    case .tooLarge(let label): "labels: \(label) does not fit 32 bits"
    case .tooMany(let count, let limit): "labels: \(count) pixels, the limit is \(limit)"
    case .colored(let kind): "labels: the PNG is \(kind), expected indexed or grayscale"
    }
  }
}
