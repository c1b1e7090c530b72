// SPDX-License-Identifier: Apache-2.0
import Tensor

// The tensors that a model needs and the work of its stages, from its networks on placeholders; see `WeightReader.outline`.

extension ModelConfiguration {
  /// Returns the stages with products that an image of size × size pixels goes through, in order.
  package func work(size: Int) -> [StageWork] {
    vae.outline.network.work(size: size)
      + unet.outline.network.work(
        latentSide: size / vae.pixelsPerLatent, promptTokens: textEncoders.map(\.positionCount).max() ?? 0)
  }

  /// The stages of the empty prompt: once for each checkpoint.
  package var promptWork: [StageWork] {
    zip(TextEncoderConfiguration.stageNames, textEncoders).map { $1.outline(stage: $0).work }
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
  fileprivate var outline: (network: UNetEncoder, tensors: [TensorRequirement]) {
    WeightReader.outline { try UNetEncoder($0, self, prompt: .placeholder) }
  }

  /// Every tensor that the features depend on, in the order of the computation.
  package var requirements: [TensorRequirement] { outline.tensors }
}

extension TextEncoderConfiguration {
  /// The names of the stages of the text encoders, in their order.
  package static let stageNames = [ModelComponent.textEncoder, .secondTextEncoder].map(\.rawValue)

  /// The layers are made one after the other, so that tensors and work follow from one pass.
  fileprivate func outline(stage: String = "") -> (work: StageWork, tensors: [TensorRequirement]) {
    let (work, tensors) = WeightReader.outline { weights in
      var work = StageWork(stage)
      try TextEncoder(weights, self).count(in: &work)
      return work
    }
    return (work, tensors)
  }

  /// Every tensor that the outputs depend on, in the order of the computation.
  package var requirements: [TensorRequirement] { outline().tensors }
}
