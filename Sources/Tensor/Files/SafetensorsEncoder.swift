// SPDX-License-Identifier: Apache-2.0

extension SafetensorsFile {
  /// A file of single-precision tensors, in the order of their names, data aligned to 8 bytes as the format's own writer.
  public static func encode(_ tensors: [String: Tensor], metadata: [String: String] = [:]) -> [UInt8] {
    encode(tensors, metadata: metadata.isEmpty ? nil : metadata) { _ in .float32 }
  }

  /// A file whose tensors are each stored as `type` says; half-precision numbers are rounded to the nearest.
  ///
  /// - Parameter metadata: nil: the header has no `__metadata__`; an empty dictionary is written as an empty object.
  /// - Precondition: the numbers of an integer type fit it; fractions are cut off.
  package static func encode(
    _ tensors: [String: Tensor], metadata: [String: String]?, type: (String) -> ElementType
  ) -> [UInt8] {
    let sorted = tensors.sorted { $0.key < $1.key }
    let plan = sorted.map { Planned($0.key, type($0.key), $0.value.shape.extents) }
    var bytes = header(of: plan, metadata: metadata)
    bytes.reserveCapacity(bytes.count + plan.reduce(0) { $0 + $1.byteCount })
    for (name, tensor) in sorted { append(tensor.values, as: type(name), to: &bytes) }
    return bytes
  }

  private static func append(_ values: [Float], as type: ElementType, to bytes: inout [UInt8]) {
    func append<Word: FixedWidthInteger>(_ word: (Float) -> Word) {
      values.map { word($0).littleEndian }.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
    switch type {
    case .float64: append { Double($0).bitPattern }
    case .float32: append(\.bitPattern)
    case .float16: append(halfBits)
    case .brainFloat16: append(brainFloatBits)
    case .int64: append { Int64($0) }
    case .int32: append { Int32($0) }
    case .int16: append { Int16($0) }
    case .int8: append { Int8($0) }
    case .uint8, .bool: append { UInt8($0) }
    }
  }
}
