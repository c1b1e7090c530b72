// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The empty prompt as the UNet sees it: one for each checkpoint.
package struct PromptEmbedding: Sendable {
  /// [positions, context width]: the text encoders' outputs side by side.
  package let hidden: Tensor
  /// [1, pooled width]; XL models.
  package let pooled: Tensor?

  /// An embedding without tokens, for networks that are made for their shapes alone.
  static let placeholder = PromptEmbedding(hidden: .empty, pooled: nil)

  package init(hidden: Tensor, pooled: Tensor?) {
    self.hidden = hidden
    self.pooled = pooled
  }

  /// Runs the text encoders, in the order in which their outputs are joined.
  ///
  /// - Throws: the source's errors for weights that are missing or wrong.
  package init(
    _ encoders: [(weights: WeightReader, configuration: TextEncoderConfiguration)],
    observer: StageObserver = StageObserver()
  ) throws {
    let results = try zip(TextEncoderConfiguration.stageNames, encoders).map { stage, encoder in
      observer.begin(stage)
      return try TextEncoder(encoder.weights, encoder.configuration).emptyPrompt()
    }
    hidden = Tensor(joiningChannels: results.map(\.hidden))
    pooled = results.compactMap(\.pooled).last
  }
}

extension DiffusionCheckpoint {
  /// The empty prompt's embedding: computed, or as a packed model holds it.
  ///
  /// - Throws: `CheckpointError` for text encoders that are not whole.
  package func emptyPrompt(observer: StageObserver = StageObserver()) throws -> PromptEmbedding {
    switch prompt {
    case .textEncoders(let stores):
      let encoders = zip(stores, configuration.textEncoders)
      return try PromptEmbedding(encoders.map { (weights: WeightReader($0), configuration: $1) }, observer: observer)
    case .packed(let embedding, _): return embedding
    }
  }
}
