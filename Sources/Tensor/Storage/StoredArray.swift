// SPDX-License-Identifier: Apache-2.0

/// Floating-point numbers where they lie: in memory, or in a mapped file in the file's own type.
///
/// Weights are read like this when they are used. A copy in single precision would take twice the room of half-precision
/// weights, and as long to write as to widen again.
package struct StoredArray: Sendable {
  private enum Source {
    case tensor(Tensor)
    case file(MappedRegion, SafetensorsFile.ElementType)
    case placeholder
  }

  package let count: Int
  private let source: Source

  package init(_ tensor: Tensor) {
    source = .tensor(tensor)
    count = tensor.count
  }

  /// Creates an array without elements, for networks that are made for their shapes alone. Reading it is a programmer's error.
  package init(placeholderCount: Int) {
    source = .placeholder
    count = placeholderCount
  }

  /// - Precondition: the type is F16, BF16, F32 or F64.
  init(_ region: MappedRegion, _ type: SafetensorsFile.ElementType) {
    precondition(type.isFloatingPoint, "\(type.rawValue) is no floating-point type")
    source = .file(region, type)
    count = region.range.count / type.byteCount
  }

  /// Writes `count` elements from `first` on, widened to single precision; double precision is rounded.
  func copy(
    from first: Int, count: Int, into target: UnsafeMutablePointer<Float>, using kernels: KernelTable = .current
  ) {
    precondition(first >= 0 && count >= 0 && first + count <= self.count, "\(count) elements from \(first) on")
    switch source {
    case .tensor(let tensor): target.update(from: tensor.pointer + first, count: count)
    case .file(let region, let type):
      type.widen(region.bytes(from: first, count: count, of: type), count: count, into: target, using: kernels)
    case .placeholder: preconditionFailure("a placeholder has no elements")
    }
  }

  /// All elements, in single precision.
  package func tensor(_ shape: Tensor.Shape, using kernels: KernelTable = .current) -> Tensor {
    precondition(shape.count == count, "\(count) elements for shape \(shape)")
    if case .tensor(let tensor) = source { return tensor.reshaped(shape) }
    var result = Tensor(uninitialized: shape)
    copy(from: 0, count: count, into: result.mutablePointer, using: kernels)
    return result
  }

  /// Elements looked at by one task.
  private static let checkedPerTask = 1 << 18

  /// The first infinity or NaN, and where it is.
  package var firstNonFinite: (index: Int, value: Float)? {
    if case .file(let region, _) = source { region.file.populate(region.range) }
    let tasks = (count + Self.checkedPerTask - 1) / Self.checkedPerTask
    var found = ContiguousArray<Int>(repeating: count, count: tasks)
    Parallel.fillChunks(of: &found, chunkSize: 1) { task, chunk in
      let first = task * Self.checkedPerTask
      let length = min(Self.checkedPerTask, count - first)
      guard !isFinite(from: first, count: length) else { return }
      withScratch(length, of: Float.self) { values in
        copy(from: first, count: length, into: values)
        chunk[0] = (0..<length).first { !values[$0].isFinite }.map { first + $0 } ?? count
      }
    }
    guard let index = found.min(), index < count else { return nil }
    return withScratch(1, of: Float.self) { value in
      copy(from: index, count: 1, into: value)
      return (index, value[0])
    }
  }

  /// Whether all of some elements are finite: no exponent has all its bits set.
  private func isFinite(from first: Int, count: Int) -> Bool {
    switch source {
    case .tensor(let tensor):
      let bits = UnsafeRawBufferPointer(start: tensor.pointer + first, count: count * 4)
      return largest(of: bits, masking: UInt32(0x7fff_ffff)) < 0x7f80_0000
    case .file(let region, let type):
      let bits = region.bytes(from: first, count: count, of: type)
      switch type {
      case .float16: return largest(of: bits, masking: UInt16(0x7fff)) < 0x7c00
      case .brainFloat16: return largest(of: bits, masking: UInt16(0x7fff)) < 0x7f80
      case .float32: return largest(of: bits, masking: UInt32(0x7fff_ffff)) < 0x7f80_0000
      // Double precision may overflow when it is rounded.
      default: return false
      }
    case .placeholder: return true
    }
  }

  /// The largest of little-endian words, without the bits that are not masked.
  private func largest<Word: FixedWidthInteger & BitwiseCopyable>(
    of bytes: UnsafeRawBufferPointer, masking mask: Word
  ) -> Word {
    guard let base = bytes.baseAddress else { return 0 }
    var largest: Word = 0
    for i in 0..<bytes.count / MemoryLayout<Word>.size {
      largest = max(
        largest,
        Word(littleEndian: base.loadUnaligned(fromByteOffset: i * MemoryLayout<Word>.size, as: Word.self)) & mask)
    }
    return largest
  }
}

/// Part of a mapped file whose pages are given back when nobody refers to it any more.
final class MappedRegion: Sendable {
  let file: MappedFile
  let range: Range<Int>

  init(_ file: MappedFile, _ range: Range<Int>) {
    self.file = file
    self.range = range
  }

  deinit { file.discard(range) }

  /// The bytes of some elements.
  func bytes(from first: Int, count: Int, of type: SafetensorsFile.ElementType) -> UnsafeRawBufferPointer {
    let start = range.lowerBound + first * type.byteCount
    return UnsafeRawBufferPointer(rebasing: file.bytes[start..<start + count * type.byteCount])
  }
}

extension SafetensorsFile.ElementType {
  /// Little-endian elements in single precision; double precision is rounded.
  func widen(
    _ raw: UnsafeRawBufferPointer, count: Int, into target: UnsafeMutablePointer<Float>, using kernels: KernelTable
  ) {
    switch self {
    case .float32:
      for i in 0..<count { target[i] = Float(bitPattern: word(raw, i, UInt32.self)) }
    case .float64:
      for i in 0..<count { target[i] = Float(Double(bitPattern: word(raw, i, UInt64.self))) }
    case .float16:
      if let source = alignedHalves(raw) {
        kernels.set.halfToFloat(source, target, count: count)
      } else {
        for i in 0..<count { target[i] = Float(widenHalfScalar(word(raw, i, UInt16.self))) }
      }
    case .brainFloat16:
      if let source = alignedHalves(raw) {
        kernels.set.brainFloatToFloat(source, target, count: count)
      } else {
        for i in 0..<count { target[i] = Float(bitPattern: UInt32(word(raw, i, UInt16.self)) << 16) }
      }
    default: preconditionFailure("\(rawValue) is no floating-point type")
    }
  }

  /// The same bytes as 16-bit words of this machine; nil when they are not aligned or in the other order.
  private func alignedHalves(_ raw: UnsafeRawBufferPointer) -> UnsafePointer<UInt16>? {
    guard let base = raw.baseAddress, Int(bitPattern: base) % 2 == 0, 1.littleEndian == 1 else { return nil }
    return base.assumingMemoryBound(to: UInt16.self)
  }
}

/// The element at `index` of little-endian words.
func word<T: FixedWidthInteger & BitwiseCopyable>(_ raw: UnsafeRawBufferPointer, _ index: Int, _: T.Type) -> T {
  T(littleEndian: raw.loadUnaligned(fromByteOffset: index * MemoryLayout<T>.size, as: T.self))
}
