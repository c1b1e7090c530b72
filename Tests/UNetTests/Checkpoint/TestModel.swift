// SPDX-License-Identifier: Apache-2.0
import Foundation
import Tensor
import TestSupport
import Testing
import UNet

/// A model of a published structure at narrow widths, in the folder naming, with tensors past the hook.
struct TestModel: Sendable {
  /// What distinguishes the published models.
  struct Plan: Sendable {
    let name: String
    let widths: [Int]
    /// Of each block's two transformers; 0: no attention.
    let depths: [Int]
    let isXL: Bool
    let textWidths: [Int]
    let textLayers: [Int]

    static let ssd = Plan(
      name: "SSD", widths: [32, 64, 64], depths: [0, 2, 4], isXL: true, textWidths: [64, 64], textLayers: [2, 3])
    static let vega = Plan(
      name: "Vega", widths: [32, 64, 128], depths: [0, 1, 2], isXL: true, textWidths: [64, 128], textLayers: [2, 3])
    static let sd1 = Plan(
      name: "SD1", widths: [32, 32, 64, 64], depths: [1, 1, 1, 0], isXL: false, textWidths: [64], textLayers: [2])
  }

  static let vocabulary = 50
  static let positions = 77
  static let vaeWidths = [32, 64, 64, 64]

  let plan: Plan
  var tensors: [ModelComponent: [String: Tensor]] = [:]
  /// By path in the folder.
  var configurations: [String: String] = [:]

  init(_ plan: Plan) {
    self.plan = plan
    addUNet()
    addVAE()
    for index in plan.textWidths.indices { addText(index) }
    configurations["scheduler/scheduler_config.json"] =
      #"{"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "trained_betas": null}"#
  }

  // Tensors

  /// Sixty-fourths that half precision and bfloat16 hold exactly; others for each name.
  static func values(_ name: String, _ shape: [Int]) -> Tensor {
    let seed = name.utf8.reduce(7) { ($0 * 31 + Int($1)) % 9973 }
    let count = shape.reduce(1, *)
    return Tensor(Tensor.Shape(shape), values: (0..<count).map { Float(($0 * 37 + seed) % 97 - 48) / 64 })
  }

  private mutating func add(_ component: ModelComponent, _ name: String, _ shape: [Int]) {
    tensors[component, default: [:]][name] = Self.values(name, shape)
  }

  private mutating func layer(_ component: ModelComponent, _ name: String, _ shape: [Int]) {
    add(component, "\(name).weight", shape)
    add(component, "\(name).bias", [shape[0]])
  }

  static let plans: [Plan] = [.ssd, .vega, .sd1]
  private static let models = Dictionary(uniqueKeysWithValues: plans.map { ($0.name, TestModel($0)) })

