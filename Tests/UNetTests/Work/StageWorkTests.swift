// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing
import UNet

@Suite struct StageWorkTests {
  /// Depths of the three published models' transformers and their context, at the published widths.
  private static func published(_ depths: [[Int]], context: Int, added: Bool) -> ModelConfiguration {
    let unet = UNetConfiguration(
      inputChannels: 4,
      blocks: zip([320, 640, 1280], depths).map {
        UNetConfiguration.DownBlock(width: $0, resnetCount: 2, transformerDepths: $1, headCount: 8)
      },
      timeSinusoidWidth: 320, timeEmbeddingWidth: 1280, contextWidth: context,
      addedConditioning: added
        ? UNetConfiguration.AddedConditioning(pooledWidth: 1280, sinusoidWidth: 256) : nil,
      usesLinearProjection: added)
    let vae = VAEConfiguration(
      inputChannels: 3, widths: [128, 256, 512, 512], resnetsPerBlock: 2, latentChannels: 4, scalingFactor: 0.18215)
    func text(_ width: Int, _ layers: Int, _ output: TextEncoderConfiguration.Output, projection: Int?)
      -> TextEncoderConfiguration
    {
      TextEncoderConfiguration(
        vocabularySize: 49408, positionCount: 77, width: width, layerCount: layers, headCount: width / 64,
        feedForwardWidth: 4 * width, activation: .gelu, output: output, projectionWidth: projection, paddingToken: 0)
    }
    return ModelConfiguration(
      unet: unet, vae: vae,
      textEncoders: added
        ? [text(768, 12, .penultimate, projection: nil), text(1280, 32, .penultimate, projection: 1280)]
        : [text(768, 12, .final, projection: nil)])
  }

  private static let ssd1B = published([[], [2, 2], [4, 4]], context: 2048, added: true)
  private static let vega = published([[], [1, 1], [2, 2]], context: 2048, added: true)
  private static let stableDiffusion = published([[1, 1], [1, 1], [1, 1]], context: 768, added: false)

  /// Thousands of millions with one decimal: total, 3×3 convolutions, linear layers, attention.
  private func billions(_ stages: [StageWork]) -> [Double] {
    [\.total, \.convolution, \.linear, \.attention].map { (part: KeyPath<StageWork, Int>) in
      (Double(stages.reduce(0) { $0 + $1[keyPath: part] }) / 1e8).rounded() / 10
    }
  }

  /// At 512 pixels these totals are what PyTorch's FLOP counter gives for diffusers' modules.
  @Test(arguments: [
    (512, [558.3, 532.6, 8.6, 17.2]), (1024, [2439.5, 2130.2, 34.4, 274.9]), (2048, [13056.4, 8520.9, 137.4, 4398.0]),
  ])
  func workOfTheVAE(size: Int, expected: [Double]) {
    let stages = Self.ssd1B.work(size: size).filter { $0.stage.hasPrefix("vae.") }
    #expect(billions(stages) == expected)
  }

  @Test(arguments: [
    (ssd1B, 512, [142.7, 43.5, 91.7, 7.5]), (ssd1B, 1024, [640.2, 173.8, 356.0, 110.4]),
    (ssd1B, 2048, [3838.4, 695.3, 1412.9, 1730.1]), (vega, 512, [91.6, 43.5, 44.4, 3.7]),
    (vega, 1024, [401.7, 173.8, 172.8, 55.1]), (vega, 2048, [2246.1, 695.3, 686.1, 864.6]),
    (stableDiffusion, 512, [113.5, 43.5, 44.8, 25.2]), (stableDiffusion, 1024, [746.6, 173.8, 178.2, 394.5]),
    (stableDiffusion, 2048, [7688.2, 695.3, 711.7, 6281.1]),
  ])
  func workOfTheUNet(configuration: ModelConfiguration, size: Int, expected: [Double]) {
    let stages = configuration.work(size: size).filter { $0.stage.hasPrefix("unet.") }
    #expect(billions(stages) == expected)
  }

  @Test func workOfTheTextEncoders() {
    func hundredths(_ stages: [StageWork]) -> [Double] { stages.map { (Double($0.total) / 1e7).rounded() / 100 } }
    #expect(hundredths(Self.ssd1B.promptWork) == [6.10, 48.93])
    #expect(hundredths(Self.stableDiffusion.promptWork) == [6.65])
  }

  /// The bound counts what is executed: whole tiles of F(6×6, 3×3) where they need fewer products than F(4×4, 3×3).
  @Test func theBoundCountsWinogradsProducts() {
    let stages = Self.ssd1B.work(size: 1024)
    func bound(_ prefix: String) -> Double {
      (Double(stages.filter { $0.stage.hasPrefix(prefix) }.reduce(0) { $0 + $1.bound }) / 1e9).rounded()
    }
    #expect(bound("vae.") == 783 && bound("unet.") == 508)
  }

  /// A convolution with stride 2 is bounded by its Winograd tiles, not by its sums.
  @Test func aBoundWithStride2IsNotExceeded() throws {
    let stage = try #require(Self.ssd1B.work(size: 1024).first { $0.stage == "vae.down_blocks.0.downsamplers.0" })
    // 512² outputs in 128² tiles of 9² points, between 128 channels.
    #expect(stage.executedConvolution == 128 * 128 * 81 * 128 * 128)
    #expect(stage.convolution == 512 * 512 * 9 * 128 * 128 && stage.bound == stage.executedConvolution)
  }

  /// Three channels are too few for the filtering.
  @Test func convolutionsOfFewChannelsAreDirect() throws {
    let stage = try #require(Self.ssd1B.work(size: 1024).first { $0.stage == "vae.conv_in" })
    #expect(stage.bound == stage.total && stage.total == 1024 * 1024 * 9 * 3 * 128)
  }

  /// The plan is what happens, in order; stages without products are reported beside it.
  @Test(arguments: SyntheticArchitecture.allCases, FeatureLevel.allCases)
  func stagesBeginInTheOrderOfTheirWork(architecture: SyntheticArchitecture, level: FeatureLevel) throws {
    let checkpoint = try DiffusionCheckpoint(
      opening: .resolve(Fixture.path("diffusion/\(architecture.rawValue)")))
    var begun: [String] = []
    let observer = StageObserver(willBegin: { begun.append($0) })
    let model = try DiffusionModel(checkpoint, level: level, observer: observer)
    #expect(begun == checkpoint.configuration.promptWork.map(\.stage))
    let image = Tensor([64, 64, 3], values: (0..<64 * 64 * 3).map { Float($0 % 7) / 7 })
    for unplanned in [["image", "vae.weights", "noise", "unet.weights"], ["image", "noise"]] {
      begun = []
      _ = try model.features(of: image, size: 64, observer: observer)
      let planned = model.configuration.work(size: 64).map(\.stage)
      #expect(begun.filter { !unplanned.contains($0) } == planned)
      #expect(begun.filter(unplanned.contains) == unplanned)
    }
  }
}
