// SPDX-License-Identifier: Apache-2.0

/// The reason why a model cannot encode images with a setting.
public enum EncoderError: Error, Equatable, Sendable, CustomStringConvertible {
  case badSize(Int, multipleOf: Int)
  case badTimestep(Int, count: Int)
  /// A size that is not a multiple of a vision transformer's patch.
  case badPatchSize(height: Int, width: Int, patch: Int)
  /// A size with more patches than a graph has nodes.
  case tooManyPatches(EncodingSize, patches: Int, limit: Int)
  /// A block that the model does not have, from 1.
  case badLayer(Int, count: Int)

  public var description: String {
    switch self {
    case .badSize(let size, let step):
      "image size \(size) is not supported, expected a multiple of \(step), at least \(2 * step); "
        + "the nearest is \(max(2, (size + step / 2) / step) * step)"
    case .badTimestep(let timestep, let count): "timestep \(timestep) is out of range, expected 0 to \(count - 1)"
    case .badPatchSize(let height, let width, let patch):
      "image size \(height)x\(width) is not supported, expected multiples of the patch, \(patch); the nearest is "
        + "\(Self.nearest(height, patch))x\(Self.nearest(width, patch))"
    case .tooManyPatches(let size, let patches, let limit):
      "image size \(size) gives \(patches) patches; the limit is \(limit)"
    case .badLayer(let layer, let count): "layer \(layer) is out of range, expected 1 to \(count)"
    }
  }

  private static func nearest(_ side: Int, _ step: Int) -> Int { max(1, (side + step / 2) / step) * step }
}
