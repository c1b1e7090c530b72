// SPDX-License-Identifier: Apache-2.0

// Products of feature rows with one another, in double precision: the affinity's raw material.

/// A·Bᵀ for two sets of rows.
///
/// - Shapes: `a` [m, length], `b` [n, length], `output` [m, n].
/// - Numerics: see `gemm`.
package func innerProducts(
  _ a: Span<Double>, _ b: Span<Double>, length: Int, into output: inout MutableSpan<Double>,
  using kernels: KernelTable = .current
) {
  precondition(length > 0 && a.count % length == 0 && b.count % length == 0, "rows of \(length) elements")
  let (m, n) = (a.count / length, b.count / length)
  precondition(output.count == m * n, "\(m)×\(n) products into \(output.count) elements")
  guard m > 0 && n > 0 else { return }
  a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b in
      output.withUnsafeMutableBufferPointer { output in
        gemm(
          MatrixView(a.baseAddress!, rows: m, columns: length),
          MatrixView(b.baseAddress!, rows: n, columns: length).transposed, into: output.baseAddress!, rowStride: n,
          kernel: kernels.gemmDouble)
      }
    }
  }
}

/// The smallest and the largest of some numbers; NaN for both when one is NaN or infinite. nil for none.
package func extent(_ values: Span<Double>) -> (minimum: Double, maximum: Double)? {
  guard values.count > 0 else { return nil }
  return values.withUnsafeBufferPointer { values in
    var (low, high) = (SIMD4(repeating: values[0]), SIMD4(repeating: values[0]))
    var checked = SIMD4<Double>.zero
    let vectors = values.count / 4
    for i in 0..<vectors {
      let v = UnsafeRawPointer(values.baseAddress! + 4 * i).loadUnaligned(as: SIMD4<Double>.self)
      low.replace(with: v, where: v .< low)
      high.replace(with: v, where: v .> high)
      checked += v * 0  // NaN and infinities stay in this sum
    }
    var (minimum, maximum, check) = (low.min(), high.max(), checked.sum())
    for i in 4 * vectors..<values.count {
      minimum = Swift.min(minimum, values[i])
      maximum = Swift.max(maximum, values[i])
      check += values[i] * 0
    }
    return check == 0 ? (minimum, maximum) : (.nan, .nan)
  }
}

extension Tensor {
  /// Sets the elements from `offset` on to max((x − minimum)/range, floor)^exponent, rounded to Float before and after the power.
  ///
  /// - Numerics: an integer exponent multiplies in Double; any other takes the C library's `pow` in Double.
  package mutating func setScaledPower(
    of values: Span<Double>, at offset: Int, minimum: Double, range: Double, exponent: Double,
    floor: Double = 0,
    using kernels: KernelTable = .current
  ) {
    precondition(offset >= 0 && offset + values.count <= count, "\(values.count) elements at \(offset) of \(shape)")
    let target = mutablePointer + offset
    let chunk = 8192
    let integer = Int(exactly: exponent).flatMap { (1...64).contains($0) ? $0 : nil }
    values.withUnsafeBufferPointer { values in
      guard let source = values.baseAddress else { return }
      Parallel.forEach((values.count + chunk - 1) / chunk) { task in
        let first = task * chunk
        let length = min(chunk, values.count - first)
        if let integer {
          kernels.scaledPower(source + first, target + first, length, minimum, range, floor, integer)
        } else {
          for i in first..<first + length {
            target[i] = Float(Platform.power(Double(Float(max((source[i] - minimum) / range, floor))), exponent))
          }
        }
      }
    }
  }

  /// Copies the part below the diagonal of a square matrix to the part above it, so that it is exactly symmetric.
  package mutating func mirrorLowerTriangle() {
    precondition(shape.rank == 2 && shape[0] == shape[1], "mirror of \(shape)")
    let n = shape[0]
    let matrix = mutablePointer
    let tile = 32
    let tiles = (n + tile - 1) / tile
    Parallel.forEach(tiles) { band in
      // Tiles keep both the rows read and the rows written in the cache.
      for other in band..<tiles {
        for i in band * tile..<min(n, (band + 1) * tile) {
          for j in max(i + 1, other * tile)..<max(i + 1, min(n, (other + 1) * tile)) {
            matrix[i * n + j] = matrix[j * n + i]
          }
        }
      }
    }
  }
}
