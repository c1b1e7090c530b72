// SPDX-License-Identifier: Apache-2.0

/// The published models that can be synthesized, by the names of `fixtures/generate/diffusion.py`.
package enum SyntheticArchitecture: String, CaseIterable, Sendable {
  case ssd1B = "ssd-1b"
  case vega
  case stableDiffusion14 = "sd1.4"

  var isXL: Bool { self != .stableDiffusion14 }

  package var components: [ModelComponent] {
    isXL ? [.unet, .vae, .textEncoder, .secondTextEncoder] : [.unet, .vae, .textEncoder]
  }
}

/// All numbers of a model: the published ones, or narrow ones with the same blocks, layers and transformer depths.
///
/// Sources: the models' published configurations; the narrow widths are those of `fixtures/generate/diffusion.py`.
struct SyntheticDimensions: Equatable, Sendable {
  struct Text: Equatable, Sendable {
    let width: Int
    let layers: Int
    let heads: Int
    let feedForwardWidth: Int
  }

  let architecture: SyntheticArchitecture
  let widths: [Int]
  let heads: [Int]
  let groups: Int
  /// Transformer blocks after each residual block of a down block.
  let downDepths: [[Int]]
  /// The same of the up blocks, in the order of their computation.
  let upDepths: [[Int]]
  let middleHasAttention: Bool
  /// Width of one sinusoid of the added conditioning.
  let sizeSinusoidWidth: Int
  let vaeWidths: [Int]
  let vaeGroups: Int
  let text: [Text]
  let vocabularySize: Int

  static let positionCount = 77
  static let latentChannels = 4
  static let publishedVocabularySize = 49_408
  /// The block that holds the hook, in the last of its attentions.
  static let hookBlock = 2

  init(_ architecture: SyntheticArchitecture, isFull: Bool, vocabularySize: Int?) {
    self.architecture = architecture
    let xl = architecture.isXL
    switch architecture {
    case .ssd1B:
      widths = isFull ? [320, 640, 1280] : [16, 32, 64]
      heads = isFull ? [5, 10, 20] : [2, 4, 8]
      groups = isFull ? 32 : 8
      downDepths = [[], [2, 2], [4, 4]]
      upDepths = [[4, 4, 10], [2, 1, 1], []]
    case .vega:
      widths = isFull ? [320, 640, 1280] : [12, 24, 48]
      heads = isFull ? [5, 10, 20] : [1, 2, 4]
      groups = isFull ? 32 : 4
      downDepths = [[], [1, 1], [2, 2]]
      upDepths = [[2, 2, 2], [1, 1, 1], []]
    case .stableDiffusion14:
      widths = isFull ? [320, 640, 1280, 1280] : [8, 16, 32, 32]
      heads = [isFull ? 8 : 2]
      groups = isFull ? 32 : 4
      downDepths = [[1, 1], [1, 1], [1, 1], []]
      upDepths = [[], [1, 1, 1], [1, 1, 1], [1, 1, 1]]
    }
    middleHasAttention = !xl
    sizeSinusoidWidth = isFull ? 256 : 16
    vaeWidths = isFull ? [128, 256, 512, 512] : [8, 16, 32, 32]
    vaeGroups = isFull ? 32 : 4
    let first =
      isFull
      ? Text(width: 768, layers: 12, heads: 12, feedForwardWidth: 3072)
      : Text(width: 24, layers: 3, heads: 2, feedForwardWidth: 96)
    let second =
      isFull
      ? Text(width: 1280, layers: 32, heads: 20, feedForwardWidth: 5120)
      : Text(width: 32, layers: 3, heads: 4, feedForwardWidth: 128)
    text = xl ? [first, second] : [first]
    self.vocabularySize = vocabularySize ?? (isFull ? Self.publishedVocabularySize : 48)
  }

  var timeWidth: Int { 4 * widths[0] }
  var contextWidth: Int { text.reduce(0) { $0 + $1.width } }
  /// Width of the input of the added embedding: the pooled text and six sinusoids.
  var addedWidth: Int { (text.last?.width ?? 0) + 6 * sizeSinusoidWidth }
}
