// SPDX-License-Identifier: Apache-2.0
import Kernels

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

/// A·B: every row of A weighs the rows of B.
///
/// - Shapes: `weights` [m, n], `rows` [n, length], `output` [m, length].
/// - Numerics: see `gemm`; with weights of 0 and 1 a sum of rows in their order, the same on every instruction set.
package func linearCombinations(
  _ weights: Span<Double>, of rows: Span<Double>, length: Int, into output: inout MutableSpan<Double>,
  using kernels: KernelTable = .current
) {
  precondition(length > 0 && rows.count > 0 && rows.count % length == 0, "\(rows.count) elements in rows of \(length)")
  let n = rows.count / length
  precondition(weights.count % n == 0, "\(weights.count) weights of \(n) rows")
  let m = weights.count / n
  precondition(output.count == m * length, "\(m) combinations of \(length) elements into \(output.count)")
  guard m > 0 else { return }
  weights.withUnsafeBufferPointer { weights in
    rows.withUnsafeBufferPointer { rows in
      output.withUnsafeMutableBufferPointer { output in
        gemm(
          MatrixView(weights.baseAddress!, rows: m, columns: n),
          MatrixView(rows.baseAddress!, rows: n, columns: length), into: output.baseAddress!, rowStride: length,
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
      let v = load(values.baseAddress! + 4 * i, as: SIMD4<Double>.self)
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

/// y = max((x − minimum)/range, floor)^exponent, rounded to Float before and after the power.
///
/// - Numerics: an integer exponent up to 64 multiplies in Double; any other takes the C library's `pow` in Double.
package struct ScaledPower: Sendable {
  package let minimum: Double
  package let range: Double
  package let exponent: Double
  package let floor: Double

  package init(minimum: Double, range: Double, exponent: Double, floor: Double = 0) {
    self.minimum = minimum
    self.range = range
    self.exponent = exponent
    self.floor = floor
  }

  package func apply(_ x: Span<Double>, into y: inout MutableSpan<Float>, using kernels: KernelTable = .current) {
    precondition(x.count == y.count, "\(x.count) powers into \(y.count) elements")
    x.withUnsafeBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        guard let source = x.baseAddress, let target = y.baseAddress else { return }
        apply(source, target, count: x.count, using: kernels)
      }
    }
  }

  func apply(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Float>, count: Int, using kernels: KernelTable) {
    if let integer = Int(exactly: exponent), (1...64).contains(integer) {
      kernels.set.scaledPower(
        x, y, count: count, minimum: minimum, range: range, floor: floor, exponent: integer)
    } else {
      for i in 0..<count {
        y[i] = Float(Platform.power(Double(Float(max((x[i] - minimum) / range, floor))), exponent))
      }
    }
  }
}

/// The products of rows with one another at and below the diagonal, in strips of rows that are computed when asked for.
///
/// Each product is taken once, so that the matrix made of them is exactly symmetric.
///
/// - Numerics: see `gemm`; the order of a sum depends on the instruction set only.
package struct GramMatrix: Sendable {
  package let dimension: Int
  /// The smallest and the largest product; NaN for both when one is not finite. nil without rows.
  package let extent: (minimum: Double, maximum: Double)?
  private let rows: PackedRows
  private let kernels: KernelTable
  /// All strips, kept from finding the extent to the next use; nil for a matrix too large for that.
  private let strips: AlignedBuffer<Double>?

  /// Elements of kept strips at most, 128 MiB; beyond it they are computed twice.
  package static let maximumCachedElements = 1 << 24

  /// - Shapes: `rows` [n, length].
  package init(
    of rows: Span<Double>, length: Int, keeping limit: Int = GramMatrix.maximumCachedElements,
    using kernels: KernelTable = .current
  ) {
    precondition(length > 0 && rows.count % length == 0, "rows of \(length) elements")
    let packed = PackedRows(rows, length: length, kernels.gemmDouble)
    let count = packed.stripCount
    let size = packed.stripOffset(count)
    let strips = size <= limit ? AlignedBuffer<Double>(count: size) : nil
    var extents = [(minimum: Double, maximum: Double)?](repeating: nil, count: count)
    extents.withUnsafeMutableBufferPointer { extents in
      nonisolated(unsafe) let extents = extents
      // The longest strips first: the threads then end together.
      Parallel.forEach(count) { task in
        let index = count - 1 - task
        packed.withStrip(index, cachedIn: strips) { strip in
          packed.fill(strip, index, kernels.gemmDouble)
          extents[index] = packed.range(of: strip, index)
        }
      }
    }
    dimension = packed.count
    self.rows = packed
    self.kernels = kernels
    self.strips = strips
    extent = extents.compactMap(\.self).reduce(nil) { total, strip in
      guard let total else { return strip }
      guard total.minimum.isFinite, strip.minimum.isFinite else { return (.nan, .nan) }
      return (min(total.minimum, strip.minimum), max(total.maximum, strip.maximum))
    }
  }

  /// Every product scaled and raised to a power.
  package func map(_ power: ScaledPower) -> SymmetricTensor {
    mapRows { power.apply($0, $1, count: $2, using: kernels) }
  }

  /// 1 where a product exceeds the threshold, `low` elsewhere.
  package func thresholded(above threshold: Double, low: Float) -> SymmetricTensor {
    mapRows { products, weights, count in
      for j in 0..<count { weights[j] = products[j] > threshold ? 1 : low }
    }
  }

  /// The matrix made of a function of every row's part up to the diagonal: products, where its result goes, how many.
  private func mapRows(
    _ transform: (UnsafePointer<Double>, UnsafeMutablePointer<Float>, Int) -> Void
  ) -> SymmetricTensor {
    SymmetricTensor(dimension, inRuns: rows.stripCount) { task, row in
      let index = rows.stripCount - 1 - task
      rows.withStrip(index, cachedIn: strips) { strip in
        if strips == nil { rows.fill(strip, index, kernels.gemmDouble) }
        for (position, i) in rows.rows(ofStrip: index).enumerated() {
          transform(strip + position * rows.stride(ofStrip: index), row(i), i + 1)
        }
      }
    }
  }
}
