// SPDX-License-Identifier: Apache-2.0

/// The contracting half of the UNet, up to the attention whose output the features are.
package struct UNetConfiguration: Equatable, Sendable {
  /// Residual blocks, each followed by a transformer where there are any, then a halving of the resolution.
  package struct DownBlock: Equatable, Sendable {
    package var width: Int
    package var resnetCount: Int
    /// The number of transformer blocks after each residual block; empty without attention.
    package var transformerDepths: [Int]
    /// Meaningless without attention.
    package var headCount: Int

    package init(width: Int, resnetCount: Int, transformerDepths: [Int], headCount: Int) {
      self.width = width
      self.resnetCount = resnetCount
      self.transformerDepths = transformerDepths
      self.headCount = headCount
    }
  }

  /// What XL models add to the time embedding: the pooled text embedding and six sinusoids of sizes and crops.
  package struct AddedConditioning: Equatable, Sendable {
    package var pooledWidth: Int
    package var sinusoidWidth: Int
    /// Original height and width, top and left of the crop, target height and width.
    package static let sinusoidCount = 6
    package var inputWidth: Int { pooledWidth + Self.sinusoidCount * sinusoidWidth }

    package init(pooledWidth: Int, sinusoidWidth: Int) {
      self.pooledWidth = pooledWidth
      self.sinusoidWidth = sinusoidWidth
    }
  }

  package var inputChannels: Int
  /// The last one holds the hook, in the last transformer block of its last transformer; it is not halved after.
  package var blocks: [DownBlock]
  /// Width of the timestep's sinusoids, and of the embedding made of them.
  package var timeSinusoidWidth: Int
  package var timeEmbeddingWidth: Int
  package var contextWidth: Int
  package var addedConditioning: AddedConditioning?
  /// Whether a transformer's projections were stored as linear layers or as 1×1 convolutions: the same arithmetic.
  package var usesLinearProjection: Bool
  package var groupCount: Int
  package var resnetEpsilon: Float

  /// Fixed by the architecture: no configuration file has them.
  package static let transformerGroupEpsilon: Float = 1e-6
  package static let layerNormEpsilon: Float = 1e-5
  package static let feedForwardFactor = 4

  package init(
    inputChannels: Int, blocks: [DownBlock], timeSinusoidWidth: Int, timeEmbeddingWidth: Int, contextWidth: Int,
    addedConditioning: AddedConditioning?, usesLinearProjection: Bool, groupCount: Int = 32,
    resnetEpsilon: Float = 1e-5
  ) {
    self.inputChannels = inputChannels
    self.blocks = blocks
    self.timeSinusoidWidth = timeSinusoidWidth
    self.timeEmbeddingWidth = timeEmbeddingWidth
    self.contextWidth = contextWidth
    self.addedConditioning = addedConditioning
    self.usesLinearProjection = usesLinearProjection
    self.groupCount = groupCount
    self.resnetEpsilon = resnetEpsilon
  }

  /// The module whose output the features are, before it is added to the residual stream.
  package var hook: String {
    let (block, depths) = (blocks.count - 1, blocks.last?.transformerDepths ?? [])
    return "down_blocks.\(block).attentions.\(depths.count - 1).transformer_blocks.\((depths.last ?? 0) - 1).attn1"
  }

  /// Channels of a feature vector.
  package var featureWidth: Int { blocks.last?.width ?? 0 }
}
