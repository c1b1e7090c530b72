// SPDX-License-Identifier: Apache-2.0

/// What single files leave out: the settings that all published models of one structure share.
///
/// Sources: the `config.json` files of Stable Diffusion 1.4 and SDXL as loaders quote them (kohya-ss/sd-scripts
/// `library/model_util.py`, `library/sdxl_model_util.py`; ComfyUI `comfy/supported_models.py`, whose SSD-1B and
/// Segmind-Vega have SDXL's settings with other depths).
struct ModelFamily: Equatable, Sendable {
  enum HeadRule: Equatable, Sendable {
    /// Channels of one head.
    case width(Int)
    /// Heads, whatever the width.
    case count(Int)
  }

  struct TextSettings: Equatable, Sendable {
    let activation: TextEncoderConfiguration.Activation
    let padding: PaddingToken
  }

  let name: String
  let traits: Traits
  let unetHeads: HeadRule
  let textHeadWidth: Int
  let textEncoders: [TextSettings]
  let scalingFactor: Float

  /// What shapes and names show.
  struct Traits: Equatable, Sendable {
    /// For each of the UNet's down blocks up to the last one with attention, whether it has attention.
    var attentionBlocks: [Bool]
    var hasAddedConditioning: Bool
    var usesLinearProjection: Bool
    var textEncoderCount: Int
  }

  static let known = [
    ModelFamily(
      name: "Stable Diffusion XL",
      traits: Traits(
        attentionBlocks: [false, true, true], hasAddedConditioning: true, usesLinearProjection: true,
        textEncoderCount: 2),
      unetHeads: .width(64), textHeadWidth: 64,
      textEncoders: [
        TextSettings(activation: .quickGELU, padding: .endToken),
        TextSettings(activation: .gelu, padding: .exclamationMark),
      ],
      scalingFactor: 0.13025),
    ModelFamily(
      name: "Stable Diffusion 1.x",
      traits: Traits(
        attentionBlocks: [true, true, true], hasAddedConditioning: false, usesLinearProjection: false,
        textEncoderCount: 1),
      unetHeads: .count(8), textHeadWidth: 64,
      textEncoders: [TextSettings(activation: .quickGELU, padding: .endToken)],
      scalingFactor: 0.18215),
  ]
}

/// The token that fills a prompt, as tokenizers name it.
enum PaddingToken: String, Equatable, Sendable {
  case endToken = "<|endoftext|>"
  case exclamationMark = "!"

  func id(vocabularySize: Int) -> Int {
    switch self {
    case .endToken: vocabularySize - 1
    case .exclamationMark: 0
    }
  }
}

extension ModelFamily.Traits: CustomStringConvertible {
  var description: String {
    let blocks = attentionBlocks.indices.filter { attentionBlocks[$0] }.map { "\($0)" }.joined(separator: ", ")
    return "attention in down blocks \(blocks), \(hasAddedConditioning ? "" : "no ")added conditioning, "
      + "\(usesLinearProjection ? "linear" : "convolutional") projections, "
      + "\(textEncoderCount) text encoder\(textEncoderCount == 1 ? "" : "s")"
  }
}

extension ModelFamily.HeadRule {
  /// Heads of an attention; nil when the rule does not fit its width.
  func headCount(width: Int) -> Int? {
    switch self {
    case .width(let size): width % size == 0 ? width / size : nil
    case .count(let count): width % count == 0 ? count : nil
    }
  }
}

/// Files of other kinds of models, told by names of their tensors.
enum UnsupportedFamily {
  /// What a file is that has no UNet of ours under the names of a single file; nil when it may be one.
  static func describe(names: some Collection<String>) -> String? {
    markers.first { marker in names.contains { $0.hasPrefix(marker.prefix) } }?.description
  }

  private static let markers: [(prefix: String, description: String)] = [
    (PackedModel.hiddenName, "a packed model without its metadata; pack the original model again"),
    ("double_blocks.", "a Flux model"),
    ("model.diffusion_model.double_blocks.", "a Flux model"),
    ("joint_blocks.", "a Stable Diffusion 3 model"),
    ("model.diffusion_model.joint_blocks.", "a Stable Diffusion 3 model"),
    ("control_model.", "a ControlNet"),
    ("controlnet_cond_embedding.", "a ControlNet"),
    ("lora_", "a LoRA, not a complete model"),
    ("unet.down_blocks.", "a LoRA, not a complete model"),
    ("cond_stage_model.model.", "a Stable Diffusion 2.x single file"),
    ("conditioner.embedders.0.model.", "a Stable Diffusion XL refiner"),
    ("transformer_blocks.", "a diffusion transformer"),
    ("down_blocks.", "a UNet without its VAE and text encoders; pass the model's folder"),
    ("encoder.down", "a VAE without its UNet; pass the model's folder"),
    ("text_model.", "a text encoder without its UNet; pass the model's folder"),
  ]
}
