// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The contracting half of the UNet, up to the self-attention that its configuration ends at; nothing past it is read.
package struct UNetEncoder: Sendable {
  private struct DownBlock: Sendable {
    let resnets: [ResnetBlock]
    /// As many as `resnets`, or none.
    let transformers: [SpatialTransformer]
    let downsample: Convolution2D?
  }

  private let prompt: PromptEmbedding
  private let embedding: TimestepEmbedding
  private let convIn: Convolution2D
  private let blocks: [DownBlock]

  /// - Parameter prompt: the empty prompt's embedding.
  /// - Throws: the source's errors for weights that are missing or wrong.
  package init(_ weights: WeightReader, _ configuration: UNetConfiguration, prompt: PromptEmbedding) throws {
    self.prompt = prompt
    embedding = try TimestepEmbedding(weights, configuration)
    var width = configuration.blocks.first?.width ?? 0
    convIn = try Convolution2D(
      weights.module("conv_in"), from: configuration.inputChannels, to: width, padding: Padding(1))
    var blocks: [DownBlock] = []
    for (index, block) in configuration.blocks.enumerated() {
      let module = weights.module("down_blocks.\(index)")
      let isLast = index == configuration.blocks.count - 1
      var (resnets, transformers) = ([ResnetBlock](), [SpatialTransformer]())
      for resnet in 0..<block.resnetCount {
        resnets.append(
          try ResnetBlock(
            module.module("resnets.\(resnet)"), from: width, to: block.width,
            timeWidth: configuration.timeEmbeddingWidth, groups: configuration.groupCount,
            epsilon: configuration.resnetEpsilon))
        width = block.width
        guard resnet < block.transformerDepths.count else { continue }
        transformers.append(
          try SpatialTransformer(
            module.module("attentions.\(resnet)"), width: width, depth: block.transformerDepths[resnet],
            prompt: prompt.hidden, headCount: block.headCount,
            endsAtHook: isLast && resnet == block.transformerDepths.count - 1,
            configuration: configuration))
      }
      blocks.append(
        DownBlock(
          resnets: resnets, transformers: transformers,
          downsample: isLast
            ? nil
            : try Convolution2D(
              module.module("downsamplers.0.conv"), from: width, to: width, stride: 2, padding: Padding(1))))
    }
    self.blocks = blocks
  }

  /// - Parameters:
  ///   - latent: the noisy latent, [height, width, 4].
  ///   - size: side of the image in pixels.
  ///   - weightBlocks: the blocks whose last self-attention's weights are wanted; each is a stage `attention.SIDE` more.
  /// - Returns: the last self-attention of every block with attention; for a whole configuration the last is DiffCut's, the
  ///   one before has twice the resolution.
  package func callAsFunction(
    _ latent: Tensor, timestep: Int, size: Int, weightsOf weightBlocks: Set<Int> = [],
    observer: StageObserver = StageObserver()
  ) -> [HookedAttention] {
    observer.begin("unet.embedding")
    let emb = embedding(timestep: timestep, pooled: prompt.pooled, size: size)
    observer.report("unet.embedding", emb)
    observer.begin("unet.conv_in")
    var x = convIn(latent)
    observer.report("unet.conv_in", x)
    var hooked: [HookedAttention] = []
    for (index, block) in blocks.enumerated() {
      let name = "unet.down_blocks.\(index)"
      for (position, resnet) in block.resnets.enumerated() {
        observer.begin("\(name).resnets.\(position)")
        resnet.apply(to: &x, embedding: emb)
        observer.report("\(name).resnets.\(position)", x)
        guard position < block.transformers.count else { continue }
        observer.begin("\(name).attentions.\(position)")
        let isHooked = position == block.transformers.count - 1
        let (output, attended, scores) = block.transformers[position](
          x, keepingScores: isHooked && weightBlocks.contains(index))
        if isHooked {
          let features = attended.reshaped([x.shape[0], x.shape[1], attended.shape[1]])
          if output == nil { observer.report("features", features) }
          if scores != nil { observer.begin("attention.\(x.shape[0])") }
          hooked.append(HookedAttention(features: features, weights: scores?.meanWeights()))
        }
        guard let output else { return hooked }
        x = output
        observer.report("\(name).attentions.\(position)", x)
      }
      if let downsample = block.downsample {
        observer.begin("\(name).downsamplers.0")
        x = downsample(x)
        observer.report("\(name).downsamplers.0", x)
      }
    }
    return hooked
  }
}

/// What is taken of a self-attention.
package struct HookedAttention: Sendable {
  /// Its output before it is added to the stream, [height, width, channels].
  package let features: Tensor
  /// Mean over its heads of how much each place attends to each, [places, places]; nil unless it was asked for.
  package let weights: Tensor?
}
