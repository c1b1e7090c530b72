// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The configuration files of a synthetic model, with the fields and in the order of `fixtures/generate/diffusion.py`.
extension SyntheticDimensions {
  /// `config.json` of a component.
  func configuration(of component: ModelComponent) -> OrderedJSON {
    switch component {
    case .unet: unetConfiguration
    case .vae: vaeConfiguration
    case .textEncoder: textConfiguration(0)
    case .secondTextEncoder: textConfiguration(1)
    case .visionTransformer: [:]
    }
  }

  private func textConfiguration(_ index: Int) -> OrderedJSON {
    let (text, isSecond) = (text[index], index == 1)
    return [
      "architectures": .strings([isSecond ? "CLIPTextModelWithProjection" : "CLIPTextModel"]),
      "attention_dropout": 0.0, "bos_token_id": 0, "dropout": 0.0, "eos_token_id": 2,
      "hidden_act": isSecond ? "gelu" : "quick_gelu", "hidden_size": .integer(text.width), "initializer_factor": 1.0,
      "initializer_range": 0.02, "intermediate_size": .integer(text.feedForwardWidth), "layer_norm_eps": 1e-5,
      "max_position_embeddings": .integer(Self.positionCount), "model_type": "clip_text_model",
      "num_attention_heads": .integer(text.heads), "num_hidden_layers": .integer(text.layers), "pad_token_id": 1,
      "projection_dim": .integer(text.width), "torch_dtype": architecture.isXL ? "float16" : "float32",
      "transformers_version": "4.34.1", "vocab_size": .integer(vocabularySize),
    ]
  }

  private var version: OrderedJSON { architecture.isXL ? "0.22.0.dev0" : "0.2.2" }

  private var vaeConfiguration: OrderedJSON {
    let common: OrderedJSON = [
      "_class_name": "AutoencoderKL", "_diffusers_version": version, "act_fn": "silu",
      "block_out_channels": .integers(vaeWidths),
      "down_block_types": .strings(vaeWidths.map { _ in "DownEncoderBlock2D" }), "in_channels": 3,
      "latent_channels": .integer(Self.latentChannels), "layers_per_block": 2, "norm_num_groups": .integer(vaeGroups),
      "out_channels": 3, "sample_size": architecture.isXL ? 1024 : 512,
      "up_block_types": .strings(vaeWidths.map { _ in "UpDecoderBlock2D" }),
    ]
    // Stable Diffusion 1.4 leaves its scaling factor to the default, 0.18215.
    return architecture.isXL ? common + ["force_upcast": true, "scaling_factor": 0.13025] : common
  }

  private var unetConfiguration: OrderedJSON {
    let common: OrderedJSON = [
      "_class_name": "UNet2DConditionModel", "act_fn": "silu",
      "attention_head_dim": heads.count == 1 ? .integer(heads[0]) : .integers(heads),
      "block_out_channels": .integers(widths), "center_input_sample": false,
      "cross_attention_dim": .integer(contextWidth), "downsample_padding": 1, "flip_sin_to_cos": true, "freq_shift": 0,
      "in_channels": 4, "layers_per_block": 2, "mid_block_scale_factor": 1, "norm_eps": 1e-5,
      "norm_num_groups": .integer(groups), "out_channels": 4, "_diffusers_version": version,
    ]
    let down = downDepths.map { $0.isEmpty ? "DownBlock2D" : "CrossAttnDownBlock2D" }
    let up = upDepths.map { $0.isEmpty ? "UpBlock2D" : "CrossAttnUpBlock2D" }
    guard architecture.isXL else {
      return common + ["down_block_types": .strings(down), "sample_size": 64, "up_block_types": .strings(up)]
    }
    let rest: OrderedJSON = [
      "addition_embed_type": "text_time", "addition_embed_type_num_heads": 64,
      "addition_time_embed_dim": .integer(sizeSinusoidWidth), "attention_type": "default", "class_embed_type": .null,
      "conv_in_kernel": 3, "conv_out_kernel": 3, "down_block_types": .strings(down), "dropout": 0.0,
      "dual_cross_attention": false, "encoder_hid_dim": .null, "mid_block_type": "UNetMidBlock2D",
      "num_attention_heads": .null, "only_cross_attention": false,
      "projection_class_embeddings_input_dim": .integer(addedWidth), "resnet_time_scale_shift": "default",
      "sample_size": 128, "time_embedding_type": "positional", "up_block_types": .strings(up),
      "upcast_attention": .null, "use_linear_projection": true,
    ]
    return common + rest + depthConfiguration
  }

  /// Published files state the depths in two forms, and a number for blocks that have no transformer.
  private var depthConfiguration: OrderedJSON {
    let key = "transformer_layers_per_block"
    guard architecture == .ssd1B else {
      return .object([.init(key: key, value: .integers(downDepths.map { $0.first ?? 1 }))])
    }
    let down = downDepths.map { OrderedJSON.integers($0.isEmpty ? [1] : $0) }
    let up = upDepths.map { $0.isEmpty ? .integer(1) : OrderedJSON.integers($0) }
    return .object([.init(key: key, value: .array(down)), .init(key: "reverse_\(key)", value: .array(up))])
  }

  /// `scheduler/scheduler_config.json`.
  var schedulerConfiguration: OrderedJSON {
    let common: OrderedJSON = [
      "beta_end": 0.012, "beta_schedule": "scaled_linear", "beta_start": 0.00085, "clip_sample": false,
      "num_train_timesteps": 1000, "set_alpha_to_one": false, "skip_prk_steps": true, "steps_offset": 1,
      "_class_name": .string(schedulerClass),
    ]
    guard architecture.isXL else { return common + ["trained_betas": .null] }
    return common + [
      "interpolation_type": "linear", "prediction_type": "epsilon", "sample_max_value": 1.0,
      "timestep_spacing": "leading", "trained_betas": .null, "use_karras_sigmas": false,
    ]
  }

  private var schedulerClass: String { architecture.isXL ? "EulerDiscreteScheduler" : "PNDMScheduler" }

  /// `model_index.json`, without tokenizers: the ids of the empty prompt follow from the height of the token table.
  var indexConfiguration: OrderedJSON {
    let xl = architecture.isXL
    let second: OrderedJSON = [
      "force_zeros_for_empty_prompt": true,
      "text_encoder_2": .strings(["transformers", "CLIPTextModelWithProjection"]),
    ]
    let first: OrderedJSON = [
      "_class_name": xl ? "StableDiffusionXLPipeline" : "StableDiffusionPipeline", "_diffusers_version": version,
      "scheduler": .strings(["diffusers", schedulerClass]),
      "text_encoder": .strings(["transformers", "CLIPTextModel"]),
    ]
    return (xl ? first + second : first) + [
      "unet": .strings(["diffusers", "UNet2DConditionModel"]), "vae": .strings(["diffusers", "AutoencoderKL"]),
    ]
  }
}
