// SPDX-License-Identifier: Apache-2.0
import Segment

/// Checked values of a golden's metadata and tensors.
extension SafetensorsFile {
  /// A whole number of the metadata.
  func integer(_ key: String, in range: ClosedRange<Int>) throws(GoldenError) -> Int {
    guard let value = metadata[key].flatMap({ Int($0) }), range.contains(value) else {
      throw .badMetadata(key, metadata[key])
    }
    return value
  }

  func number(_ key: String, in range: ClosedRange<Double>) throws(GoldenError) -> Double {
    guard let value = metadata[key].flatMap({ Double($0) }), range.contains(value) else {
      throw .badMetadata(key, metadata[key])
    }
    return value
  }

  /// Rows and columns, "32x32".
  func size(_ key: String) throws(GoldenError) -> Grid {
    let parts = metadata[key]?.split(separator: "x", omittingEmptySubsequences: false).compactMap { Int($0) } ?? []
    guard parts.count == 2, parts.allSatisfy({ (1...1 << 15).contains($0) }) else {
      throw .badMetadata(key, metadata[key])
    }
    return Grid(height: parts[0], width: parts[1])
  }

  /// The names of all stages of a golden of a network, stored or not, in the order of their computation.
  var stageNames: [String] { (metadata["stages"] ?? "").split(separator: ",").map(String.init) }

  /// A file name without folders.
  func fileName(_ key: String) throws(GoldenError) -> String {
    guard let name = metadata[key], !name.isEmpty, !Path.hasSlash(name) else { throw .badMetadata(key, metadata[key]) }
    return name
  }

  /// The elements of a tensor whose shape must be as given.
  func elements(_ name: String, shape: [Int]) throws(GoldenError) -> ContiguousArray<Double> {
    if let found = entries[name]?.shape, found != shape {
      throw .badStage(name, "has shape \(found), expected \(shape)")
    }
    let count = shape.reduce(1, *)
    guard count <= FeatureMap.maximumValues else {
      throw .badStage(name, "has \(count) numbers, the limit is \(FeatureMap.maximumValues)")
    }
    do throws(SafetensorsError) {
      return try doubles(name)
    } catch {
      throw .badFile(error)
    }
  }
}
