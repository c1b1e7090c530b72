// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The tensors of published models: those that the features depend on, from the networks of this module, and the rest of
/// the published files, built of the same blocks.
extension SyntheticDimensions {
  /// The tensors of a component under diffusers' present names.
  ///
  /// - Parameter isComplete: whether all tensors of the published model are listed, or those that the features depend on.
  ///   Text encoders are always complete.
  func tensors(of component: ModelComponent, isComplete: Bool) -> [TensorRequirement] {
    switch component {
    case .unet: isComplete ? completeUNet : unet(blockCount: Self.hookBlock + 1).requirements
    case .vae: vae.requirements + (isComplete ? vaeDecoder : [])
    case .textEncoder: textEncoder(text[0], projectionWidth: nil).requirements
    case .secondTextEncoder: textEncoder(text[1], projectionWidth: text[1].width).requirements
    case .visionTransformer: []
    }
  }

  private func unet(blockCount: Int) -> UNetConfiguration {
    UNetConfiguration(
      inputChannels: Self.latentChannels,
      blocks: (0..<blockCount).map {
        UNetConfiguration.DownBlock(
          width: widths[$0], resnetCount: Self.resnetCount, transformerDepths: downDepths[$0], headCount: 1)
      },
      timeSinusoidWidth: widths[0], timeEmbeddingWidth: timeWidth, contextWidth: contextWidth,
      addedConditioning: architecture.isXL
        ? UNetConfiguration.AddedConditioning(pooledWidth: text.last?.width ?? 0, sinusoidWidth: sizeSinusoidWidth)
        : nil,
      usesLinearProjection: architecture.isXL, groupCount: groups)
  }

  private var vae: VAEConfiguration {
    VAEConfiguration(
      inputChannels: Self.imageChannels, widths: vaeWidths, resnetsPerBlock: Self.resnetCount,
      latentChannels: Self.latentChannels, groupCount: vaeGroups, scalingFactor: 1)
  }

  /// A text encoder with all of its layers, whatever the features depend on.
  private func textEncoder(_ text: Text, projectionWidth: Int?) -> TextEncoderConfiguration {
    TextEncoderConfiguration(
      vocabularySize: vocabularySize, positionCount: Self.positionCount, width: text.width, layerCount: text.layers,
      headCount: text.heads, feedForwardWidth: text.feedForwardWidth, activation: .gelu, output: .final,
      projectionWidth: projectionWidth, paddingToken: 0)
  }

  private static let imageChannels = 3
  /// Residual blocks of a block on the way down. Blocks on the way up have one more.
  private static let resnetCount = 2

  /// The UNet with all blocks on the way down, the middle and the way up.
  private var completeUNet: [TensorRequirement] {
    let configuration = unet(blockCount: widths.count)
    let prompt = PromptEmbedding.placeholder
    return WeightReader.outline { weights in
      _ = try UNetEncoder(weights, configuration, prompt: prompt, endsAtHook: false)
      func addResnet(_ name: String, from input: Int, to output: Int) throws {
        _ = try ResnetBlock(
          weights.module(name), from: input, to: output, timeWidth: timeWidth, groups: groups,
          epsilon: configuration.resnetEpsilon)
      }
      func addTransformers(_ name: String, _ width: Int, depths: [Int]) throws {
        for (index, depth) in depths.enumerated() {
          _ = try SpatialTransformer(
            weights.module("\(name).attentions.\(index)"), width: width, depth: depth, prompt: prompt.hidden,
            headCount: 1, endsAtHook: false, configuration: configuration)
        }
      }
      let last = widths.count - 1
      var width = widths[last]
      try addResnet("mid_block.resnets.0", from: width, to: width)
      if middleHasAttention {
        try addTransformers("mid_block", width, depths: [1])
        try addResnet("mid_block.resnets.1", from: width, to: width)
      }
      for (index, output) in widths.reversed().enumerated() {
        let name = "up_blocks.\(index)"
        // The last residual block of an up block meets what came into the down block, the others what left it.
        let entering = widths[max(0, last - index - 1)]
        for resnet in 0...Self.resnetCount {
          let skipped = resnet == Self.resnetCount ? entering : output
          try addResnet("\(name).resnets.\(resnet)", from: width + skipped, to: output)
          width = output
        }
        try addTransformers(name, width, depths: upDepths[index])
        if index < last { try weights.addUpsampler(name, width) }
      }
      try weights.addOutput(from: width, to: Self.latentChannels, groups: groups)
    }.tensors
  }

  /// The decoder of the VAE, with the 1×1 convolution before it.
  private var vaeDecoder: [TensorRequirement] {
    WeightReader.outline { weights in
      let decoder = weights.module("decoder")
      var width = vaeWidths.last ?? 0
      func addResnet(_ name: String, to output: Int) throws {
        _ = try ResnetBlock(
          decoder.module(name), from: width, to: output, groups: vaeGroups, epsilon: VAEConfiguration.groupEpsilon)
        width = output
      }
      _ = try Convolution2D(decoder.module("conv_in"), from: Self.latentChannels, to: width, padding: Padding(1))
      for resnet in 0..<2 { try addResnet("mid_block.resnets.\(resnet)", to: width) }
      _ = try PixelAttention(
        decoder.module("mid_block.attentions.0"), width: width, groups: vaeGroups,
        epsilon: VAEConfiguration.groupEpsilon)
      for (index, output) in vaeWidths.reversed().enumerated() {
        let name = "up_blocks.\(index)"
        for resnet in 0...Self.resnetCount { try addResnet("\(name).resnets.\(resnet)", to: output) }
        if index < vaeWidths.count - 1 { try decoder.addUpsampler(name, width) }
      }
      try decoder.addOutput(from: width, to: Self.imageChannels, groups: vaeGroups)
      _ = try Linear(
        weights.module("post_quant_conv"), from: Self.latentChannels, to: Self.latentChannels, window: 1)
    }.tensors
  }
}

extension WeightReader {
  fileprivate func addUpsampler(_ block: String, _ width: Int) throws {
    _ = try Convolution2D(module("\(block).upsamplers.0.conv"), from: width, to: width, padding: Padding(1))
  }

  /// The normalization and the convolution at the end of a network.
  fileprivate func addOutput(from width: Int, to channels: Int, groups: Int) throws {
    _ = try GroupNorm(module("conv_norm_out"), channels: width, groups: groups, epsilon: VAEConfiguration.groupEpsilon)
    _ = try Convolution2D(module("conv_out"), from: width, to: channels, padding: Padding(1))
  }
}
