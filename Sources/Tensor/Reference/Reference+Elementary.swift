// SPDX-License-Identifier: Apache-2.0

extension Reference {
  package static func exponential(_ x: Double) -> Double { Platform.exponential(x) }
  package static func hyperbolicTangent(_ x: Double) -> Double { Platform.hyperbolicTangent(x) }
  package static func errorFunction(_ x: Double) -> Double { Platform.errorFunction(x) }

  /// x / (1 + e⁻ˣ).
  package static func silu(_ x: Double) -> Double { x / (1 + Platform.exponential(-x)) }

  /// x·Φ(x) = ½·x·(1 + erf(x/√2)).
  package static func gelu(_ x: Double) -> Double {
    0.5 * x * (1 + Platform.errorFunction(x * 0.5.squareRoot()))
  }

  /// value · gelu(gate) of a row [value, gate].
  package static func geglu(_ row: [Double]) -> [Double] {
    let half = row.count / 2
    return (0..<half).map { row[$0] * gelu(row[half + $0]) }
  }

  /// silu(gate) · value of a row [gate, value].
  package static func swiglu(_ row: [Double]) -> [Double] {
    let half = row.count / 2
    return (0..<half).map { silu(row[$0]) * row[half + $0] }
  }
}
