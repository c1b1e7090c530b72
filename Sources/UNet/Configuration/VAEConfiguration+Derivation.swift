// SPDX-License-Identifier: Apache-2.0
import Tensor

extension VAEConfiguration {
  /// Settings with another value than these mean another computation. An absent entry has the first value.
  private static let fixedSettings: [(key: String, values: [JSON])] = [
    ("act_fn", [.string("silu"), .string("swish")]), ("shift_factor", []), ("latents_mean", []),
    ("mid_block_add_attention", [.bool(true)]), ("use_quant_conv", [.bool(true)]),
  ]

  /// diffusers' default, which the configuration file of Stable Diffusion 1.4 relies on.
  private static let defaultScalingFactor: Float = 0.18215

  static func derive(
    from store: WeightStore, file: ConfigurationFile?, family: ModelFamily?
  ) throws(CheckpointError) -> VAEConfiguration {
    try file?.requires(fixedSettings)
    let input = try store.extents("encoder.conv_in.weight", rank: 4)
    let output = try store.extents("quant_conv.weight", rank: 4)
    var widths: [Int] = []
    for index in 0..<max(1, try store.count(after: "encoder.down_blocks.")) {
      widths.append(try store.extents("encoder.down_blocks.\(index).resnets.0.conv1.weight", rank: 4)[0])
    }
    guard output[0] % 2 == 0 else {
      throw .unsupportedStructure(
        path: store.path, found: "\(output[0]) channels in quant_conv",
        expected: "an even number: mean and variance of each latent channel")
    }
    guard widths.count <= 8 else {
      throw .unsupportedStructure(path: store.path, found: "\(widths.count) blocks in the VAE", expected: "at most 8")
    }
    let scaling = try file.map { file throws(CheckpointError) in
      try file.positive("scaling_factor") ?? defaultScalingFactor
    }
    guard let scaling = scaling ?? family?.scalingFactor else {
      throw .needsConfiguration(path: store.path, reason: "the scaling factor of its VAE is unknown")
    }
    let result = VAEConfiguration(
      inputChannels: input[1], widths: widths,
      resnetsPerBlock: try store.count(after: "encoder.down_blocks.0.resnets."),
      latentChannels: output[0] / 2, groupCount: try file?.count("norm_num_groups") ?? 32, scalingFactor: scaling)
    guard result.inputChannels == 3 else {
      throw .unsupportedStructure(
        path: store.path, found: "a VAE with \(result.inputChannels) image channels", expected: "3")
    }
    for width in widths { try store.requireDivisible(width, by: result.groupCount, "groups of a normalization") }
    if let file {
      for (index, width) in widths.enumerated() {
        try file.agrees("block_out_channels[\(index)]", file.count("block_out_channels", block: index), with: width)
      }
      try file.agrees("latent_channels", file.count("latent_channels"), with: result.latentChannels)
      try file.agrees("layers_per_block", file.count("layers_per_block"), with: result.resnetsPerBlock)
    }
    return result
  }
}
