// SPDX-License-Identifier: Apache-2.0

/// Single-precision numbers in row-major order, in memory aligned to 64 bytes.
///
/// A value: copies share storage until one of them is written to. Activations are channels-last, so
/// [height, width, channels] and [tokens, channels] are the same bytes.
public struct Tensor: Sendable {
  public private(set) var shape: Shape
  private var storage: AlignedBuffer<Float>

  /// All elements 0.
  public init(zeros shape: Shape) {
    self.init(uninitialized: shape)
    storage.pointer.initialize(repeating: 0, count: shape.count)
  }

  /// - Precondition: as many values as the shape has elements.
  public init(_ shape: Shape, values: some Collection<Float>) {
    precondition(values.count == shape.count, "\(values.count) values for shape \(shape)")
    self.init(uninitialized: shape)
    _ = UnsafeMutableBufferPointer(start: storage.pointer, count: shape.count).initialize(from: values)
  }

  /// - Parameters:
  ///   - shape: any.
  ///   - fill: writes every element.
  public init(_ shape: Shape, fill: (inout MutableSpan<Float>) -> Void) {
    self.init(zeros: shape)
    withMutableSpan(fill)
  }

  /// Contents arbitrary: the caller writes every element before one is read.
  init(uninitialized shape: Shape) {
    self.shape = shape
    storage = AlignedBuffer(count: shape.count)
  }

  public var count: Int { shape.count }

  /// The same elements under another shape; nothing is copied.
  ///
  /// - Precondition: equal element counts.
  public func reshaped(_ shape: Shape) -> Tensor {
    precondition(shape.count == count, "cannot reshape \(self.shape) to \(shape)")
    var result = self
    result.shape = shape
    return result
  }

  /// Lends the elements.
  public func withSpan<Result, Failure: Error>(
    _ body: (Span<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withExtendedLifetime(storage) { storage throws(Failure) in
      try body(Span(_unsafeStart: UnsafePointer(storage.pointer), count: count))
    }
  }

  /// Lends the elements for writing, after making them this value's own.
  public mutating func withMutableSpan<Result, Failure: Error>(
    _ body: (inout MutableSpan<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let start = mutablePointer
    return try withExtendedLifetime(storage) { _ throws(Failure) in
      var span = MutableSpan(_unsafeStart: start, count: count)
      return try body(&span)
    }
  }

  /// One element of a matrix.
  public subscript(row: Int, column: Int) -> Float {
    get {
      precondition(shape.rank == 2 && row >= 0 && row < shape[0] && column >= 0 && column < shape[1])
      return pointer[row * shape[1] + column]
    }
    set {
      precondition(shape.rank == 2 && row >= 0 && row < shape[0] && column >= 0 && column < shape[1])
      mutablePointer[row * shape[1] + column] = newValue
    }
  }

  /// The elements in order.
  public var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

  var pointer: UnsafePointer<Float> { UnsafePointer(storage.pointer) }

  /// Writable memory; storage shared with another value is copied first.
  var mutablePointer: UnsafeMutablePointer<Float> {
    mutating get {
      if !isKnownUniquelyReferenced(&storage) {
        let copy = AlignedBuffer<Float>(count: count)
        copy.pointer.initialize(from: storage.pointer, count: count)
        storage = copy
      }
      return storage.pointer
    }
  }
}
