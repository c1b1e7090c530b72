// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport

/// Points of the whole Float range, and the worst error of a function on them.
enum FloatScan {
  /// A prime, so that every part of the fraction is met: about two million points of each sign.
  private static let coarseStride: UInt32 = 1021
  /// Where the functions bend and branch, one point in 31: about a million points of each sign.
  private static let fineStride: UInt32 = 31
  private static let fineRange: ClosedRange<Float> = 0.25...4
  /// Neighbors of every branch and edge, each of them.
  private static let neighbors: UInt32 = 2000

  /// Magnitudes at which a kernel takes another path, or its result another form: the branches of tanh and erf, the end
  /// of erf's fit, saturation of tanh, and overflow, underflow and clamping of exp.
  private static let edges: [Float] = [
    0.625, 0.925, 3.95, 9.01, 88.722839, 89, 87.336548, 103.27893, 103.97208, 104, 44, 52, 51.5,
    .leastNormalMagnitude, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0x1p-24, 0x1p-12, 1, 2,
  ]

  /// All points, negative ones included; ±0, ±∞ and NaN among them.
  static let points: [Float] = {
    var magnitudes: [UInt32] = [0, Float.infinity.bitPattern]
    magnitudes += stride(from: 1, to: Float.infinity.bitPattern, by: UInt32.Stride(coarseStride))
    magnitudes += stride(
      from: fineRange.lowerBound.bitPattern, to: fineRange.upperBound.bitPattern, by: UInt32.Stride(fineStride))
    for edge in edges {
      let bits = edge.bitPattern
      magnitudes += (bits > neighbors ? bits - neighbors : 0)...min(bits + neighbors, Float.infinity.bitPattern)
    }
    return magnitudes.flatMap { [Float(bitPattern: $0), -Float(bitPattern: $0)] } + [.nan, -.nan]
  }()

  struct Worst: CustomStringConvertible {
    var error = 0.0
    var x: Float = 0
    var description: String { "\(error) at \(x)" }
  }

  /// The largest |actual − expected| in units of `unit(x, expected)`; a NaN on one side only counts as infinite.
  static func worst(
    _ points: [Float], _ actual: [Float], expected: (Double) -> Double, unit: (Double, Double) -> Double
  ) -> Worst {
    precondition(points.count == actual.count)
    var worst = Worst()
    for (x, y) in zip(points, actual) {
      let reference = expected(Double(x))
      let error = distance(y, reference) / unit(Double(x), reference)
      if !(error <= worst.error) { worst = Worst(error: error, x: x) }
    }
    return worst
  }

  /// |y − reference|, 0 where the reference rounds to the infinity that y is.
  private static func distance(_ y: Float, _ reference: Double) -> Double {
    if y.isNaN && reference.isNaN || y == Float(reference) && y.isInfinite { return 0 }
    let value = y.isInfinite ? (y < 0 ? -0x1p128 : 0x1p128) : Double(y)
    let error = abs(value - reference)
    return error.isNaN ? .infinity : error
  }
}
