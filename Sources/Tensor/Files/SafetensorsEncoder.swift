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

  /// Numbers in rows, to be written.
  package struct Numbers: Sendable {
    package let shape: [Int]
    package let values: ContiguousArray<Double>

    /// - Precondition: `values` has as many elements as the shape.
    package init(_ shape: [Int], _ values: ContiguousArray<Double>) {
      precondition(shape.reduce(1, *) == values.count, "\(values.count) values for shape \(shape)")
      (self.shape, self.values) = (shape, values)
    }

    /// Single precision where it holds every number exactly, else double precision.
    fileprivate var type: ElementType { values.allSatisfy { Double(Float($0)) == $0 } ? .float32 : .float64 }
  }

  /// Returns a file of arrays, each in single precision where that holds its numbers exactly, else in double precision.
  package static func encode(_ arrays: [String: Numbers], metadata: [String: String]) -> [UInt8] {
    let plan = arrays.map { Planned($0.key, $0.value.type, $0.value.shape) }.sorted(by: precedes)
    var bytes = header(of: plan, metadata: metadata)
    bytes.reserveCapacity(bytes.count + plan.reduce(0) { $0 + $1.byteCount })
    for tensor in plan {
      guard let values = arrays[tensor.name]?.values else { continue }
      if tensor.type == .float32 {
        append(values.map { Float($0) }, as: .float32, to: &bytes)
      } else {
        values.map(\.bitPattern.littleEndian).withUnsafeBytes { bytes.append(contentsOf: $0) }
      }
    }
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
