// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Image in, segments out: encoder → affinity → recursive normalized cut → labels.
public struct Segmenter: Sendable {
  public let encoder: any FeatureEncoder
  public let options: SegmentationOptions

  public init(encoder: any FeatureEncoder = BuiltInEncoder(), options: SegmentationOptions = SegmentationOptions()) {
    self.encoder = encoder
    self.options = options
  }

  /// τ and α in force.
  public var tau: Double { options.tau ?? encoder.defaultTau }
  public var alpha: Double { options.alpha ?? encoder.defaultAlpha }

  /// Segments an image at its own size.
  ///
  /// - Throws: the encoder's errors; `EigensolverError` when an eigenproblem does not converge.
  public func segment(_ image: Image) throws -> Segmentation {
    let start = Platform.monotonicSeconds
    let encoded = try encoder.encode(image)
    let encodedAt = Platform.monotonicSeconds
    let partition = try encoded.nodes.partition(tau: tau, alpha: alpha, floor: encoder.similarityFloor)
    let cutAt = Platform.monotonicSeconds
    let map = partition.labelMap(
      height: image.height, width: image.width, upsampling: options.upsampling, fine: encoded.fine)
    let ranked = map.rankedByArea()
    return Segmentation(
      labelMap: ranked, tree: partition.tree, grid: encoded.nodes.grid,
      seconds: (encodedAt - start, cutAt - encodedAt, Platform.monotonicSeconds - cutAt))
  }
}
