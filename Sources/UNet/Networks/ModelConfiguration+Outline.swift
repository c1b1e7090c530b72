// SPDX-License-Identifier: Apache-2.0
import Tensor

// The tensors that a model needs and the work of its stages, from its networks on placeholders; see `WeightReader.outline`.

extension ModelConfiguration {
  /// Returns the stages with products that an image of size × size pixels goes through, in order.
  package func work(size: Int) -> [StageWork] {
    vae.outline.network.work(size: size)
      + unet.outline(promptCount: textEncoders.map(\.positionCount).max() ?? 0)
      .network.work(latentSide: size / vae.pixelsPerLatent)
  }

  /// The stages of the empty prompt: once for each checkpoint.
  package var promptWork: [StageWork] {
    zip(TextEncoderConfiguration.stageNames, textEncoders).map { name, encoder in
      var work = StageWork(name)
      _ = encoder.outline(in: &work)
      return work
    }
  }
}

extension VAEConfiguration {
  fileprivate var outline: (network: VAEEncoder, tensors: [TensorRequirement]) {
    WeightReader.outline { try VAEEncoder($0, self) }
  }

  /// Every tensor of the encoder, in the order of the computation.
  package var requirements: [TensorRequirement] { outline.tensors }
}

extension UNetConfiguration {
  fileprivate func outline(promptCount: Int = 1) -> (network: UNetEncoder, tensors: [TensorRequirement]) {
    let prompt = PromptEmbedding(hidden: Tensor(zeros: [promptCount, contextWidth]), pooled: nil)
    return WeightReader.outline { try UNetEncoder($0, self, prompt: prompt) }
  }

  /// Every tensor that the features depend on, in the order of the computation.
  package var requirements: [TensorRequirement] { outline().tensors }
}

extension TextEncoderConfiguration {
  /// The names of the stages of the text encoders, in their order.
  package static let stageNames = [ModelComponent.textEncoder, .secondTextEncoder].map(\.rawValue)

  /// Counts the multiply-accumulates, and returns the tensors.
  fileprivate func outline(in work: inout StageWork) -> [TensorRequirement] {
    WeightReader.outline { try TextEncoder($0, self).count(in: &work) }.tensors
  }

  /// Every tensor that the outputs depend on, in the order of the computation.
  package var requirements: [TensorRequirement] {
    var work = StageWork("")
    return outline(in: &work)
  }
}
