// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// The reason why a golden file cannot be replayed.
package enum GoldenError: Error, Equatable, Sendable, CustomStringConvertible {
  case badFile(SafetensorsError)
  /// Another kind of safetensors file, such as a checkpoint or features.
  case unknownKind(tensors: [String])
  /// A metadata value that is invalid or, for nil, missing.
  case badMetadata(String, String?)
  case badStage(String, String)
  /// An image size or a timestep that the model does not support.
  case badSetting(EncoderError)
  /// The network computes no stage under the names of the stored stages.
  case nothingToCompare

  package var description: String {
    switch self {
    case .badFile(let error): "invalid golden file: \(error.reason); generate or download the file again"
    case .unknownKind(let tensors):
      "not a golden file (its metadata names no stages, tau or crop; it contains "
        + (tensors.isEmpty ? "no tensors" : tensors.prefix(3).map { "'\($0)'" }.joined(separator: ", "))
        + (tensors.count > 3 ? " and \(tensors.count - 3) more" : "")
        + "); pass a golden file, such as those in fixtures/"
    case .badMetadata(let key, nil): "invalid golden file: metadata '\(key)' is missing; generate the file again"
    case .badMetadata(let key, let value?):
      "invalid golden file: metadata '\(key)' is '\(value)'; generate the file again"
    case .badStage(let name, let reason): "invalid golden file: stage '\(name)' \(reason); generate the file again"
    case .badSetting(let error): "invalid golden file: \(error)"
    case .nothingToCompare:
      "invalid golden file: diffcut computes none of its stages; generate the file again"
    }
  }
}
