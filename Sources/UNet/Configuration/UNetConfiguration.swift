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

  /// Every tensor that the features depend on, in the order of the computation.
  package var requirements: [TensorRequirement] {
    let first = blocks.first?.width ?? 0
    var result = TensorRequirement.layer("conv_in", [first, inputChannels, 3, 3])
    var embeddings = [("time_embedding", timeSinusoidWidth)]
    if let addedConditioning { embeddings.append(("add_embedding", addedConditioning.inputWidth)) }
    for (name, input) in embeddings {
      result += TensorRequirement.layer("\(name).linear_1", [timeEmbeddingWidth, input])
      result += TensorRequirement.layer("\(name).linear_2", [timeEmbeddingWidth, timeEmbeddingWidth])
    }
    var width = first
    for (index, block) in blocks.enumerated() {
      let name = "down_blocks.\(index)"
      for resnet in 0..<block.resnetCount {
        result += TensorRequirement.resnet(
          "\(name).resnets.\(resnet)", from: width, to: block.width, timeWidth: timeEmbeddingWidth)
        width = block.width
        guard resnet < block.transformerDepths.count else { continue }
        let isLast = index == blocks.count - 1 && resnet == block.transformerDepths.count - 1
        result += transformer(
          "\(name).attentions.\(resnet)", width, depth: block.transformerDepths[resnet], endsAtHook: isLast)
      }
      if index < blocks.count - 1 {
        result += TensorRequirement.layer("\(name).downsamplers.0.conv", [width, width, 3, 3])
      }
    }
    return result
  }

  private func transformer(_ name: String, _ width: Int, depth: Int, endsAtHook: Bool) -> [TensorRequirement] {
    let projection = usesLinearProjection ? [width, width] : [width, width, 1, 1]
    var result = TensorRequirement.layer("\(name).norm", [width])
    result += TensorRequirement.layer("\(name).proj_in", projection)
    for index in 0..<depth {
      let block = "\(name).transformer_blocks.\(index)"
      result += TensorRequirement.layer("\(block).norm1", [width])
      result += attention("\(block).attn1", width, context: width)
      if endsAtHook && index == depth - 1 { return result }
      result += TensorRequirement.layer("\(block).norm2", [width])
      result += attention("\(block).attn2", width, context: contextWidth)
      let hidden = Self.feedForwardFactor * width
      result += TensorRequirement.layer("\(block).norm3", [width])
      result += TensorRequirement.layer("\(block).ff.net.0.proj", [2 * hidden, width])
      result += TensorRequirement.layer("\(block).ff.net.2", [width, hidden])
    }
    return result + TensorRequirement.layer("\(name).proj_out", projection)
  }

  private func attention(_ name: String, _ width: Int, context: Int) -> [TensorRequirement] {
    TensorRequirement.layer("\(name).to_q", [width, width], hasBias: false)
      + TensorRequirement.layer("\(name).to_k", [width, context], hasBias: false)
      + TensorRequirement.layer("\(name).to_v", [width, context], hasBias: false)
      + TensorRequirement.layer("\(name).to_out.0", [width, width])
  }
}
