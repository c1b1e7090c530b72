// SPDX-License-Identifier: Apache-2.0

/// NumPy's `.npy` array files (format versions 1 to 3: NumPy Enhancement Proposal 1 and its amendments).
public enum NPY {
  /// An array as it lies in the file.
  public struct Array: Sendable {
    public let shape: [Int]
    public let type: ElementType
    /// Column-major order (`fortran_order`).
    public let isFortranOrder: Bool
    /// The elements' bytes, in the file's byte order.
    let bytes: ArraySlice<UInt8>
  }

  /// Element types that are read: the numeric ones.
  public enum ElementType: String, CaseIterable, Sendable {
    case float16 = "f2"
    case float32 = "f4"
    case float64 = "f8"
    case int8 = "i1"
    case int16 = "i2"
    case int32 = "i4"
    case int64 = "i8"
    case uint8 = "u1"
    case uint16 = "u2"
    case uint32 = "u4"
    case uint64 = "u8"
    case bool = "b1"

    var byteCount: Int { Int(rawValue.suffix(1)) ?? 1 }
  }

  /// NumPy itself reads 10,000 unless told to trust the file, and arrays of 64 dimensions.
  private static let (maximumHeaderLength, maximumRank) = (1 << 16, 64)

  /// Parses a whole file.
  ///
  /// - Throws: `NPYError`.
  public static func parse(_ bytes: [UInt8]) throws(NPYError) -> Array {
    guard bytes.starts(with: [0x93] + "NUMPY".utf8) else {
      throw .notNPY(FileKind.recognize(Swift.Array(bytes.prefix(64))))
    }
    guard bytes.count >= 10 else { throw .truncated(expected: 10, found: bytes.count) }
    let wide = bytes[6] >= 2
    guard (1...3).contains(bytes[6]) else { throw .unsupportedVersion(major: Int(bytes[6]), minor: Int(bytes[7])) }
    let start = wide ? 12 : 10
    guard bytes.count >= start else { throw .truncated(expected: start, found: bytes.count) }
    let length = (8..<start).reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
    guard length <= bytes.count - start else { throw .truncated(expected: start + length, found: bytes.count) }
    guard length <= maximumHeaderLength else {
      throw .badHeader("\(length) bytes, expected at most \(maximumHeaderLength)")
    }
    let header = try Header(parsing: String(decoding: bytes[start..<start + length], as: UTF8.self))
    guard header.shape.count <= maximumRank else {
      throw .badHeader("\(header.shape.count) dimensions, expected at most \(maximumRank)")
    }
    var count = header.type.byteCount
    for extent in header.shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw .badHeader("shape \(header.shape) is too large") }
      count = product
    }
    let data = bytes[(start + length)...]
    guard data.count >= count else {
      // The sum may pass the end of Int: the header can promise that much.
      let (expected, overflow) = count.addingReportingOverflow(start + length)
      throw .truncated(expected: overflow ? .max : expected, found: bytes.count)
    }
    let body = data.prefix(count)
    return Array(
      shape: header.shape, type: header.type, isFortranOrder: header.isFortranOrder,
      bytes: header.isBigEndian ? swapped(body, width: header.type.byteCount) : body)
  }

  /// A `.npy` file (version 1.0) of little-endian elements in row-major order.
  public static func encode<Element: FixedWidthInteger>(_ values: [Element], shape: [Int]) -> [UInt8] {
    let kind = (Element.isSigned ? "i" : "u") + "\(MemoryLayout<Element>.size)"
    // Code that does not know the element's type is slow at elements and fast at bytes.
    let isLittleEndian = Element(littleEndian: 1) == 1
    let ordered = isLittleEndian ? values : values.map(\.littleEndian)
    let data = ordered.withUnsafeBytes { [UInt8]($0) }
    return file(kind: kind, shape: shape, data: data, count: values.count)
  }

  /// The same for single precision.
  public static func encode(_ values: [Float], shape: [Int]) -> [UInt8] {
    var data: [UInt8] = []
    data.reserveCapacity(values.count * 4)
    for value in values {
      let bits = value.bitPattern
      for shift in [0, 8, 16, 24] as [UInt32] { data.append(UInt8(truncatingIfNeeded: bits >> shift)) }
    }
    return file(kind: "f4", shape: shape, data: data, count: values.count)
  }

  private static func file(kind: String, shape: [Int], data: [UInt8], count: Int) -> [UInt8] {
    precondition(shape.reduce(1, *) == count, "\(count) values for shape \(shape)")
    let order = kind.hasSuffix("1") ? "|" : "<"
    let extents = shape.map { "\($0)" }.joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = "{'descr': '\(order)\(kind)', 'fortran_order': False, 'shape': (\(extents)), }"
    // The data starts at a multiple of 64 bytes, the header ends with a line feed.
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    let length = header.utf8.count
    return [0x93] + "NUMPY".utf8 + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)] + header.utf8 + data
  }

  private static func swapped(_ bytes: ArraySlice<UInt8>, width: Int) -> ArraySlice<UInt8> {
    var result = Swift.Array(bytes)
    for start in stride(from: 0, to: result.count, by: width) { result[start..<start + width].reverse() }
    return result[...]
  }
}

extension NPY.Array {
  public var count: Int { shape.reduce(1, *) }

