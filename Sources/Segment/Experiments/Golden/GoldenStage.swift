// SPDX-License-Identifier: Apache-2.0
import Tensor

/// One stored activation: whole, or on a grid of positions with statistics over all of them.
///
/// `fixtures/generate/diffusion.py` describes the format.
package struct GoldenStage: Sendable {
  package let name: String
  /// The activation's own shape: [height, width, channels], [rows, channels] or [channels].
  package let shape: Tensor.Shape
  private let values: Tensor
  /// [3, channels]: mean, root mean square and signed mean of every channel.
  private let statistics: Tensor?

  static let statisticsSuffix = ".statistics"

  /// - Throws: `GoldenError` for a tensor that is no part of a stage of the shape the metadata tell.
  package init(_ name: String, in file: SafetensorsFile) throws(GoldenError) {
    guard let shape = file.metadata["\(name).shape"].flatMap(Self.shape) else {
      throw .badMetadata("\(name).shape", file.metadata["\(name).shape"])
    }
    let statisticsName = name + Self.statisticsSuffix
    do throws(SafetensorsError) {
      values = try file.tensor(name)
      statistics = file.entries[statisticsName] == nil ? nil : try file.tensor(statisticsName)
    } catch {
      throw .badFile(error)
    }
    let (stored, whole) = (values.shape.extents, shape.extents)
    guard stored.count == whole.count, stored.last == whole.last,
      zip(stored, whole).allSatisfy({ $0 == $1 || $0 >= 2 && $0 < $1 })
    else { throw .badStage(name, "has a tensor of shape \(values.shape), which is not part of shape \(shape)") }
    guard values.isFinite, statistics?.isFinite ?? true else {
      throw .badStage(name, "contains NaN or infinity")
    }
    if let statistics, statistics.shape.extents != [3, whole[whole.count - 1]] {
      throw .badStage(name, "has statistics of shape \(statistics.shape), expected [3, \(whole[whole.count - 1])]")
    }
    self.name = name
    self.shape = shape
  }

  /// Reads the stages that a file stores, of those that its metadata names.
  ///
  /// - Throws: `GoldenError`, also for a tensor outside the named stages, which would never be compared.
  static func list(_ names: [String], in file: SafetensorsFile) throws(GoldenError) -> [GoldenStage] {
    let listed = Set(names + names.map { $0 + statisticsSuffix })
    if let stray = file.entries.keys.sorted().first(where: { !listed.contains($0) }) {
      throw .badStage(stray, "is not in metadata 'stages'")
    }
    var stages: [GoldenStage] = []
    for name in names where file.entries[name] != nil { stages.append(try GoldenStage(name, in: file)) }
    return stages
  }

  /// Compares a computed value with the stored one.
  func comparison(with found: Tensor, limit: Double) -> StageComparison {
    let error = error(of: found)
    return StageComparison(
      stage: name, shape: shape.extents, error: error ?? .infinity, limit: limit,
      remark: error == nil ? "computed \(found.shape)" : nil)
  }

  /// Extents "32,32,1280", each at least 1.
  private static func shape(_ text: String) -> Tensor.Shape? {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    let extents = parts.compactMap { $0 }
    guard extents.count == parts.count, (1...3).contains(extents.count), extents.allSatisfy({ $0 > 0 }) else {
      return nil
    }
    return Tensor.Shape(checking: extents)
  }

  /// The relative Frobenius error ‖found − expected‖ / ‖expected‖ over the stored positions, or that of the statistics,
  /// if larger.
  ///
  /// The differences of a channel's means are at most the root mean square of its errors, so no statistic is further off
  /// than the whole stage: both may have the same limit.
  /// - Returns: NaN or infinity where a value is not finite; nil when the shapes differ.
  package func error(of found: Tensor) -> Double? {
    let extra = found.shape.rank - shape.rank
    guard extra >= 0, found.shape.extents.prefix(extra).allSatisfy({ $0 == 1 }),
      Array(found.shape.extents.dropFirst(extra)) == shape.extents
    else { return nil }
    let sampled = values.shape == shape ? found.values : Self.sampled(found.reshaped(shape), like: values.shape)
    let error = Self.distance(sampled, values.values, relativeTo: values.values)
    guard let statistics else { return error }
    let channels = statistics.shape[1]
    let (expected, computed) = (statistics.values, Self.statistics(found, channels: channels))
    let magnitudes = Array(expected[channels..<2 * channels])
    return (0..<3).reduce(error) { largest, row in
      let range = row * channels..<(row + 1) * channels
      let error = Self.distance(Array(computed[range]), Array(expected[range]), relativeTo: magnitudes)
      // A NaN stays.
      return largest >= error || largest.isNaN ? largest : error
    }
  }

  /// Position (i, j) of m×n lies in row i·(h − 1) div (m − 1), column j·(w − 1) div (n − 1).
  private static func sampled(_ value: Tensor, like shape: Tensor.Shape) -> [Float] {
    let (whole, part) = (value.shape.extents, shape.extents)
    let channels = whole[whole.count - 1]
    let width = whole.count == 3 ? whole[1] : 1
    func places(_ axis: Int) -> [Int] {
      part[axis] == 1 ? [0] : (0..<part[axis]).map { $0 * (whole[axis] - 1) / (part[axis] - 1) }
    }
    let columns = whole.count == 3 ? places(1) : [0]
    return value.withSpan { span in
      places(0).flatMap { row in
        columns.flatMap { column in
          let start = (row * width + column) * channels
          return (start..<start + channels).map { span[$0] }
        }
      }
    }
  }

  /// Mean, root mean square, and mean with the sign turned at positions whose number has an odd count of ones, which
  /// tells positions that changed places.
  private static func statistics(_ value: Tensor, channels: Int) -> [Float] {
    let positions = value.count / channels
    var sums = [Double](repeating: 0, count: 3 * channels)
    value.withSpan { span in
      for position in 0..<positions {
        let sign = position.nonzeroBitCount.isMultiple(of: 2) ? 1.0 : -1.0
        for channel in 0..<channels {
          let x = Double(span[position * channels + channel])
          sums[channel] += x
          sums[channels + channel] += x * x
          sums[2 * channels + channel] += sign * x
        }
      }
    }
    return sums.enumerated().map { index, sum in
      let mean = sum / Double(positions)
      return Float(index / channels == 1 ? mean.squareRoot() : mean)
    }
  }

  /// ‖found − expected‖ / ‖reference‖.
  private static func distance(_ found: [Float], _ expected: [Float], relativeTo reference: [Float]) -> Double {
    let difference = zip(found, expected).reduce(0.0) { sum, pair in
      let error = Double(pair.0) - Double(pair.1)
      return sum + error * error
    }
    let magnitude = reference.reduce(0.0) { $0 + Double($1) * Double($1) }
    return difference == 0 ? 0 : (difference / magnitude).squareRoot()
  }
}
