// SPDX-License-Identifier: Apache-2.0
import Segment

/// The settings of a refinement, as `segment` and `refine` take them.
enum RefinementOptions {
  /// - Parameters:
  ///   - prefix: before the names of the options.
  ///   - median: whether the median of label numbers follows.
  static func refinement(
    _ arguments: ParsedArguments, prefix: String, median: Bool
  ) throws(ToolError) -> Refinement {
    let iterations = try arguments.integer(prefix + "iterations", in: PAMR.iterationRange)
    let dilations = try dilations(arguments, prefix + "dilations")
    let side = try side(arguments, prefix + "size")
    return try ToolError.reading("refinement") {
      try Refinement(
        PAMR(
          iterations: iterations ?? PAMR.demo.iterations, dilations: dilations ?? PAMR.demo.dilations,
          appliesMedian: median),
        side: side)
    }
  }

  /// Whole numbers between commas.
  private static func dilations(_ arguments: ParsedArguments, _ name: String) throws(ToolError) -> [Int]? {
    guard let text = arguments.string(name) else { return nil }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    let (range, counts) = (PAMR.dilationRange, PAMR.dilationCountRange)
    let numbers = parts.compactMap { $0 }
    guard numbers.count == parts.count, numbers.allSatisfy(range.contains), counts.contains(numbers.count) else {
      throw .usage(
        "--\(name) is '\(text)', expected up to \(counts.upperBound) whole numbers from \(range.lowerBound) to "
          + "\(range.upperBound) with commas between them, such as "
          + "\(PAMR.evaluation.dilations.map(String.init).joined(separator: ","))")
    }
    return numbers
  }

  /// A number of pixels, or `own`: nil.
  private static func side(_ arguments: ParsedArguments, _ name: String) throws(ToolError) -> Int? {
    guard let text = arguments.string(name) else { return Refinement.demo.side }
    if text == "own" { return nil }
    let range = Refinement.sideRange
    guard let side = Int(text), range.contains(side) else {
      throw .usage(
        "--\(name) is '\(text)', expected a whole number from \(range.lowerBound) to \(range.upperBound), or own")
    }
    return side
  }
}

/// The refinement of a label map: the values of `--refine`.
enum RefinementChoice: String, CaseIterable {
  case none
  case pamr

  /// Reads `--refine` and its settings; nil for `none`.
  static func refinement(_ arguments: ParsedArguments) throws(ToolError) -> Refinement? {
    switch try arguments.choice("refine", of: RefinementChoice.self) ?? .none {
    case .pamr: return try RefinementOptions.refinement(arguments, prefix: "pamr-", median: true)
    case .none: return nil
    }
  }
}
