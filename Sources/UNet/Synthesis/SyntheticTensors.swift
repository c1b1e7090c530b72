// SPDX-License-Identifier: Apache-2.0

/// The tensors of whole published models: what `ModelConfiguration` needs, and everything behind it.
///
/// Names and shapes are those of diffusers' and transformers' models with the configurations of this folder.
extension SyntheticDimensions {
  private typealias Tensors = [TensorRequirement]

  /// Every tensor of a component under diffusers' present names.
  func tensors(of component: ModelComponent) -> [TensorRequirement] {
    switch component {
    case .unet: unetTensors
    case .vae: vaeTensors("encoder") + vaeTensors("decoder")
    case .textEncoder: textTensors(text[0])
    case .secondTextEncoder:
      textTensors(text[1]) + [TensorRequirement("text_projection.weight", [text[1].width, text[1].width])]
    }
  }

  /// Whether the features depend on a tensor.
  func needs(_ component: ModelComponent, _ name: String) -> Bool {
    func begins(with prefixes: [String]) -> Bool { prefixes.contains { name.hasPrefix($0) } }
    switch component {
    case .textEncoder, .secondTextEncoder: return true
    case .vae: return begins(with: ["encoder.", "quant_conv."])
    case .unet:
      let block = "down_blocks.\(Self.hookBlock)."
      let hook = "\(block)attentions.\(Self.hookAttention)."
      let last = "\(hook)transformer_blocks.\(downDepths[Self.hookBlock][Self.hookAttention] - 1)."
      if name.hasPrefix(hook) {
        return begins(with: ["\(last)norm1.", "\(last)attn1."]) || !begins(with: [last, "\(hook)proj_out."])
      }
      return begins(
        with: ["conv_in.", "time_embedding.", "add_embedding.", "\(block)resnets.", "\(block)attentions."]
          + (0..<Self.hookBlock).map { "down_blocks.\($0)." })
    }
  }

  // UNet

  private var unetTensors: Tensors {
    let last = widths.count - 1
    var result = TensorRequirement.layer("conv_in", [widths[0], Self.latentChannels, 3, 3])
    result += embedding("time_embedding", from: widths[0])
    if architecture.isXL { result += embedding("add_embedding", from: addedWidth) }
    var width = widths[0]
    for (index, output) in widths.enumerated() {
      let name = "down_blocks.\(index)"
      for resnet in 0..<2 {
        result += unetResnet("\(name).resnets.\(resnet)", from: width, to: output)
        width = output
      }
      result += transformers(name, width, depths: downDepths[index])
      if index < last { result += TensorRequirement.layer("\(name).downsamplers.0.conv", [width, width, 3, 3]) }
    }
    result += unetResnet("mid_block.resnets.0", from: width, to: width)
    if middleHasAttention {
      result += transformers("mid_block", width, depths: [1])
      result += unetResnet("mid_block.resnets.1", from: width, to: width)
    }
    for (index, output) in widths.reversed().enumerated() {
      let name = "up_blocks.\(index)"
      // The last residual block of an up block meets what came into the down block, the others what left it.
      let entering = widths[max(0, last - index - 1)]
      for resnet in 0..<3 {
        let skipped = resnet == 2 ? entering : output
        result += unetResnet("\(name).resnets.\(resnet)", from: width + skipped, to: output)
        width = output
      }
      result += transformers(name, width, depths: upDepths[index])
      if index < last { result += TensorRequirement.layer("\(name).upsamplers.0.conv", [width, width, 3, 3]) }
    }
    return result + TensorRequirement.layer("conv_norm_out", [width])
      + TensorRequirement.layer("conv_out", [Self.latentChannels, width, 3, 3])
  }

  private func embedding(_ name: String, from width: Int) -> Tensors {
    TensorRequirement.layer("\(name).linear_1", [timeWidth, width])
      + TensorRequirement.layer("\(name).linear_2", [timeWidth, timeWidth])
  }

  private func unetResnet(_ name: String, from input: Int, to output: Int) -> Tensors {
    TensorRequirement.resnet(name, from: input, to: output, timeWidth: timeWidth)
  }

