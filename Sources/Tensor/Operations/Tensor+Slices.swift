// SPDX-License-Identifier: Apache-2.0

extension Tensor {
  /// Some of the outermost axis' entries.
  ///
  /// - Shapes: self [n, ...], result [range, ...].
  package func rows(_ range: Range<Int>) -> Tensor {
    precondition(shape.rank > 0 && range.lowerBound >= 0 && range.upperBound <= shape[0], "rows \(range) of \(shape)")
    let length = shape[0] == 0 ? 0 : count / shape[0]
    var result = Tensor(uninitialized: Shape([range.count] + shape.extents.dropFirst()))
    result.mutablePointer.update(from: pointer + range.lowerBound * length, count: result.count)
    return result
  }

  /// Some of the innermost axis' entries.
  ///
  /// - Shapes: self [..., c], result [..., range].
  package func channels(_ range: Range<Int>) -> Tensor {
    let width = shape.extents.last ?? 0
    precondition(range.lowerBound >= 0 && range.upperBound <= width, "channels \(range) of \(shape)")
    var result = Tensor(uninitialized: Shape(shape.extents.dropLast() + [range.count]))
    let (source, target) = (pointer, result.mutablePointer)
    for row in 0..<(width == 0 ? 0 : count / width) {
      (target + row * range.count).update(from: source + row * width + range.lowerBound, count: range.count)
    }
    return result
  }

  /// Tensors side by side in the innermost axis.
  ///
  /// - Shapes: each [..., c_i] with equal leading axes, result [..., Σ c_i].
  /// - Precondition: there is at least one.
  package init(joiningChannels parts: [Tensor]) {
    let leading = parts[0].shape.extents.dropLast()
    precondition(
      parts.allSatisfy { $0.shape.rank > 0 && $0.shape.extents.dropLast() == leading },
      "joining the channels of \(parts.map(\.shape))")
    let widths = parts.map { $0.shape.extents.last ?? 0 }
    let total = widths.reduce(0, +)
    self.init(uninitialized: Shape(leading + [total]))
    let target = mutablePointer
    var offset = 0
    for (part, width) in zip(parts, widths) {
      for row in 0..<leading.reduce(1, *) {
        (target + row * total + offset).update(from: part.pointer + row * width, count: width)
      }
      offset += width
    }
  }

  /// Tensors one below another along the outermost axis.
  ///
  /// - Shapes: each [n_i, ...] with equal inner axes, result [Σ n_i, ...].
  /// - Precondition: there is at least one.
  package init(joiningRows parts: [Tensor]) {
    let inner = parts[0].shape.extents.dropFirst()
    precondition(
      parts.allSatisfy { $0.shape.rank > 0 && $0.shape.extents.dropFirst() == inner },
      "joining the rows of \(parts.map(\.shape))")
    self.init(uninitialized: Shape([parts.reduce(0) { $0 + $1.shape[0] }] + inner))
    let target = mutablePointer
    var offset = 0
    for part in parts {
      (target + offset).update(from: part.pointer, count: part.count)
      offset += part.count
    }
  }

  /// factor · x + addend for every element.
  package func scaled(by factor: Float, adding addend: Float = 0) -> Tensor {
    var result = Tensor(uninitialized: shape)
    let (source, target) = (pointer, result.mutablePointer)
    for i in 0..<count { target[i] = source[i] * factor + addend }
    return result
  }

  /// weight · self + otherWeight · other, element by element.
  ///
  /// - Shapes: equal.
  package func blended(_ weight: Float, with other: Tensor, _ otherWeight: Float) -> Tensor {
    precondition(shape == other.shape, "blending \(shape) with \(other.shape)")
    var result = Tensor(uninitialized: shape)
    let (first, second, target) = (pointer, other.pointer, result.mutablePointer)
    for i in 0..<count { target[i] = weight * first[i] + otherWeight * second[i] }
    return result
  }

  /// The first infinity or NaN.
  package var firstNonFinite: (index: Int, value: Float)? { StoredArray(self).firstNonFinite }

  /// Whether no element is a NaN or an infinity.
  package var isFinite: Bool { firstNonFinite == nil }
}
