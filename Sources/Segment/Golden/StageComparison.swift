// SPDX-License-Identifier: Apache-2.0
import Tensor

/// What replaying one stage of a golden gave.
package struct StageComparison: Equatable, Sendable {
  package let stage: String
  package let shape: [Int]
  /// Relative Frobenius error of numbers; for labels the share that differ. Not finite where a result is not, or has
  /// another shape.
  package let error: Double
  package let limit: Double
  /// What a number does not tell; nil if there is nothing to say.
  package let remark: String?

  package init(stage: String, shape: [Int], error: Double, limit: Double, remark: String? = nil) {
    self.stage = stage
    self.shape = shape
    self.error = error
    self.limit = limit
    self.remark = remark
  }

  /// False for a NaN.
  package var isWithinLimit: Bool { error <= limit }
}

/// Why a file is no golden that can be replayed.
package enum GoldenError: Error, Equatable, Sendable, CustomStringConvertible {
  case badFile(SafetensorsError)
  /// Another kind of file: a checkpoint, features.
  case unknownKind(tensors: [String])
  /// A value that is missing, when nil, or cannot be.
  case badMetadata(String, String?)
  case badStage(String, String)
  /// No stored stage is one that the network computes under that name.
  case nothingToCompare

  package var description: String {
    switch self {
    case .badFile(let error): "\(error)"
    case .unknownKind(let tensors):
      "not a golden: its metadata name no stages, no tau and no crop; it holds "
        + (tensors.isEmpty ? "no tensor" : tensors.prefix(3).map { "'\($0)'" }.joined(separator: ", "))
        + (tensors.count > 3 ? " and \(tensors.count - 3) more" : "")
    case .badMetadata(let key, nil): "golden: no metadata '\(key)'"
    case .badMetadata(let key, let value?): "golden: metadata '\(key)' is '\(value)'"
    case .badStage(let name, let reason): "golden: stage '\(name)': \(reason)"
    case .nothingToCompare: "golden: none of its stages is one that diffcut computes"
    }
  }
}

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

  /// A file name without folders.
  func fileName(_ key: String) throws(GoldenError) -> String {
    guard let name = metadata[key], !name.isEmpty, !name.contains("/") else { throw .badMetadata(key, metadata[key]) }
    return name
  }

  /// The elements of a tensor whose shape must be as given.
  func elements(_ name: String, shape: [Int]) throws(GoldenError) -> ContiguousArray<Double> {
    if let found = entries[name]?.shape, found != shape {
      throw .badStage(name, "shape \(found), expected \(shape)")
    }
    do throws(SafetensorsError) {
      return try doubles(name)
    } catch {
      throw .badFile(error)
    }
  }
}