  /// Returns the model of a plan, which is made once.
  static func shared(_ plan: Plan) throws -> TestModel { try #require(models[plan.name]) }

  private mutating func resnet(_ component: ModelComponent, _ name: String, _ input: Int, _ output: Int) {
    layer(component, "\(name).norm1", [input])
    layer(component, "\(name).conv1", [output, input, 3, 3])
    if component == .unet { layer(component, "\(name).time_emb_proj", [output, 128]) }
    layer(component, "\(name).norm2", [output])
    layer(component, "\(name).conv2", [output, output, 3, 3])
    if input != output { layer(component, "\(name).conv_shortcut", [output, input, 1, 1]) }
  }

  private mutating func addUNet() {
    let (widths, context) = (plan.widths, plan.textWidths.reduce(0, +))
    layer(.unet, "conv_in", [widths[0], 4, 3, 3])
    layer(.unet, "time_embedding.linear_1", [128, widths[0]])
    layer(.unet, "time_embedding.linear_2", [128, 128])
    if plan.isXL {
      layer(.unet, "add_embedding.linear_1", [128, plan.textWidths[1] + 6 * 8])
      layer(.unet, "add_embedding.linear_2", [128, 128])
    }
    var input = widths[0]
    for (block, width) in widths.enumerated() {
      for place in 0..<2 {
        resnet(.unet, "down_blocks.\(block).resnets.\(place)", input, width)
        input = width
        guard plan.depths[block] > 0 else { continue }
        let name = "down_blocks.\(block).attentions.\(place)"
        layer(.unet, "\(name).norm", [width])
        for end in ["proj_in", "proj_out"] {
          layer(.unet, "\(name).\(end)", plan.isXL ? [width, width] : [width, width, 1, 1])
        }
        for depth in 0..<plan.depths[block] { transformerBlock("\(name).transformer_blocks.\(depth)", width, context) }
      }
      if block < widths.count - 1 { layer(.unet, "down_blocks.\(block).downsamplers.0.conv", [width, width, 3, 3]) }
    }
    resnet(.unet, "mid_block.resnets.0", input, input)
  }

  private mutating func transformerBlock(_ name: String, _ width: Int, _ context: Int) {
    for norm in ["norm1", "norm2", "norm3"] { layer(.unet, "\(name).\(norm)", [width]) }
    for (attention, source) in [("attn1", width), ("attn2", context)] {
      add(.unet, "\(name).\(attention).to_q.weight", [width, width])
      add(.unet, "\(name).\(attention).to_k.weight", [width, source])
      add(.unet, "\(name).\(attention).to_v.weight", [width, source])
      layer(.unet, "\(name).\(attention).to_out.0", [width, width])
    }
    layer(.unet, "\(name).ff.net.0.proj", [8 * width, width])
    layer(.unet, "\(name).ff.net.2", [width, 4 * width])
  }

  private mutating func addVAE() {
    let widths = Self.vaeWidths
    layer(.vae, "encoder.conv_in", [widths[0], 3, 3, 3])
    var input = widths[0]
    for (block, width) in widths.enumerated() {
      for place in 0..<2 {
        resnet(.vae, "encoder.down_blocks.\(block).resnets.\(place)", input, width)
        input = width
      }
      if block < 3 { layer(.vae, "encoder.down_blocks.\(block).downsamplers.0.conv", [width, width, 3, 3]) }
    }
    for place in 0..<2 { resnet(.vae, "encoder.mid_block.resnets.\(place)", input, input) }
    layer(.vae, "encoder.mid_block.attentions.0.group_norm", [input])
    for name in ["to_q", "to_k", "to_v", "to_out.0"] {
      layer(.vae, "encoder.mid_block.attentions.0.\(name)", [input, input])
    }
    layer(.vae, "encoder.conv_norm_out", [input])
    layer(.vae, "encoder.conv_out", [8, input, 3, 3])
    layer(.vae, "quant_conv", [8, 8, 1, 1])
    layer(.vae, "decoder.conv_in", [input, 4, 3, 3])
  }

  private mutating func addText(_ index: Int) {
    let component: ModelComponent = index == 0 ? .textEncoder : .secondTextEncoder
    let width = plan.textWidths[index]
    add(component, "text_model.embeddings.token_embedding.weight", [Self.vocabulary, width])
    add(component, "text_model.embeddings.position_embedding.weight", [Self.positions, width])
    for layerIndex in 0..<plan.textLayers[index] {
      let name = "text_model.encoder.layers.\(layerIndex)"
      for projection in ["q_proj", "k_proj", "v_proj", "out_proj"] {
        layer(component, "\(name).self_attn.\(projection)", [width, width])
      }
      layer(component, "\(name).layer_norm1", [width])
      layer(component, "\(name).layer_norm2", [width])
      layer(component, "\(name).mlp.fc1", [4 * width, width])
      layer(component, "\(name).mlp.fc2", [width, 4 * width])
    }
    layer(component, "text_model.final_layer_norm", [width])
    if index == 1 { add(component, "text_projection.weight", [width, width]) }
  }

  // What reading it should give

  var expected: ModelConfiguration {
    let blocks = plan.widths.indices.filter { plan.isXL || $0 < 3 }.map { index in
      UNetConfiguration.DownBlock(
        width: plan.widths[index], resnetCount: 2,
        transformerDepths: plan.depths[index] == 0 ? [] : [plan.depths[index], plan.depths[index]],
        headCount: plan.depths[index] == 0 ? 1 : plan.isXL ? plan.widths[index] / 64 : 8)
    }
    let texts = plan.textWidths.indices.map { index in
      TextEncoderConfiguration(
        vocabularySize: Self.vocabulary, positionCount: Self.positions, width: plan.textWidths[index],
        layerCount: plan.textLayers[index], headCount: plan.textWidths[index] / 64,
        feedForwardWidth: 4 * plan.textWidths[index], activation: index == 0 ? .quickGELU : .gelu,
        output: plan.isXL ? .penultimate : .final, projectionWidth: index == 0 ? nil : plan.textWidths[index],
        paddingToken: index == 0 ? Self.vocabulary - 1 : 0)
    }
    return ModelConfiguration(
      unet: UNetConfiguration(
        inputChannels: 4, blocks: blocks, timeSinusoidWidth: 32, timeEmbeddingWidth: 128,
        contextWidth: plan.textWidths.reduce(0, +),
        addedConditioning: plan.isXL ? .init(pooledWidth: plan.textWidths[1], sinusoidWidth: 8) : nil,
        usesLinearProjection: plan.isXL),
      vae: VAEConfiguration(
        inputChannels: 3, widths: Self.vaeWidths, resnetsPerBlock: 2, latentChannels: 4,
        scalingFactor: plan.isXL ? 0.13025 : 0.18215),
      textEncoders: texts, schedule: ScheduleConfiguration())
  }
}
