// SPDX-License-Identifier: Apache-2.0

extension ModelConfiguration {
  /// The stages with products that an image of size × size pixels goes through, in order.
  package func work(size: Int) -> [StageWork] {
    vae.work(size: size)
      + unet.work(
        latentSide: size / vae.pixelsPerLatent, contextCount: textEncoders.map(\.positionCount).max() ?? 0)
  }

  /// The stages of the empty prompt: once for each checkpoint.
  package var promptWork: [StageWork] {
    zip(TextEncoderConfiguration.stageNames, textEncoders).map { $1.work(named: $0) }
  }
}

extension VAEConfiguration {
  /// - Parameter size: side of the image.
  func work(size: Int) -> [StageWork] {
    var stages: [StageWork] = []
    func add(_ name: String, _ body: (inout StageWork) -> Void) {
      var stage = StageWork("vae.\(name)")
      body(&stage)
      stages.append(stage)
    }
    var (side, width) = (size, widths.first ?? 0)
    add("conv_in") { $0.addConvolution(side: side, from: inputChannels, to: width) }
    for (index, output) in widths.enumerated() {
      for resnet in 0..<resnetsPerBlock {
        add("down_blocks.\(index).resnets.\(resnet)") { $0.addResnet(side: side, from: width, to: output) }
        width = output
      }
      guard index < widths.count - 1 else { continue }
      side /= 2
      add("down_blocks.\(index).downsamplers.0") {
        $0.addConvolution(side: side, from: width, to: width, stride: 2)
      }
    }
    let pixels = side * side
    add("mid_block.resnets.0") { $0.addResnet(side: side, from: width, to: width) }
    add("mid_block.attentions.0") { $0.addAttention(tokens: pixels, width: width) }
    add("mid_block.resnets.1") { $0.addResnet(side: side, from: width, to: width) }
    add("conv_out") {
      $0.addConvolution(side: side, from: width, to: 2 * latentChannels)
      $0.addLinear(rows: pixels, from: 2 * latentChannels, to: 2 * latentChannels)
    }
    return stages
  }
}

extension UNetConfiguration {
  /// - Parameters:
  ///   - latentSide: side of the latent.
  ///   - contextCount: tokens of the prompt.
  func work(latentSide: Int, contextCount: Int) -> [StageWork] {
    var stages: [StageWork] = []
    func add(_ name: String, _ body: (inout StageWork) -> Void) {
      var stage = StageWork("unet.\(name)")
      body(&stage)
      stages.append(stage)
    }
    var (side, width) = (latentSide, blocks.first?.width ?? 0)
    add("embedding") { stage in
      for input in [timeSinusoidWidth] + (addedConditioning.map { [$0.inputWidth] } ?? []) {
        stage.addLinear(rows: 1, from: input, to: timeEmbeddingWidth)
        stage.addLinear(rows: 1, from: timeEmbeddingWidth, to: timeEmbeddingWidth)
      }
    }
    add("conv_in") { $0.addConvolution(side: side, from: inputChannels, to: width) }
    for (index, block) in blocks.enumerated() {
      let isLast = index == blocks.count - 1
      for resnet in 0..<block.resnetCount {
        // The computation ends in the last attention.
        if isLast && !block.transformerDepths.isEmpty && resnet == block.transformerDepths.count { return stages }
        add("down_blocks.\(index).resnets.\(resnet)") {
          $0.addResnet(side: side, from: width, to: block.width, timeWidth: timeEmbeddingWidth)
        }
        width = block.width
        guard resnet < block.transformerDepths.count else { continue }
        add("down_blocks.\(index).attentions.\(resnet)") {
          addTransformer(
            to: &$0, tokens: side * side, width: width, depth: block.transformerDepths[resnet],
            contextCount: contextCount, endsAtHook: isLast && resnet == block.transformerDepths.count - 1)
        }
      }
      guard !isLast else { continue }
      side = (side + 1) / 2
      add("down_blocks.\(index).downsamplers.0") {
        $0.addConvolution(side: side, from: width, to: width, stride: 2)
      }
    }
    return stages
  }

  private func addTransformer(
    to stage: inout StageWork, tokens: Int, width: Int, depth: Int, contextCount: Int, endsAtHook: Bool
  ) {
    stage.addLinear(rows: tokens, from: width, to: width)
    for index in 0..<depth {
      stage.addAttention(tokens: tokens, width: width)
      if endsAtHook && index == depth - 1 { return }
      stage.addAttention(tokens: tokens, width: width, context: (contextCount, contextWidth))
      let hidden = Self.feedForwardFactor * width
      stage.addLinear(rows: tokens, from: width, to: 2 * hidden)
      stage.addLinear(rows: tokens, from: hidden, to: width)
    }
    stage.addLinear(rows: tokens, from: width, to: width)
  }
}

extension TextEncoderConfiguration {
  /// What the stages of the text encoders are called, in their order.
  package static let stageNames = [ModelComponent.textEncoder, .secondTextEncoder].map(\.rawValue)

  func work(named name: String) -> StageWork {
    var stage = StageWork(name)
    for _ in 0..<neededLayerCount {
      stage.addAttention(tokens: positionCount, width: width)
      stage.addLinear(rows: positionCount, from: width, to: feedForwardWidth)
      stage.addLinear(rows: positionCount, from: feedForwardWidth, to: width)
    }
    if let projectionWidth { stage.addLinear(rows: 1, from: width, to: projectionWidth) }
    return stage
  }
}