  /// The elements in row-major order, exact except for 64-bit integers beyond 2⁵³.
  public func doubles() -> ContiguousArray<Double> {
    let width = type.byteCount
    var result = ContiguousArray<Double>()
    result.reserveCapacity(count)
    bytes.withUnsafeBytes { raw in
      func element(_ index: Int) -> Double {
        let offset = index * width
        func load<T: FixedWidthInteger>(_: T.Type) -> T {
          T(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: T.self))
        }
        switch type {
        case .float16: return widenHalfScalar(load(UInt16.self))
        case .float32: return Double(Float(bitPattern: load(UInt32.self)))
        case .float64: return Double(bitPattern: load(UInt64.self))
        case .int8: return Double(load(Int8.self))
        case .int16: return Double(load(Int16.self))
        case .int32: return Double(load(Int32.self))
        case .int64: return Double(load(Int64.self))
        case .uint8: return Double(load(UInt8.self))
        case .uint16: return Double(load(UInt16.self))
        case .uint32: return Double(load(UInt32.self))
        case .uint64: return Double(load(UInt64.self))
        case .bool: return load(UInt8.self) == 0 ? 0 : 1
        }
      }
      if isFortranOrder && shape.count > 1 {
        // Row-major position → column-major offset.
        let strides = shape.indices.map { shape[..<$0].reduce(1, *) }
        var position = [Int](repeating: 0, count: shape.count)
        for _ in 0..<count {
          result.append(element(zip(position, strides).reduce(0) { $0 + $1.0 * $1.1 }))
          var axis = shape.count - 1
          while axis >= 0 {
            position[axis] += 1
            if position[axis] < shape[axis] { break }
            position[axis] = 0
            axis -= 1
          }
        }
      } else {
        for index in 0..<count { result.append(element(index)) }
      }
    }
    return result
  }
}

/// The dictionary literal at the start of the file.
private struct Header {
  var shape: [Int] = []
  var type = NPY.ElementType.float32
  var isFortranOrder = false
  var isBigEndian = false

  init(parsing text: String) throws(NPYError) {
    let (_, descriptor) = try Self.value(of: "descr", in: text)
    guard descriptor.count == 3, let order = descriptor.first, "<>|=".contains(order),
      let type = NPY.ElementType(rawValue: String(descriptor.dropFirst()))
    else { throw .unsupportedType(descriptor) }
    self.type = type
    isBigEndian = order == ">"
    switch try Self.value(of: "fortran_order", in: text).content {
    case "True": isFortranOrder = true
    case "False": isFortranOrder = false
    case let other: throw .badHeader("fortran_order is '\(other)', expected True or False")
    }
    let (opening, extents) = try Self.value(of: "shape", in: text)
    guard opening == "(" else { throw .badHeader("shape is not a tuple") }
    var parts = extents.split(separator: ",", omittingEmptySubsequences: false).map { part in
      String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
    // "()" and "(3,)" end in nothing.
    if parts.last?.isEmpty == true { parts.removeLast() }
    for part in parts {
      guard part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let extent = Int(part) else {
        throw .badHeader("shape contains '\(part)', expected whole numbers")
      }
      shape.append(extent)
    }
  }

  /// What follows a key: a quoted string, the inside of a tuple, or a bare word.
  private static func value(
    of key: String, in text: String
  ) throws(NPYError) -> (opening: Character, content: String) {
    let characters = Swift.Array(text)
    let quoted = [Swift.Array("'\(key)'"), Swift.Array("\"\(key)\"")]
    for name in quoted {
      guard let start = characters.firstRange(of: name)?.upperBound else { continue }
      var rest = characters[start...].drop { $0 == " " }
      guard rest.first == ":" else { throw .badHeader("':' is missing after '\(key)'") }
      rest = rest.dropFirst().drop { $0 == " " }
      guard let first = rest.first else { break }
      switch first {
      case "'", "\"", "(":
        let content = rest.dropFirst()
        guard let end = content.firstIndex(of: first == "(" ? ")" : first) else {
          throw .badHeader("the value of '\(key)' is not terminated")
        }
        return (first, String(content[..<end]))
      case "[": throw .unsupportedType("structured")
      default: return (first, String(rest.prefix { $0.isLetter }))
      }
    }
    throw .badHeader("'\(key)' is missing")
  }
}

extension Swift.Array where Element == Character {
  fileprivate func firstRange(of pattern: [Character]) -> Range<Int>? {
    guard !pattern.isEmpty, count >= pattern.count else { return nil }
    for start in 0...(count - pattern.count) where self[start..<start + pattern.count].elementsEqual(pattern) {
      return start..<start + pattern.count
    }
    return nil
  }
}

/// The reason why a `.npy` file cannot be read.
public enum NPYError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file does not start with NumPy's signature. The kind is nil for an unknown one.
  case notNPY(FileKind?)
  case unsupportedVersion(major: Int, minor: Int)
  /// The file has `found` bytes; its header requires `expected`.
  case truncated(expected: Int, found: Int)
  case badHeader(String)
  /// The element type, as NumPy writes it in the header.
  case unsupportedType(String)

  public var description: String {
    switch self {
    case .notNPY(let kind):
      FileKind.mismatch(kind, expected: "a .npy file", remedy: "save the array with numpy.save")
    case .unsupportedVersion(let major, let minor):
      ".npy format version \(major).\(minor) is not supported, expected 1 to 3; save the array again with numpy.save"
    case .truncated(let expected, let found):
      "the .npy file is truncated: it has \(found) bytes, its header requires \(expected); write or copy it again"
    case .badHeader(let reason): "invalid .npy header: \(reason); save the array again with numpy.save"
    case .unsupportedType(let type):
      "elements of type '\(type)' are not supported; convert them to numbers, such as array.astype('float32')"
    }
  }
}
