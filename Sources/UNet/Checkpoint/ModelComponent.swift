// SPDX-License-Identifier: Apache-2.0

/// The parts of a model that features are made with. Those of a latent diffusion model have the names of their folders in a
/// published model.
public enum ModelComponent: String, CaseIterable, Sendable {
  case unet
  case vae
  case textEncoder = "text_encoder"
  /// XL models have a second text encoder.
  case secondTextEncoder = "text_encoder_2"
  /// All of a vision transformer. Its files lie in the model's own folder.
  case visionTransformer = "vit"

  /// The name of the weight file up to a variant such as ".fp16" and the ending.
  package var weightStem: String {
    switch self {
    case .unet, .vae: "diffusion_pytorch_model"
    case .textEncoder, .secondTextEncoder, .visionTransformer: "model"
    }
  }

  /// The component's folder in a published model, with a slash behind it; empty for the model's own folder.
  var folder: String { self == .visionTransformer ? "" : "\(rawValue)/" }

  /// Where a published folder has the component's settings.
  var configurationPath: String { "\(folder)config.json" }

  /// Where it has the special tokens of a text encoder's tokenizer.
  var tokensPath: String { "\(tokenizerFolder ?? "")/special_tokens_map.json" }

  /// The folder of the tokenizer that belongs to a text encoder.
  private var tokenizerFolder: String? {
    switch self {
    case .unet, .vae, .visionTransformer: nil
    case .textEncoder: "tokenizer"
    case .secondTextEncoder: "tokenizer_2"
    }
  }
}
