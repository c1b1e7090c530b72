// SPDX-License-Identifier: Apache-2.0

/// Everything about a model's encoder half that is not a weight: what is built, how wide and how deep.
///
/// Widths and depths are read off the names and shapes of the weights; head counts, activations, epsilons and the scaling
/// factor, which weights do not show, come from the configuration files or from `ModelFamily`.
package struct ModelConfiguration: Equatable, Sendable {
  package var unet: UNetConfiguration
  package var vae: VAEConfiguration
  /// One, or two for XL models, whose outputs lie side by side.
  package var textEncoders: [TextEncoderConfiguration]
  package var schedule: ScheduleConfiguration

  package init(
    unet: UNetConfiguration, vae: VAEConfiguration, textEncoders: [TextEncoderConfiguration],
    schedule: ScheduleConfiguration = ScheduleConfiguration()
  ) {
    self.unet = unet
    self.vae = vae
    self.textEncoders = textEncoders
    self.schedule = schedule
  }

  /// Pixels along one side of what becomes one feature vector: 8 of the VAE times 4 of the UNet for published models.
  package var pixelsPerFeature: Int { vae.pixelsPerLatent << (unet.blocks.count - 1) }

  /// The name under which a model of these widths and depths was published, for reports; nothing depends on it.
  package var publishedName: String? {
    Self.published.first { known in
      known.widths == unet.blocks.map(\.width) && known.depths == unet.blocks.map(\.transformerDepths)
        && known.contextWidth == unet.contextWidth
    }?.name
  }

  private static let published: [(name: String, widths: [Int], depths: [[Int]], contextWidth: Int)] = [
    ("SSD-1B", [320, 640, 1280], [[], [2, 2], [4, 4]], 2048),
    ("Segmind-Vega", [320, 640, 1280], [[], [1, 1], [2, 2]], 2048),
    ("Stable Diffusion XL", [320, 640, 1280], [[], [2, 2], [10, 10]], 2048),
    ("Stable Diffusion 1.x", [320, 640, 1280], [[1, 1], [1, 1], [1, 1]], 768),
    ("Stable Diffusion 2.x", [320, 640, 1280], [[1, 1], [1, 1], [1, 1]], 1024),
  ]
}

/// The noise schedule: β_i = (the i-th of `count` points from √first to √last)².
package struct ScheduleConfiguration: Equatable, Sendable {
  package var firstBeta: Float = 0.00085
  package var lastBeta: Float = 0.012
  package var count = 1000

  package init() {}
}
