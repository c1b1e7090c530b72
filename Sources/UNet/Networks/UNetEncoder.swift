// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The contracting half of the UNet, up to the self-attention whose output the features are; nothing past it is read.
package struct UNetEncoder: Sendable {
  /// A stage of the computation, reported under its name.
  private struct Stage: Sendable {
    let name: String
    /// The index of its down block.
    let block: Int
    let module: Module
  }

  private enum Module: Sendable {
    case convolution(Convolution2D)
    case resnet(ResnetBlock)
    /// `isHooked` in the last transformer of a block.
    case transformer(SpatialTransformer, isHooked: Bool)
  }

  private let prompt: PromptEmbedding
  private let embedding: TimestepEmbedding
  private let stages: [Stage]

  /// - Parameters:
  ///   - prompt: the empty prompt's embedding.
  ///   - endsAtHook: whether the last self-attention ends the network, as features need it; otherwise the blocks are whole, as
  ///     published files have them.
  /// - Throws: the source's errors for weights that are missing or wrong.
  package init(
    _ weights: WeightReader, _ configuration: UNetConfiguration, prompt: PromptEmbedding, endsAtHook: Bool = true
  ) throws {
    self.prompt = prompt
    var stages: [Stage] = []
    var width = configuration.blocks.first?.width ?? 0
    func add(_ name: String, block: Int = 0, _ make: (WeightReader) throws -> Module) rethrows {
      stages.append(Stage(name: "unet.\(name)", block: block, module: try make(weights.module(name))))
    }
    try add("conv_in") {
      .convolution(try Convolution2D($0, from: configuration.inputChannels, to: width, padding: Padding(1)))
    }
    embedding = try TimestepEmbedding(weights, configuration)
    for (index, block) in configuration.blocks.enumerated() {
      let name = "down_blocks.\(index)"
      let isLast = index == configuration.blocks.count - 1
      for resnet in 0..<block.resnetCount {
        try add("\(name).resnets.\(resnet)", block: index) {
          .resnet(
            try ResnetBlock(
              $0, from: width, to: block.width, timeWidth: configuration.timeEmbeddingWidth,
              groups: configuration.groupCount, epsilon: configuration.resnetEpsilon))
        }
        width = block.width
        guard resnet < block.transformerDepths.count else { continue }
        let isHooked = resnet == block.transformerDepths.count - 1
        try add("\(name).attentions.\(resnet)", block: index) {
          .transformer(
            try SpatialTransformer(
              $0, width: width, depth: block.transformerDepths[resnet], prompt: prompt.hidden,
              headCount: block.headCount, endsAtHook: endsAtHook && isLast && isHooked, configuration: configuration),
            isHooked: isHooked)
        }
      }
      guard !isLast else { continue }
      try add("\(name).downsamplers.0", block: index) {
        .convolution(try Convolution2D($0.module("conv"), from: width, to: width, stride: 2, padding: Padding(1)))
      }
    }
    self.stages = stages
  }

  /// - Parameters:
  ///   - latent: the noisy latent, [height, width, 4].
  ///   - size: side of the image in pixels.
  ///   - weightBlocks: the blocks whose last self-attention's weights are wanted; each is a stage `attention.SIDE` more.
  /// - Returns: the last self-attention of every block with attention; for a whole configuration the last is DiffCut's, the
  ///   one before has twice the resolution.
  package func callAsFunction(
    _ latent: Tensor, timestep: Int, size: Int, weightsOf weightBlocks: Set<Int> = [],
    observer: StageObserver = StageObserver()
  ) -> [HookedAttention] {
    observer.begin(Self.embeddingStage)
    let emb = embedding(timestep: timestep, pooled: prompt.pooled, size: size)
    observer.report(Self.embeddingStage, emb)
    var x = latent
    var hooked: [HookedAttention] = []
    for stage in stages {
      observer.begin(stage.name)
      switch stage.module {
      case .convolution(let convolution): x = convolution(x)
      case .resnet(let resnet): resnet.apply(to: &x, embedding: emb)
      case .transformer(let transformer, let isHooked):
        let (output, attended, scores) = transformer(
          x, keepingScores: isHooked && weightBlocks.contains(stage.block))
        if isHooked {
          let features = attended.reshaped([x.shape[0], x.shape[1], attended.shape[1]])
          if output == nil { observer.report("features", features) }
          if scores != nil { observer.begin("attention.\(x.shape[0])") }
          hooked.append(HookedAttention(features: features, weights: scores?.meanWeights()))
        }
        guard let output else { return hooked }
        x = output
      }
      observer.report(stage.name, x)
    }
    return hooked
  }

  private static let embeddingStage = "unet.embedding"

  /// Returns the multiply-accumulates of every stage, in order.
  ///
  /// - Parameters:
  ///   - latentSide: side of the square latent.
  ///   - promptTokens: the number of tokens of the prompt.
  func work(latentSide: Int, promptTokens: Int) -> [StageWork] {
    var side = latentSide
    return [StageWork(Self.embeddingStage) { embedding.count(in: &$0) }]
      + stages.map { stage in
        StageWork(stage.name) { work in
          switch stage.module {
          case .convolution(let convolution): convolution.count(side: &side, in: &work)
          case .resnet(let resnet): resnet.count(side: side, in: &work)
          case .transformer(let transformer, _):
            transformer.count(tokens: side * side, promptTokens: promptTokens, in: &work)
          }
        }
      }
  }
}

/// What is taken of a self-attention.
package struct HookedAttention: Sendable {
  /// Its output before it is added to the stream, [height, width, channels].
  package let features: Tensor
  /// Mean over its heads of how much each place attends to each, [places, places]; nil unless it was asked for.
  package let weights: Tensor?
}