  private func transformers(_ name: String, _ width: Int, depths: [Int]) -> Tensors {
    let projection = architecture.isXL ? [width, width] : [width, width, 1, 1]
    var result: Tensors = []
    for (index, depth) in depths.enumerated() {
      let attention = "\(name).attentions.\(index)"
      result += TensorRequirement.layer("\(attention).norm", [width])
      result += TensorRequirement.layer("\(attention).proj_in", projection)
      for block in 0..<depth { result += transformerBlock("\(attention).transformer_blocks.\(block)", width) }
      result += TensorRequirement.layer("\(attention).proj_out", projection)
    }
    return result
  }

  private func transformerBlock(_ name: String, _ width: Int) -> Tensors {
    var result: Tensors = []
    for norm in 1...3 { result += TensorRequirement.layer("\(name).norm\(norm)", [width]) }
    for (attention, context) in [("attn1", width), ("attn2", contextWidth)] {
      result += TensorRequirement.layer("\(name).\(attention).to_q", [width, width], hasBias: false)
      result += TensorRequirement.layer("\(name).\(attention).to_k", [width, context], hasBias: false)
      result += TensorRequirement.layer("\(name).\(attention).to_v", [width, context], hasBias: false)
      result += TensorRequirement.layer("\(name).\(attention).to_out.0", [width, width])
    }
    return result + TensorRequirement.layer("\(name).ff.net.0.proj", [8 * width, width])
      + TensorRequirement.layer("\(name).ff.net.2", [width, 4 * width])
  }

  // VAE

  /// "encoder" or "decoder", each with the 1×1 convolution at its end towards the latent.
  private func vaeTensors(_ half: String) -> Tensors {
    let isEncoder = half == "encoder"
    let order = isEncoder ? vaeWidths : vaeWidths.reversed()
    let deepest = vaeWidths.last ?? 0
    // An encoder gives mean and variance.
    let latent = isEncoder ? 2 * Self.latentChannels : Self.latentChannels
    var width = order[0]
    var result = TensorRequirement.layer("\(half).conv_in", [width, isEncoder ? 3 : latent, 3, 3])
    for (index, output) in order.enumerated() {
      let name = "\(half).\(isEncoder ? "down" : "up")_blocks.\(index)"
      for resnet in 0..<(isEncoder ? 2 : 3) {
        result += TensorRequirement.resnet("\(name).resnets.\(resnet)", from: width, to: output)
        width = output
      }
      if index < order.count - 1 {
        let sampler = isEncoder ? "downsamplers" : "upsamplers"
        result += TensorRequirement.layer("\(name).\(sampler).0.conv", [width, width, 3, 3])
      }
    }
    for resnet in 0..<2 {
      result += TensorRequirement.resnet("\(half).mid_block.resnets.\(resnet)", from: deepest, to: deepest)
    }
    let attention = "\(half).mid_block.attentions.0"
    result += TensorRequirement.layer("\(attention).group_norm", [deepest])
    for name in ["to_q", "to_k", "to_v", "to_out.0"] {
      result += TensorRequirement.layer("\(attention).\(name)", [deepest, deepest])
    }
    return result + TensorRequirement.layer("\(half).conv_norm_out", [width])
      + TensorRequirement.layer("\(half).conv_out", [isEncoder ? latent : 3, width, 3, 3])
      + TensorRequirement.layer(isEncoder ? "quant_conv" : "post_quant_conv", [latent, latent, 1, 1])
  }

  // Text

  private func textTensors(_ text: Text) -> Tensors {
    var result = [
      TensorRequirement("text_model.embeddings.token_embedding.weight", [vocabularySize, text.width]),
      TensorRequirement("text_model.embeddings.position_embedding.weight", [Self.positionCount, text.width]),
    ]
    for index in 0..<text.layers {
      let layer = "text_model.encoder.layers.\(index)"
      for norm in ["layer_norm1", "layer_norm2"] { result += TensorRequirement.layer("\(layer).\(norm)", [text.width]) }
      for name in ["q_proj", "k_proj", "v_proj", "out_proj"] {
        result += TensorRequirement.layer("\(layer).self_attn.\(name)", [text.width, text.width])
      }
      result += TensorRequirement.layer("\(layer).mlp.fc1", [text.feedForwardWidth, text.width])
      result += TensorRequirement.layer("\(layer).mlp.fc2", [text.width, text.feedForwardWidth])
    }
    return result + TensorRequirement.layer("text_model.final_layer_norm", [text.width])
  }
}
