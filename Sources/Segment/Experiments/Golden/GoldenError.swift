// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// Why a file is no golden that can be replayed.
package enum GoldenError: Error, Equatable, Sendable, CustomStringConvertible {
  case badFile(SafetensorsError)
  /// Another kind of file: a checkpoint, features.
  case unknownKind(tensors: [String])
  /// A value that is missing, when nil, or cannot be.
  case badMetadata(String, String?)
  case badStage(String, String)
  /// A size or a timestep that the model does not have.
  case badSetting(EncoderError)
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
    case .badSetting(let error): "golden: \(error)"
    case .nothingToCompare: "golden: none of its stages is one that diffcut computes"
    }
  }
}
