// SPDX-License-Identifier: Apache-2.0

/// Tensors in the safetensors format: an 8-byte little-endian header length, a JSON header, then the tensors' bytes.
///
/// The file is mapped; nothing but the header is read until a tensor is asked for.
public struct SafetensorsFile: Sendable {
  public enum ElementType: String, Sendable {
    case float64 = "F64"
    case float32 = "F32"
    case float16 = "F16"
    case brainFloat16 = "BF16"
    case int64 = "I64"
    case int32 = "I32"
    case int16 = "I16"
    case int8 = "I8"
    case uint8 = "U8"
    case bool = "BOOL"

    package var isFloatingPoint: Bool {
      switch self {
      case .float64, .float32, .float16, .brainFloat16: true
      default: false
      }
    }

    package var byteCount: Int {
      switch self {
      case .float64, .int64: 8
      case .float32, .int32: 4
      case .float16, .brainFloat16, .int16: 2
      case .int8, .uint8, .bool: 1
      }
    }
  }

  /// One tensor of the index.
  public struct Entry: Equatable, Sendable {
    public let type: ElementType
    public let shape: [Int]
    /// Byte range in the file; inside it, and of the length that type and shape call for.
    package let range: Range<Int>
  }

  public let path: String
  public let entries: [String: Entry]
  public let metadata: [String: String]
  let file: MappedFile

  /// A header no real checkpoint comes near; the format's own reader has the same limit.
  private static let maximumHeaderLength = 100_000_000

  /// Maps a file and checks its whole index.
  ///
  /// - Throws: `FileError`, or `SafetensorsError` that names the tensor and the fault.
  public init(path: String) throws {
    let file = try MappedFile(path: path)
    self.path = path
    self.file = file
    guard file.count > 0 else { throw SafetensorsError.truncated(expected: 8, found: 0) }
    // Only a file that fails is looked at again: a length may begin like another kind of file.
    func failure(_ error: SafetensorsError) -> SafetensorsError {
      guard let kind = FileKind.recognize(Array(file.bytes.prefix(64))), kind != .safetensors else { return error }
      return .notSafetensors(kind)
    }
    guard file.count >= 8 else { throw failure(.truncated(expected: 8, found: file.count)) }
    let length = UInt64(littleEndian: file.bytes.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(Self.maximumHeaderLength) else {
      throw failure(.badHeader("its length is \(length) bytes, expected at most \(Self.maximumHeaderLength)"))
    }
    let dataStart = 8 + Int(length)
    guard dataStart <= file.count else { throw failure(.truncated(expected: dataStart, found: file.count)) }
    let header: JSON
    do {
      header = try JSON.parse(Array(file.bytes[8..<dataStart])[...])
    } catch {
      throw failure(.badHeader("\(error)"))
    }
    guard let members = header.object else { throw SafetensorsError.badHeader("not a JSON object") }
    var entries: [String: Entry] = [:]
    var metadata: [String: String] = [:]
    // In the order of names, so that a file with several faults gives the same error every time.
    for (name, value) in members.sorted(by: { $0.key < $1.key }) {
      if name == "__metadata__" {
        guard let pairs = value.object else { throw SafetensorsError.badHeader("__metadata__ is not an object") }
        for (key, text) in pairs.sorted(by: { $0.key < $1.key }) {
          guard let text = text.string else {
            throw SafetensorsError.badHeader("__metadata__ '\(key)' is not a string")
          }
          metadata[key] = text
        }
      } else {
        entries[name] = try Self.entry(name, value, dataStart: dataStart, fileSize: file.count)
      }
    }
    try Self.checkDisjoint(entries, dataStart: dataStart)
    self.entries = entries
    self.metadata = metadata
  }

  /// No byte belongs to two tensors.
  private static func checkDisjoint(_ entries: [String: Entry], dataStart: Int) throws(SafetensorsError) {
    let sorted = entries.filter { !$0.value.range.isEmpty }
      .sorted { ($0.value.range.lowerBound, $0.key) < ($1.value.range.lowerBound, $1.key) }
    for (first, second) in zip(sorted, sorted.dropFirst())
    where second.value.range.lowerBound < first.value.range.upperBound {
      let (start, end) = (second.value.range.lowerBound - dataStart, second.value.range.upperBound - dataStart)
      throw .badEntry(second.key, "data_offsets [\(start), \(end)] overlap those of '\(first.key)'")
    }
  }

  private static func entry(
    _ name: String, _ value: JSON, dataStart: Int, fileSize: Int
  ) throws(SafetensorsError) -> Entry {
    guard let typeName = value["dtype"]?.string else { throw .badEntry(name, "'dtype' is missing") }
    guard let type = ElementType(rawValue: typeName) else { throw .unsupportedType(name, typeName) }
    guard let extents = value["shape"]?.array?.map(\.integer),
      let offsets = value["data_offsets"]?.array?.map(\.integer)
    else { throw .badEntry(name, "'shape' or 'data_offsets' is missing") }
    guard offsets.count == 2, let start = offsets[0], let end = offsets[1], start >= 0, end >= start,
      end <= fileSize - dataStart
    else { throw .badEntry(name, "\(SafetensorsError.outsideData) \(fileSize - dataStart) data bytes") }
    let shape = extents.compactMap { $0 }
    guard shape.count == extents.count, let checked = Tensor.Shape(checking: shape) else {
      throw .badEntry(name, "'shape' is not a list of sizes")
    }
    guard checked.count * type.byteCount == end - start else {
      throw .badEntry(name, "it has \(end - start) bytes, which do not fit shape \(checked) of \(typeName)")
    }
    return Entry(type: type, shape: shape, range: dataStart + start..<dataStart + end)
  }

  /// One tensor, widened to single precision; double precision is rounded.
  ///
  /// - Throws: `SafetensorsError` when there is no such tensor or it holds no floating-point numbers.
  public func tensor(_ name: String) throws(SafetensorsError) -> Tensor {
    let entry = try find(name)
    return try stored(name, entry: entry).tensor(Tensor.Shape(entry.shape))
  }

  /// Part of a tensor: a range of the outermost axis. Nothing else is read.
  ///
  /// - Throws: `SafetensorsError` as for a whole tensor, and when the rows are not all there.
  package func tensor(_ name: String, rows: Range<Int>) throws(SafetensorsError) -> Tensor {
    let shape = try find(name).shape
    return try stored(name, rows: rows).tensor(Tensor.Shape([rows.count] + shape.dropFirst()))
  }

  /// The same, not read yet.
  package func stored(_ name: String, rows: Range<Int>) throws(SafetensorsError) -> StoredArray {
    let entry = try find(name)
    guard let count = entry.shape.first, rows.lowerBound >= 0, rows.upperBound <= count else {
      throw .badEntry(name, "rows \(rows) are outside shape \(entry.shape)")
    }
    let rowBytes = count == 0 ? 0 : entry.range.count / count
    let start = entry.range.lowerBound + rows.lowerBound * rowBytes
    let part = Entry(
      type: entry.type, shape: [rows.count] + entry.shape.dropFirst(), range: start..<start + rows.count * rowBytes)
    return try stored(name, entry: part)
  }

  /// One tensor, not read yet.
  ///
  /// - Throws: `SafetensorsError` as for `tensor`.
  package func stored(_ name: String) throws(SafetensorsError) -> StoredArray { try stored(name, entry: find(name)) }

  private func stored(_ name: String, entry: Entry) throws(SafetensorsError) -> StoredArray {
    guard entry.type.isFloatingPoint else { throw .unsupportedType(name, entry.type.rawValue) }
    return StoredArray(MappedRegion(file, entry.range), entry.type)
  }

  /// One tensor's elements in double precision, in row-major order; integers too.
  public func doubles(_ name: String) throws(SafetensorsError) -> ContiguousArray<Double> {
    let entry = try find(name)
    let count = entry.range.count / entry.type.byteCount
    return withExtendedLifetime(file) { file in
      let raw = UnsafeRawBufferPointer(rebasing: file.bytes[entry.range])
      return ContiguousArray(
        (0..<count).lazy.map { i in
          switch entry.type {
          case .float64: Double(bitPattern: word(raw, i, UInt64.self))
          case .float32: Double(Float(bitPattern: word(raw, i, UInt32.self)))
          case .float16: widenHalfScalar(word(raw, i, UInt16.self))
          case .brainFloat16: Double(Float(bitPattern: UInt32(word(raw, i, UInt16.self)) << 16))
          case .int64: Double(word(raw, i, Int64.self))
          case .int32: Double(word(raw, i, Int32.self))
          case .int16: Double(word(raw, i, Int16.self))
          case .int8: Double(word(raw, i, Int8.self))
          case .uint8, .bool: Double(word(raw, i, UInt8.self))
          }
        })
    }
  }

  /// Checks, after the last read, that what was read is the file that was opened.
  ///
  /// - Throws: `FileError.changed`.
  package func checkUnchanged() throws(FileError) { try file.checkUnchanged() }

  private func find(_ name: String) throws(SafetensorsError) -> Entry {
    guard let entry = entries[name] else { throw .missingTensor(name, names: entries.keys.sorted()) }
    return entry
  }
}

/// The reason why a safetensors file, or a tensor in it, cannot be read.
public enum SafetensorsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file is of another kind.
  case notSafetensors(FileKind)
  /// The file has `found` bytes; its header requires `expected`.
  case truncated(expected: Int, found: Int)
  case badHeader(String)
  /// The name of a tensor and the fault in its entry of the header.
  case badEntry(String, String)
  /// The name of a tensor and its element type.
  case unsupportedType(String, String)
  /// The name that was requested, and the names in the file.
  case missingTensor(String, names: [String])

