// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The weighted graph over the nodes of a feature map.
///
/// W_ij = ((c_ij − min c) / (max c − min c))^α for the cosines c_ij of all pairs, i = j included.
///
/// - Source: DiffCut §3.2; Reference behaviour: min and max are taken over the whole matrix, and the scaled cosine is
///   rounded to single precision before the power and after it.
/// - Invariant: exactly symmetric, entries in [0, 1]. Only the part below the diagonal is computed: a blocked product may
///   round (i, j) and (j, i) differently, and then only one node of the least similar pair would hold an exact zero.
package struct AffinityMatrix: Sendable {
  /// [n, n].
  package let weights: Tensor
  /// Nodes with an exact zero in their row. Below the root the recursion leaves them out.
  package let hasZero: [Bool]

  package var dimension: Int { weights.shape[0] }

  /// Rows whose cosines are held in double precision at a time.
  private static let stripRows = 256
  /// Cosines kept from finding their range to raising them, in elements; beyond it they are computed twice.
  private static let keptElements = 1 << 24
  /// A range of cosines within rounding error holds no structure.
  private static let flatRange = 1e-12

  /// Nil when all cosines are equal up to rounding: a graph without structure, which is one segment.
  ///
  /// - Parameters:
  ///   - unit: feature vectors of length 1 (or 0), [n, channels].
  ///   - exponent: α > 0.
  ///   - floor: scaled cosines below it count as it. 0 is the reference's graph; above it no affinity is zero and no
  ///     node is left out.
  package init?(
    unit: ContiguousArray<Double>, channels: Int, exponent: Double, floor: Double = 0,
    using kernels: KernelTable = .current
  ) {
    let n = unit.count / channels
    var cosines = CosineStrips(unit: unit, channels: channels, stripRows: Self.stripRows, kernels: kernels)
    cosines.keepsStrips = n * n <= Self.keptElements
    var (minimum, maximum) = (Double.infinity, -Double.infinity)
    cosines.forEachStrip { _, strip, _ in
      guard let range = extent(strip) else { return }
      minimum = min(minimum, range.minimum)
      maximum = max(maximum, range.maximum)
    }
    guard maximum - minimum > Self.flatRange else { return nil }
    var weights = Tensor(zeros: [n, n])
    cosines.forEachStrip { rows, strip, columns in
      for (index, row) in rows.enumerated() {
        weights.setScaledPower(
          of: strip.extracting(index * columns..<index * columns + row + 1), at: row * n, minimum: minimum,
          range: maximum - minimum, exponent: exponent, floor: floor, using: kernels)
      }
    }
    weights.mirrorLowerTriangle()
    self.weights = weights
    hasZero = weights.withSpan { span in
      (0..<n).map { row in (row * n..<(row + 1) * n).contains { span[$0] == 0 } }
    }
  }
}

/// The cosines at and left of the diagonal, by strips of rows.
private struct CosineStrips {
  let unit: ContiguousArray<Double>
  let channels: Int
  let stripRows: Int
  let kernels: KernelTable
  var keepsStrips = true
  private var kept: [ContiguousArray<Double>] = []

  init(unit: ContiguousArray<Double>, channels: Int, stripRows: Int, kernels: KernelTable) {
    self.unit = unit
    self.channels = channels
    self.stripRows = stripRows
    self.kernels = kernels
  }

  /// Calls `body` with the rows of each strip, their cosines [rows, columns] and the number of columns, which ends at
  /// the strip's last diagonal element.
  mutating func forEachStrip(_ body: (Range<Int>, Span<Double>, Int) -> Void) {
    let n = unit.count / channels
    for (index, first) in stride(from: 0, to: n, by: stripRows).enumerated() {
      let rows = first..<min(n, first + stripRows)
      if index < kept.count {
        let strip = kept[index]
        body(rows, strip.span, rows.upperBound)
        continue
      }
      var strip = ContiguousArray(repeating: 0.0, count: rows.count * rows.upperBound)
      var output = strip.mutableSpan
      innerProducts(
        unit.span.extracting(rows.lowerBound * channels..<rows.upperBound * channels),
        unit.span.extracting(0..<rows.upperBound * channels), length: channels, into: &output, using: kernels)
      body(rows, strip.span, rows.upperBound)
      if keepsStrips { kept.append(strip) }
    }
  }
}
