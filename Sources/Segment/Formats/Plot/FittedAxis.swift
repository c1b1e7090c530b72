// SPDX-License-Identifier: Apache-2.0
import Tensor

/// An axis with its ends and ticks.
struct FittedAxis {
  struct Tick: Equatable {
    let value: Double
    let text: String
  }

  let lower: Double
  let upper: Double
  let ticks: [Tick]
  private let isLogarithmic: Bool

  /// Values beyond it are not drawn, so that differences stay finite.
  private static let limit = 1e100
  /// How many steps an axis is cut into at most, where its ends are round.
  private static let steps = 6.0

  init(_ axis: LinePlot.Axis, values: [Double]) {
    isLogarithmic = axis.scale == .logarithmic
    let isDrawn = Self.isDrawn(axis.scale)
    let given = axis.range.flatMap { isDrawn($0.lowerBound) && isDrawn($0.upperBound) ? $0 : nil }
    let drawn = values.filter(isDrawn)
    let data = given ?? (drawn.min() ?? (isLogarithmic ? 1 : 0))...(drawn.max() ?? (isLogarithmic ? 10 : 1))
    let range = isLogarithmic ? Self.widenedByFactors(data) : Self.widened(data)
    let fitted = isLogarithmic ? Self.logarithmic(range) : Self.linear(range)
    // Ticks cover the range; one that was asked for ends where it ends.
    lower = given == nil ? fitted.first?.value ?? range.lowerBound : range.lowerBound
    upper = given == nil ? fitted.last?.value ?? range.upperBound : range.upperBound
    let shown = lower...upper
    ticks = fitted.filter { shown.contains($0.value) }
  }

  private static func isDrawn(_ scale: LinePlot.Axis.Scale) -> (Double) -> Bool {
    { abs($0) <= limit && (scale == .linear || $0 >= 1 / limit) }
  }

  /// Where a value lies, 0 at the lower end and 1 at the upper; nil for one that cannot be drawn.
  func position(_ value: Double) -> Double? {
    guard Self.isDrawn(isLogarithmic ? .logarithmic : .linear)(value) else { return nil }
    guard isLogarithmic else { return (value - lower) / (upper - lower) }
    return Platform.logarithm(value / lower) / Platform.logarithm(upper / lower)
  }

  /// Ends so far apart that ticks between them differ.
  private static func widened(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
    let size = max(abs(range.lowerBound), abs(range.upperBound))
    guard range.upperBound - range.lowerBound <= max(1e-9 * size, 1 / limit) else { return range }
    let margin = size > 1e-90 ? size / 2 : 1
    return range.lowerBound - margin...range.upperBound + margin
  }

  private static func widenedByFactors(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
    range.upperBound / range.lowerBound > 1.001 ? range : range.lowerBound / 2...range.upperBound * 2
  }

  /// Multiples of 1, 2, 2.5 or 5 times a power of ten, the first not above the range and the last not below.
  private static func linear(_ range: ClosedRange<Double>) -> [Tick] {
    let least = (range.upperBound - range.lowerBound) / steps
    // Ten times finer than the power below, for 2.5.
    let exponent = floorOfLogarithm(least) - 1
    let factor = [10, 20, 25, 50, 100].first { power($0, exponent) >= least * (1 - 1e-9) } ?? 100
    let step = power(factor, exponent)
    // A bound that is a multiple but for rounding is taken as one.
    let first = Int((range.lowerBound / step + 1e-6).rounded(.down))
    let last = Int((range.upperBound / step - 1e-6).rounded(.up))
    // As few decimals as the step has.
    let (digits, place) = factor == 100 ? (1, 2) : factor % 10 == 0 ? (factor / 10, 1) : (factor, 0)
    return (first...last).map { tick($0 * digits, exponent + place) }
  }

  /// 1, 2 and 5 times powers of ten, over more than three of them only these, every n-th where there are many.
  private static func logarithmic(_ range: ClosedRange<Double>) -> [Tick] {
    let lowest = floorOfLogarithm(range.lowerBound * (1 + 1e-9))
    let highest = floorOfLogarithm(range.upperBound) + 1
    let decades = highest - lowest
    guard decades > 4 else {
      let all = (lowest...highest).flatMap { exponent in [1, 2, 5].map { tick($0, exponent) } }
      let first = all.lastIndex { $0.value <= range.lowerBound * (1 + 1e-9) } ?? 0
      let last = all.firstIndex { $0.value >= range.upperBound * (1 - 1e-9) } ?? all.count - 1
      return Array(all[first...last])
    }
    let stride = (decades + 7) / 8
    let end = power(1, highest - 1) >= range.upperBound * (1 - 1e-9) ? highest - 1 : highest
    return (0...(end - lowest + stride - 1) / stride).map { tick(1, lowest + $0 * stride) }
  }

  private static func floorOfLogarithm(_ value: Double) -> Int {
    var exponent = Int((Platform.logarithm(value) / Platform.logarithm(10)).rounded(.down))
    // The quotient may be off by one at a power of ten.
    while power(1, exponent) > value { exponent -= 1 }
    while power(1, exponent + 1) <= value { exponent += 1 }
    return exponent
  }

  /// The double nearest to digits · 10^exponent.
  private static func power(_ digits: Int, _ exponent: Int) -> Double { Double("\(digits)e\(exponent)") ?? 0 }

  private static func tick(_ digits: Int, _ exponent: Int) -> Tick {
    Tick(value: power(digits, exponent), text: text(digits, exponent))
  }

  /// The number in decimals, with a power of ten where there would be many.
  private static func text(_ digits: Int, _ exponent: Int) -> String {
    if digits == 0 { return (-4..<0).contains(exponent) ? "0." + String(repeating: "0", count: -exponent) : "0" }
    let sign = digits < 0 ? "\u{2212}" : ""
    let figures = "\(digits.magnitude)"
    let leading = exponent + figures.count - 1
    if (0...6).contains(exponent), leading < 6 { return sign + figures + String(repeating: "0", count: exponent) }
    if (-9..<0).contains(exponent), leading >= -4 {
      let padded = String(repeating: "0", count: max(0, 1 - exponent - figures.count)) + figures
      return sign + padded.dropLast(-exponent) + "." + padded.suffix(-exponent)
    }
    var rest = figures.dropFirst()
    while rest.last == "0" { rest.removeLast() }
    return sign + figures.prefix(1) + (rest.isEmpty ? "" : "." + rest) + "e\(leading)"
  }
}
