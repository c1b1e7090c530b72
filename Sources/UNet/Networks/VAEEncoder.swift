// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Pixels to latents: the encoder half of `AutoencoderKL`, the posterior's mean times the scaling factor.
package struct VAEEncoder: Sendable {
  private struct DownBlock: Sendable {
    let resnets: [ResnetBlock]
    let downsample: Convolution2D?
  }

  private let configuration: VAEConfiguration
  private let convIn: Convolution2D
  private let blocks: [DownBlock]
  private let middle: (ResnetBlock, GroupNorm, MultiHeadAttention, ResnetBlock)
  private let normOut: GroupNorm
  private let convOut: Convolution2D
  private let quantization: Linear

  /// - Throws: the source's errors for weights that are missing or wrong.
  package init(_ weights: WeightReader, _ configuration: VAEConfiguration) throws {
    self.configuration = configuration
    let encoder = weights.module("encoder")
    let (groups, epsilon) = (configuration.groupCount, VAEConfiguration.groupEpsilon)
    var width = configuration.widths.first ?? 0
    convIn = try Convolution2D(
      encoder.module("conv_in"), from: configuration.inputChannels, to: width, padding: Padding(1))
    var blocks: [DownBlock] = []
    for (index, output) in configuration.widths.enumerated() {
      let module = encoder.module("down_blocks.\(index)")
      var resnets: [ResnetBlock] = []
      for resnet in 0..<configuration.resnetsPerBlock {
        resnets.append(
          try ResnetBlock(module.module("resnets.\(resnet)"), from: width, to: output, groups: groups, epsilon: epsilon)
        )
        width = output
      }
      let isLast = index == configuration.widths.count - 1
      blocks.append(
        DownBlock(
          resnets: resnets,
          // Zeros on the right and below only: diffusers pads before this convolution, which has no padding itself.
          downsample: isLast
            ? nil
            : try Convolution2D(
              module.module("downsamplers.0.conv"), from: width, to: width, stride: 2,
              padding: Padding(top: 0, left: 0, bottom: 1, right: 1))))
    }
    self.blocks = blocks
    let mid = encoder.module("mid_block")
    middle = (
      try ResnetBlock(mid.module("resnets.0"), from: width, to: width, groups: groups, epsilon: epsilon),
      try GroupNorm(mid.module("attentions.0.group_norm"), channels: width, groups: groups, epsilon: epsilon),
      try MultiHeadAttention(mid.module("attentions.0"), width: width, headCount: 1, naming: .vae),
      try ResnetBlock(mid.module("resnets.1"), from: width, to: width, groups: groups, epsilon: epsilon)
    )
    normOut = try GroupNorm(encoder.module("conv_norm_out"), channels: width, groups: groups, epsilon: epsilon)
    let moments = 2 * configuration.latentChannels
    convOut = try Convolution2D(encoder.module("conv_out"), from: width, to: moments, padding: Padding(1))
    quantization = try Linear(weights.module("quant_conv"), from: moments, to: moments, isConvolution: true)
  }

  /// - Shapes: `image` [height, width, 3] in −1 ... 1, result [height / 8, width / 8, 4] for the published widths.
  package func callAsFunction(_ image: Tensor, observer: StageObserver = StageObserver()) -> Tensor {
    observer.begin("vae.conv_in")
    var x = convIn(image)
    observer.report("vae.conv_in", x)
    for (index, block) in blocks.enumerated() {
      for (position, resnet) in block.resnets.enumerated() {
        Self.apply(resnet, to: &x, "vae.down_blocks.\(index).resnets.\(position)", observer)
      }
      if let downsample = block.downsample {
        let name = "vae.down_blocks.\(index).downsamplers.0"
        observer.begin(name)
        x = downsample(x)
        observer.report(name, x)
      }
    }
    Self.apply(middle.0, to: &x, "vae.mid_block.resnets.0", observer)
    observer.begin("vae.mid_block.attentions.0")
    let tokens = x.reshaped([x.shape[0] * x.shape[1], x.shape[2]])
    x = middle.2(middle.1(tokens), adding: tokens).reshaped(x.shape)
    observer.report("vae.mid_block.attentions.0", x)
    Self.apply(middle.3, to: &x, "vae.mid_block.resnets.1", observer)
    observer.begin("vae.conv_out")
    x = convOut(x, after: normOut.thenSiLU(of: x))
    observer.report("vae.conv_out", x)
    let mean = quantization(x).channels(0..<configuration.latentChannels)
    observer.report("vae.mean", mean)
    let latent = mean.scaled(by: configuration.scalingFactor)
    observer.report("latent", latent)
    return latent
  }

  private static func apply(_ resnet: ResnetBlock, to x: inout Tensor, _ name: String, _ observer: StageObserver) {
    observer.begin(name)
    resnet.apply(to: &x)
    observer.report(name, x)
  }
}
