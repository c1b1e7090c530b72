// SPDX-License-Identifier: Apache-2.0
import Tensor

/// A vision transformer with random weights, in the structure and the files of a published one.
package struct SyntheticVisionTransformer: SyntheticFolder {
  /// The published models that can be synthesized, by the names of their repositories.
  package enum Architecture: String, CaseIterable, Sendable {
    case dinoViTS16 = "dino-vits16"
    case dinoViTB8 = "dino-vitb8"
    case dinov2Small = "dinov2-small"
    case dinov2Base = "dinov2-base"
    case dinov2Large = "dinov2-large"
    case dinov2Giant = "dinov2-giant"
    case dinov2RegistersSmall = "dinov2-with-registers-small"
  }

  package let architecture: Architecture
  package let seed: UInt32
  package let isXL = false
  private let configuration: VisionTransformerConfiguration
  private let isComplete: Bool

  /// - Parameters:
  ///   - isFull: the published widths instead of two blocks of width 64.
  ///   - form: nil: every tensor of the published model.
  package init(
    _ architecture: Architecture, isFull: Bool, form: SyntheticModel.Form? = nil, seed: UInt32 = 42
  ) {
    self.architecture = architecture
    self.seed = seed
    isComplete = form != .trimmed
    configuration = architecture.configuration(isFull: isFull)
  }

  package var folderFiles: [SyntheticFile] {
    let layout: VisionTransformerNaming.Layout = configuration.family == .dino ? .vit : .dinov2
    let naming = VisionTransformerNaming(layout, isGated: configuration.isGated)
    // The mask token serves the training of DINOv2; no feature depends on it.
    let unused =
      isComplete && layout == .dinov2 ? [TensorRequirement("embeddings.mask_token", [1, configuration.width])] : []
    let tensors = (configuration.requirements + unused).map { tensor in
      SyntheticFile.Stored(
        planned: SafetensorsFile.Planned(naming.fileName(tensor.name), .float32, tensor.shape),
        content: .weights(.visionTransformer, [tensor]))
    }
    return [SyntheticFile("model.safetensors", tensors, metadata: ["format": "pt"])]
  }

  package var configurations: [(path: String, text: String)] {
    let patch = configuration.patchSize
    var settings: OrderedJSON = [
      "hidden_act": "gelu", "hidden_size": .integer(configuration.width),
      "image_size": .integer(configuration.positionSide * patch), "layer_norm_eps": .number(1e-6),
      "model_type": .string(configuration.family.modelType), "num_attention_heads": .integer(configuration.headCount),
      "num_channels": 3, "num_hidden_layers": .integer(configuration.depth), "patch_size": .integer(patch),
      "qkv_bias": true,
    ]
    if configuration.family == .dino {
      settings = settings + ["intermediate_size": .integer(configuration.hiddenWidth)]
    } else {
      settings = settings + ["mlp_ratio": 4, "use_swiglu_ffn": .bool(configuration.isGated)]
    }
    if configuration.registerCount > 0 {
      settings = settings + ["num_register_tokens": .integer(configuration.registerCount)]
    }
    let pixels: OrderedJSON = [
      "do_normalize": true, "image_mean": .array([0.485, 0.456, 0.406]), "image_std": .array([0.229, 0.224, 0.225]),
    ]
    return [
      (VisionTransformerCheckpoint.configurationName, settings.indentedText + "\n"),
      (VisionTransformerCheckpoint.preprocessorName, pixels.indentedText + "\n"),
    ]
  }
}

extension SyntheticVisionTransformer.Architecture {
  /// The published widths and depths, or narrow ones.
  ///
  /// Source: the models' published configurations.
  fileprivate func configuration(isFull: Bool) -> VisionTransformerConfiguration {
    let (family, width, depth, patch, side): (VisionTransformerFamily, Int, Int, Int, Int) =
      switch self {
      case .dinoViTS16: (.dino, 384, 12, 16, 14)
      case .dinoViTB8: (.dino, 768, 12, 8, 28)
      case .dinov2Small: (.dinov2, 384, 12, 14, 37)
      case .dinov2Base: (.dinov2, 768, 12, 14, 37)
      case .dinov2Large: (.dinov2, 1024, 24, 14, 37)
      case .dinov2Giant: (.dinov2, 1536, 40, 14, 37)
      case .dinov2RegistersSmall: (.dinov2WithRegisters, 384, 12, 14, 37)
      }
    let channels = isFull ? width : 64
    let isGated = self == .dinov2Giant
    // Two thirds of four times the width, rounded up to a multiple of eight: transformers' `Dinov2SwiGLUFFN`.
    let hidden = isGated ? (8 * channels / 3 + 7) / 8 * 8 : 4 * channels
    return VisionTransformerConfiguration(
      family: family, width: channels, depth: isFull ? depth : 2, headCount: isFull ? width / 64 : 2,
      hiddenWidth: hidden, isGated: isGated, patchSize: patch, registerCount: family.hasRegisters ? 4 : 0,
      positionSide: isFull ? side : 8, hasClassPosition: true, antialiasesPositions: family.antialiasesPositions,
      hasAttentionBias: true, epsilon: 1e-6, mean: VisionTransformerConfiguration.imageNetMean,
      deviation: VisionTransformerConfiguration.imageNetDeviation)
  }
}
