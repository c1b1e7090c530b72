// SPDX-License-Identifier: Apache-2.0

/// The encoder of the variational autoencoder that turns pixels into latents.
package struct VAEConfiguration: Equatable, Sendable {
  package var inputChannels: Int
  /// Channels of each block; all but the last end with a halving of the resolution.
  package var widths: [Int]
  package var resnetsPerBlock: Int
  /// Channels of the mean; the encoder's output has as many again for the variance.
  package var latentChannels: Int
  package var groupCount: Int
  /// The latent is the posterior's mean times this.
  package var scalingFactor: Float

  /// Fixed by the architecture: no configuration file has it.
  package static let groupEpsilon: Float = 1e-6

  package init(
    inputChannels: Int, widths: [Int], resnetsPerBlock: Int, latentChannels: Int, groupCount: Int = 32,
    scalingFactor: Float
  ) {
    self.inputChannels = inputChannels
    self.widths = widths
    self.resnetsPerBlock = resnetsPerBlock
    self.latentChannels = latentChannels
    self.groupCount = groupCount
    self.scalingFactor = scalingFactor
  }

  /// Pixels along one side of a latent.
  package var pixelsPerLatent: Int { 1 << (widths.count - 1) }

  /// Every tensor of the encoder, in the order of the computation.
  package var requirements: [TensorRequirement] {
    let (first, last) = (widths.first ?? 0, widths.last ?? 0)
    var result = TensorRequirement.layer("encoder.conv_in", [first, inputChannels, 3, 3])
    var width = first
    for (index, output) in widths.enumerated() {
      let name = "encoder.down_blocks.\(index)"
      for resnet in 0..<resnetsPerBlock {
        result += TensorRequirement.resnet("\(name).resnets.\(resnet)", from: width, to: output)
        width = output
      }
      if index < widths.count - 1 {
        result += TensorRequirement.layer("\(name).downsamplers.0.conv", [width, width, 3, 3])
      }
    }
    result += TensorRequirement.resnet("encoder.mid_block.resnets.0", from: last, to: last)
    let attention = "encoder.mid_block.attentions.0"
    result += TensorRequirement.layer("\(attention).group_norm", [last])
    for name in ["to_q", "to_k", "to_v", "to_out.0"] {
      result += TensorRequirement.layer("\(attention).\(name)", [last, last])
    }
    result += TensorRequirement.resnet("encoder.mid_block.resnets.1", from: last, to: last)
    result += TensorRequirement.layer("encoder.conv_norm_out", [last])
    result += TensorRequirement.layer("encoder.conv_out", [2 * latentChannels, last, 3, 3])
    return result + TensorRequirement.layer("quant_conv", [2 * latentChannels, 2 * latentChannels, 1, 1])
  }
}
