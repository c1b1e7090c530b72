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
}