  static let outsideData = "data_offsets are outside the file's"

  /// Whether the file looks truncated, as after an interrupted download.
  package var suggestsTruncation: Bool {
    switch self {
    case .truncated: true
    case .badEntry(_, let reason): reason.hasPrefix(Self.outsideData)
    default: false
    }
  }

  /// The fault without the remedy.
  package var reason: String {
    switch self {
    case .notSafetensors(let kind): "not a .safetensors file (looks like \(kind.rawValue))"
    case .truncated(_, 0): "the file is empty"
    case .truncated(let expected, let found): "it has \(found) bytes, its header requires \(expected)"
    case .badHeader(let reason): "invalid safetensors header: \(reason)"
    case .badEntry(let name, let reason): "tensor '\(name)': \(reason)"
    case .unsupportedType(let name, let type): "tensor '\(name)' has type \(type), which is not supported"
    case .missingTensor(let name, _): "no tensor '\(name)'"
    }
  }

  public var description: String {
    switch self {
    case .notSafetensors(let kind):
      FileKind.mismatch(
        kind, expected: "a .npy or .safetensors file", remedy: "save the array as .npy or .safetensors")
    case .truncated(_, 0): "\(reason); write or download it again"
    case .truncated: "the .safetensors file is truncated: \(reason); write or download it again"
    case .badHeader, .badEntry: "\(reason); write or download the file again"
    case .unsupportedType: "\(reason); convert it to F32, F16 or BF16"
    case .missingTensor(_, []): "\(reason); the file contains no tensors"
    case .missingTensor(_, let names):
      "\(reason); the file contains \(names.prefix(5).map { "'\($0)'" }.joined(separator: ", "))"
        + (names.count > 5 ? " and \(names.count - 5) more" : "")
    }
  }
}
