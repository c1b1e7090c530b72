// SPDX-License-Identifier: Apache-2.0

extension ParsedArguments {
  /// The maximum number of values in a list.
  private static let limit = 1000

  /// The numbers of a list such as `0.1,0.2` or `0.05:0.95:0.05`, in increasing order and each once.
  ///
  /// A range is FIRST:LAST:STEP and ends with the last step up to LAST. Its steps are decimal numbers, not sums of rounded ones: the
  /// second value of 0.05:0.95:0.05 equals 0.1, and the third equals 0.15.
  ///
  /// - Throws: `ToolError` with exit code 2.
  package func numbers(_ name: String, in range: ClosedRange<Double>) throws(ToolError) -> [Double]? {
    guard let items = list(name) else { return nil }
    var values: Set<Double> = []
    for item in items {
      for value in try item.contains(":") ? Self.steps(item, name) : Self.number(item, name) {
        guard range.contains(value) else {
          throw .usage("--\(name): \(item) is outside \(range.lowerBound) to \(range.upperBound)")
        }
        values.insert(value)
      }
      guard values.count <= Self.limit else { throw .usage("--\(name) has more than \(Self.limit) values") }
    }
    return values.sorted()
  }

  /// The whole numbers of a list, in increasing order and each once.
  package func wholeNumbers(_ name: String, in range: ClosedRange<Int>) throws(ToolError) -> [Int]? {
    let numbers = try numbers(name, in: Double(range.lowerBound)...Double(range.upperBound))
    return try numbers?.map { number throws(ToolError) in
      guard let whole = Int(exactly: number) else { throw .usage("--\(name): \(number) is not a whole number") }
      return whole
    }
  }

  private static func number(_ text: String, _ name: String) throws(ToolError) -> [Double] {
    guard let value = Double(text), value.isFinite else {
      throw .usage(
        "--\(name): '\(text)' is not a number or range, such as 1,2.5 or 0.05:0.95:0.05")
    }
    return [value]
  }

  private static func steps(_ text: String, _ name: String) throws(ToolError) -> [Double] {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Decimal($0) }
    let numbers = parts.compactMap(\.self)
    guard parts.count == 3, numbers.count == 3 else {
      throw .usage("--\(name): '\(text)' is not a range FIRST:LAST:STEP, such as 0.05:0.95:0.05")
    }
    let exponent = numbers.map(\.exponent).min() ?? 0
    let scaled = numbers.compactMap { $0.digits(at: exponent) }
    guard scaled.count == 3 else {
      throw .usage("--\(name): the numbers of '\(text)' differ too much in magnitude")
    }
    let (first, last, step) = (scaled[0], scaled[1], scaled[2])
    guard step > 0 else { throw .usage("--\(name): the step of '\(text)' must be above 0") }
    guard first <= last else { throw .usage("--\(name): '\(text)' ends before it begins") }
    guard (last - first) / step < limit else { throw .usage("--\(name) has more than \(limit) values") }
    return stride(from: first, through: last, by: step).compactMap { Double("\($0)e\(exponent)") }
  }
}

/// A number as it is typed: digits · 10^exponent.
private struct Decimal {
  let digits: Int
  let exponent: Int

  /// Fewer digits than overflow, and exponents that a double has.
  private static let (digitLimit, exponentLimit) = (15, 100)

  init?(_ text: Substring) {
    var text = text
    var isNegative = false
    if let sign = text.first, sign == "-" || sign == "+" {
      isNegative = sign == "-"
      text.removeFirst()
    }
    let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
    let figures = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let all = figures.joined()
    guard !all.isEmpty, all.count <= Self.digitLimit, all.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let value = Int(all)
    else { return nil }
    var power = 0
    if parts.count == 2 {
      guard let given = Int(parts[1]), given.magnitude <= Self.exponentLimit else { return nil }
      power = given
    }
    digits = isNegative ? -value : value
    exponent = power - (figures.count == 2 ? figures[1].count : 0)
  }

  /// The digits of the same number with a smaller exponent; nil if they are too many.
  func digits(at exponent: Int) -> Int? {
    var result = digits
    for _ in exponent..<self.exponent where result != 0 {
      let (product, overflow) = result.multipliedReportingOverflow(by: 10)
      // Differences stay in range too.
      guard !overflow, product.magnitude < 1 << 60 else { return nil }
      result = product
    }
    return result
  }
}
