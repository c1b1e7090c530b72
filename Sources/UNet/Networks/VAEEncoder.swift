// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Pixels to latents: the encoder half of `AutoencoderKL`, the posterior's mean times the scaling factor.
package struct VAEEncoder: Sendable {
  private struct Stage: Sendable {
    let name: String
    let module: Module
  }

  private enum Module: Sendable {
    case convolution(Convolution2D)
    case resnet(ResnetBlock)
    case attention(PixelAttention)
    /// The last convolution, after normalization and SiLU.
    case output(GroupNorm, Convolution2D)
  }

  private let configuration: VAEConfiguration
  private let stages: [Stage]
  /// A 1×1 convolution. It belongs to the last stage.
  private let quantization: Linear

  /// - Throws: the source's errors for weights that are missing or wrong.
  package init(_ weights: WeightReader, _ configuration: VAEConfiguration) throws {
    self.configuration = configuration
    let encoder = weights.module("encoder")
    let (groups, epsilon) = (configuration.groupCount, VAEConfiguration.groupEpsilon)
    var width = configuration.widths.first ?? 0
    var stages: [Stage] = []
    func add(_ name: String, _ make: (WeightReader) throws -> Module) rethrows {
      stages.append(Stage(name: "vae.\(name)", module: try make(encoder.module(name))))
    }
    func addResnet(_ name: String, to output: Int) throws {
      try add(name) { .resnet(try ResnetBlock($0, from: width, to: output, groups: groups, epsilon: epsilon)) }
      width = output
    }
    try add("conv_in") {
      .convolution(try Convolution2D($0, from: configuration.inputChannels, to: width, padding: Padding(1)))
    }
    for (index, output) in configuration.widths.enumerated() {
      for resnet in 0..<configuration.resnetsPerBlock {
        try addResnet("down_blocks.\(index).resnets.\(resnet)", to: output)
      }
      guard index < configuration.widths.count - 1 else { continue }
      // Zeros on the right and below only: diffusers pads before this convolution, which has no padding itself.
      try add("down_blocks.\(index).downsamplers.0") {
        .convolution(
          try Convolution2D(
            $0.module("conv"), from: width, to: width, stride: 2, padding: Padding(bottom: 1, right: 1)))
      }
    }
    try addResnet("mid_block.resnets.0", to: width)
    try add("mid_block.attentions.0") {
      .attention(try PixelAttention($0, width: width, groups: groups, epsilon: epsilon))
    }
    try addResnet("mid_block.resnets.1", to: width)
    let moments = 2 * configuration.latentChannels
    let norm = try GroupNorm(encoder.module("conv_norm_out"), channels: width, groups: groups, epsilon: epsilon)
    try add("conv_out") { .output(norm, try Convolution2D($0, from: width, to: moments, padding: Padding(1))) }
    self.stages = stages
    quantization = try Linear(weights.module("quant_conv"), from: moments, to: moments, window: 1)
  }

  /// - Shapes: `image` [height, width, 3] in −1 ... 1, result [height / 8, width / 8, 4] for the published widths.
  package func callAsFunction(_ image: Tensor, observer: StageObserver = StageObserver()) -> Tensor {
    var x = image
    for stage in stages {
      observer.begin(stage.name)
      switch stage.module {
      case .convolution(let convolution): x = convolution(x)
      case .resnet(let resnet): resnet.apply(to: &x)
      case .attention(let attention): x = attention(x)
      case .output(let norm, let convolution): x = convolution(x, after: norm.thenSiLU(of: x))
      }
      observer.report(stage.name, x)
    }
    let mean = quantization(x).channels(0..<configuration.latentChannels)
    observer.report("vae.mean", mean)
    let latent = mean.scaled(by: configuration.scalingFactor)
    observer.report("latent", latent)
    return latent
  }

  /// Returns the multiply-accumulates of every stage, in order.
  ///
  /// - Parameter size: side of the square image.
  func work(size: Int) -> [StageWork] {
    var side = size
    return stages.map { stage in
      StageWork(stage.name) { work in
        switch stage.module {
        case .convolution(let convolution): convolution.count(side: &side, in: &work)
        case .resnet(let resnet): resnet.count(side: side, in: &work)
        case .attention(let attention): attention.count(tokens: side * side, in: &work)
        case .output(_, let convolution):
          convolution.count(side: &side, in: &work)
          quantization.count(rows: side * side, in: &work)
        }
      }
    }
  }
}
