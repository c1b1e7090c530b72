// SPDX-License-Identifier: Apache-2.0
import Segment

/// Features, and the labels that dense float64 algebra gives them.
package struct CutGolden: Sendable {
  package let features: FeatureMap
  package let tau: Double
  package let alpha: Double
  /// Cuts that are accepted.
  package let cuts: Int
  /// Rows and columns of the pixels.
  package let mask: Grid
  /// The class of every node and of every pixel.
  package let nodes: [Int]
  package let pixels: [Int32]

  /// - Throws: `GoldenError`.
  package init(_ file: SafetensorsFile) throws(GoldenError) {
    let grid = try file.size("grid")
    tau = try file.number("tau", in: 0...2)
    alpha = try file.number("alpha", in: 1e-6...1e6)
    cuts = try file.integer("cuts", in: 0...Int.max)
    mask = try file.size("mask")
    let channels = file.entries["features"]?.shape.last ?? 0
    let values = try file.elements("features", shape: [grid.count, channels])
    do throws(FeatureError) {
      features = try FeatureMap(grid: grid, channels: channels, values: values)
    } catch {
      throw .badStage("features", "is not valid (\(error))")
    }
    func labels(_ name: String, shape: [Int]) throws(GoldenError) -> [Int] {
      let labels = try file.elements(name, shape: shape).map { Int(exactly: $0) ?? -1 }
      guard labels.allSatisfy({ (0..<grid.count).contains($0) }) else {
        throw .badStage(name, "contains values that are not class numbers")
      }
      return labels
    }
    nodes = try labels("nodes", shape: [grid.count])
    pixels = try labels("pixels", shape: [mask.height, mask.width]).map { Int32($0) }
  }

  /// Cuts the graph of the features. Labels must be equal, every one: the goldens hold no case that rounding decides.
  ///
  /// - Throws: `EigensolverError`.
  package func replay() throws -> [StageComparison] {
    let partition = try DiffCut(tau: tau, alpha: alpha).partition(features)
    let map = partition.labelMap(height: mask.height, width: mask.width)
    let expectedCount = (nodes.max() ?? 0) + 1
    return [
      Self.comparison("nodes", [nodes.count], partition.labels, nodes),
      StageComparison(
        stage: "segments", shape: [],
        error: Double(abs(partition.classCount - expectedCount)) / Double(expectedCount), limit: 0,
        remark: "\(partition.classCount) segments, expected \(expectedCount)"),
      Self.comparison("pixels", [mask.height, mask.width], Array(map.labels), pixels),
    ]
  }

  private static func comparison<Label: Equatable>(
    _ stage: String, _ shape: [Int], _ found: [Label], _ expected: [Label]
  ) -> StageComparison {
    let differing = zip(found, expected).count { $0 != $1 } + abs(found.count - expected.count)
    return StageComparison(
      stage: stage, shape: shape, error: Double(differing) / Double(expected.count), limit: 0,
      remark: "\(differing) of \(expected.count) differ")
  }
}
