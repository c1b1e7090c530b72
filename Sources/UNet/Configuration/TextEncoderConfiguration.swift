// SPDX-License-Identifier: Apache-2.0

/// A CLIP text encoder.
package struct TextEncoderConfiguration: Equatable, Sendable {
  package enum Activation: String, Equatable, Sendable {
    /// x·σ(1.702x).
    case quickGELU = "quick_gelu"
    /// x·Φ(x) with the error function.
    case gelu
  }

  /// What the UNet attends to.
  package enum Output: String, Equatable, Sendable {
    /// The output of the last layer but one, not normalized: XL models.
    case penultimate
    /// The output of the last layer after the final normalization: Stable Diffusion 1.x.
    case final
  }

  package var vocabularySize: Int
  package var positionCount: Int
  package var width: Int
  /// Layers of the published encoder. The last one may be absent from the file where nothing depends on it.
  package var layerCount: Int
  package var headCount: Int
  package var feedForwardWidth: Int
  package var activation: Activation
  package var epsilon: Float
  package var output: Output
  /// Width of the pooled embedding, projected from the end token of the last layer; nil when it is not used.
  package var projectionWidth: Int?
  /// What fills the prompt up to `positionCount`.
  package var paddingToken: Int

  package init(
    vocabularySize: Int, positionCount: Int, width: Int, layerCount: Int, headCount: Int, feedForwardWidth: Int,
    activation: Activation, epsilon: Float = 1e-5, output: Output, projectionWidth: Int?, paddingToken: Int
  ) {
    self.vocabularySize = vocabularySize
    self.positionCount = positionCount
    self.width = width
    self.layerCount = layerCount
    self.headCount = headCount
    self.feedForwardWidth = feedForwardWidth
    self.activation = activation
    self.epsilon = epsilon
    self.output = output
    self.projectionWidth = projectionWidth
    self.paddingToken = paddingToken
  }

  /// CLIP's vocabulary ends with `<|startoftext|>` and `<|endoftext|>`: 49406 and 49407.
  package var startToken: Int { vocabularySize - 2 }
  package var endToken: Int { vocabularySize - 1 }

  /// The token ids of the empty prompt. Padding is attended to like any other token.
  package var emptyPrompt: [Int] {
    [startToken, endToken] + Array(repeating: paddingToken, count: max(0, positionCount - 2))
  }

  /// Layers that have to be run.
  package var neededLayerCount: Int { needsLastLayer ? layerCount : layerCount - 1 }
  var needsLastLayer: Bool { output == .final || projectionWidth != nil }
}
