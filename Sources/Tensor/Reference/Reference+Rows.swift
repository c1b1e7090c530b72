// SPDX-License-Identifier: Apache-2.0

extension Reference {
  /// e^{scale·(x − max x)} / Σ over one row.
  package static func softmax(_ row: [Double], scale: Double = 1) -> [Double] {
    guard let peak = row.max() else { return [] }
    if row.contains(where: \.isNaN) { return row.map { _ in .nan } }
    let exponentials = row.map { Platform.exponential(scale * ($0 - peak)) }
    var sum = 0.0
    for value in exponentials { sum += value }
    return exponentials.map { $0 / sum }
  }

  /// Mean and biased variance, in two passes.
  package static func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
    var sum = 0.0
    for value in values { sum += value }
    let mean = sum / Double(values.count)
    var squares = 0.0
    for value in values { squares += (value - mean) * (value - mean) }
    return (mean, squares / Double(values.count))
  }

  /// (x − mean) / √(variance + epsilon) · weight + bias over one row.
  package static func layerNorm(
    _ row: [Double], weight: [Double], bias: [Double], epsilon: Double
  ) -> [Double] {
    let (mean, variance) = moments(row)
    let deviation = (variance + epsilon).squareRoot()
    return row.indices.map { (row[$0] - mean) / deviation * weight[$0] + bias[$0] }
  }

  /// The same over groups of channels and all positions.
  ///
  /// - Shapes: `values` [positions, channels], `weight` and `bias` [channels].
  package static func groupNorm(
    _ values: [Double], channels: Int, groups: Int, weight: [Double], bias: [Double], epsilon: Double
  ) -> [Double] {
    let (width, positions) = (channels / groups, values.count / channels)
    var result = values
    for group in 0..<groups {
      let members = (0..<positions).flatMap { position in
        (group * width..<(group + 1) * width).map { position * channels + $0 }
      }
      let (mean, variance) = moments(members.map { values[$0] })
      let deviation = (variance + epsilon).squareRoot()
      for index in members {
        let channel = index % channels
        result[index] = (values[index] - mean) / deviation * weight[channel] + bias[channel]
      }
    }
    return result
  }
}
