// SPDX-License-Identifier: Apache-2.0

/// Filters a row in all five ways and chooses one.
struct PNGRowFilter {
  private let distance: Int
  /// What lies above the first row (PNG 9.2).
  private let zeros: ContiguousArray<UInt8>
  /// The row after each filter, by raw value.
  private(set) var candidates: [ContiguousArray<UInt8>]

  init(rowByteCount: Int, distance: Int) {
    self.distance = distance
    zeros = ContiguousArray(repeating: 0, count: rowByteCount)
    candidates = Array(repeating: zeros, count: PNGFilter.allCases.count)
  }

  /// The filter with the least sum of absolute differences, bytes taken as signed; the lower type of equal ones.
  ///
  /// - Source: PNG specification, 12.7.
  mutating func best(_ rows: ContiguousArray<UInt8>, start: Int) -> PNGFilter {
    let zeros = zeros
    let row = rows.span.extracting(start..<start + zeros.count)
    if start == 0 { return Self.best(row, zeros.span, distance, &candidates) }
    return Self.best(row, rows.span.extracting(start - zeros.count..<start), distance, &candidates)
  }

  private static func best(
    _ row: Span<UInt8>, _ above: Span<UInt8>, _ distance: Int, _ candidates: inout [ContiguousArray<UInt8>]
  ) -> PNGFilter {
    var best = PNGFilter.none
    var least = Int.max
    for filter in PNGFilter.allCases {
      let cost = apply(filter, row, above, distance, into: &candidates[Int(filter.rawValue)])
      if cost < least { (best, least) = (filter, cost) }
    }
    return best
  }

  /// Filters one row and returns its sum of absolute differences.
  private static func apply(
    _ filter: PNGFilter, _ row: Span<UInt8>, _ above: Span<UInt8>, _ distance: Int,
    into target: inout ContiguousArray<UInt8>
  ) -> Int {
    switch filter {
    case .none: subtract(row, above, distance, into: &target) { _, _, _ in 0 }
    case .sub: subtract(row, above, distance, into: &target) { a, _, _ in a }
    case .up: subtract(row, above, distance, into: &target) { _, b, _ in b }
    case .average: subtract(row, above, distance, into: &target) { a, b, _ in PNGFilter.average(a, b) }
    case .paeth: subtract(row, above, distance, into: &target) { a, b, c in PNGFilter.paethPredictor(a, b, c) }
    }
  }

  /// Subtracts the prediction from a, b and c; a and c are 0 for the first `distance` bytes.
  @inline(__always)
  private static func subtract(
    _ row: Span<UInt8>, _ above: Span<UInt8>, _ distance: Int, into target: inout ContiguousArray<UInt8>,
    _ prediction: (UInt8, UInt8, UInt8) -> UInt8
  ) -> Int {
    var target = target.mutableSpan
    var cost = 0
    let head = min(distance, row.count)
    for index in 0..<head {
      let value = row[index] &- prediction(0, above[index], 0)
      target[index] = value
      cost &+= Int(Int8(bitPattern: value).magnitude)
    }
    for index in head..<row.count {
      let left = index &- distance
      let value = row[index] &- prediction(row[left], above[index], above[left])
      target[index] = value
      cost &+= Int(Int8(bitPattern: value).magnitude)
    }
    return cost
  }
}
