// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Tensor

/// A vision transformer up to the block whose features are taken.
///
/// Patches and positions → blocks → normalization, or an input of the last block's attention.
///
/// - Source: Dosovitskiy et al., "An Image is Worth 16x16 Words", ICLR 2021; `VisionTransformerFamily`.
package final class VisionTransformer: Sendable {
  private let configuration: VisionTransformerConfiguration
  private let feature: TokenFeature
  private let patchEmbedding: Linear
  /// [1, 1, width].
  private let classToken: Tensor
  /// [1, registers, width].
  private let registers: Tensor?
  /// [1, positions, width].
  private let positions: Tensor
  private let layers: [TransformerLayer]
  /// nil where the features are an input of the last block's attention.
  private let norm: LayerNorm?
  /// The position table of the last grid.
  private let lastPositions = Mutex<Tensor?>(nil)

  /// - Parameters:
  ///   - feature: what features are made of.
  ///   - layerCount: the number of blocks; the features come from the last of them.
  /// - Throws: the source's errors for weights that are missing or wrong.
  package init(
    _ weights: WeightReader, _ configuration: VisionTransformerConfiguration, feature: TokenFeature = .tokens,
    layerCount: Int
  ) throws {
    let width = configuration.width
    self.configuration = configuration
    self.feature = feature
    let embeddings = weights.module("embeddings")
    patchEmbedding = try Linear(
      embeddings.module("patch_embeddings.projection"), from: 3, to: width, window: configuration.patchSize)
    classToken = try embeddings.tensor("cls_token", [1, 1, width])
    registers =
      configuration.registerCount > 0
      ? try embeddings.tensor("register_tokens", [1, configuration.registerCount, width]) : nil
    positions = try embeddings.tensor("position_embeddings", [1, configuration.positionCount, width])
    layers = try (0..<layerCount).map { index in
      try TransformerLayer(
        weights.module("encoder.layer.\(index)"), configuration,
        endsAtAttention: feature.projection != nil && index == layerCount - 1)
    }
    norm =
      feature.projection == nil
      ? try LayerNorm(weights.module("layernorm"), channels: width, epsilon: configuration.epsilon) : nil
  }

  /// Computes the features of every patch.
  ///
  /// - Parameters:
  ///   - image: [height, width, 3] in 0 to 1; both sides are multiples of the patch.
  ///   - withWeights: whether the weights of the last block's attention are returned: those of the patches among each other, the
  ///     mean over the heads, with rows of sum 1.
  package func callAsFunction(
    _ image: Tensor, withWeights: Bool = false, observer: StageObserver = StageObserver()
  ) -> HookedAttention {
    let (rows, columns) = (image.shape[0] / configuration.patchSize, image.shape[1] / configuration.patchSize)
    observer.begin(Self.embeddingStage)
    var x = embedded(image, rows: rows, columns: columns)
    observer.report(Self.embeddingStage, x)
    for (index, layer) in layers.dropLast().enumerated() {
      observer.begin(Self.stage(index))
      x = layer(x)
      observer.report(Self.stage(index), x)
    }
    let last = layers[layers.count - 1]
    let first = configuration.prefixCount
    func grid(_ tokens: Tensor) -> Tensor {
      tokens.rows(first..<first + rows * columns).reshaped([rows, columns, configuration.width])
    }
    var weights: Tensor?
    if withWeights {
      observer.begin("vit.attention")
      weights = last.attentionWeights(x).patchWeights(from: first)
    }
    observer.begin(Self.stage(layers.count - 1))
    guard let projection = feature.projection else {
      x = last(x)
      observer.report(Self.stage(layers.count - 1), x)
      observer.begin("vit.norm")
      return HookedAttention(features: grid(norm?(x) ?? x), weights: weights)
    }
    return HookedAttention(features: grid(last.projected(x, to: projection)), weights: weights)
  }

  private static let embeddingStage = "vit.embeddings"
  private static func stage(_ layer: Int) -> String { "vit.layer.\(layer)" }

  /// The tokens before the first block: the class token, the registers and the patches. Class token and patches have positions.
  ///
  /// - Shapes: result [tokens, width].
  private func embedded(_ image: Tensor, rows: Int, columns: Int) -> Tensor {
    let width = configuration.width
    let patches = patchEmbedding(
      image.normalized(mean: configuration.mean, deviation: configuration.deviation)
        .patches(side: configuration.patchSize),
      adding: patchPositions(rows: rows, columns: columns))
    var first = classToken.reshaped([1, width])
    if configuration.hasClassPosition {
      first.add(positions.reshaped([configuration.positionCount, width]).rows(0..<1))
    }
    let extra = registers.map { [$0.reshaped([configuration.registerCount, width])] } ?? []
    return Tensor(joiningRows: [first] + extra + [patches])
  }

  /// The entries of the position table for a grid, [patches, width].
  private func patchPositions(rows: Int, columns: Int) -> Tensor {
    let (side, width) = (configuration.positionSide, configuration.width)
    let table: Tensor = lastPositions.withLock { last in
      if let last, last.shape[0] == rows, last.shape[1] == columns { return last }
      let first = configuration.hasClassPosition ? 1 : 0
      let table = positions.reshaped([configuration.positionCount, width]).rows(first..<configuration.positionCount)
        .reshaped([side, side, width])
        .resized(
          height: rows, width: columns, configuration.antialiasesPositions ? .bicubicAntialiased : .bicubic)
      last = table
      return table
    }
    return table.reshaped([rows * columns, width])
  }

  /// Returns the multiply-accumulates of every stage, in order.
  ///
  /// - Parameter patches: the number of patches.
  func work(patches: Int) -> [StageWork] {
    [StageWork(Self.embeddingStage) { patchEmbedding.count(rows: patches, in: &$0) }]
      + layers.enumerated().map { index, layer in
        StageWork(Self.stage(index)) { layer.count(tokens: configuration.prefixCount + patches, in: &$0) }
      }
  }
}

extension VisionTransformerConfiguration {
  private func outline(
    feature: TokenFeature = .tokens, layerCount: Int
  ) -> (network: VisionTransformer, tensors: [TensorRequirement]) {
    WeightReader.outline { try VisionTransformer($0, self, feature: feature, layerCount: layerCount) }
  }

  /// Every tensor that the tokens of the last block depend on, in the order of the computation.
  package var requirements: [TensorRequirement] { outline(layerCount: depth).tensors }

  /// Returns the stages with products that an image goes through, in order.
  package func work(patches: Int, feature: TokenFeature, layerCount: Int) -> [StageWork] {
    outline(feature: feature, layerCount: layerCount).network.work(patches: patches)
  }
}

extension Tensor {
  /// (x − mean) / deviation of every channel of an image in 0 to 1.
  fileprivate func normalized(mean: [Float], deviation: [Float]) -> Tensor {
    withSpan { source in
      Tensor(shape) { values in
        for index in values.indices { values[index] = (source[index] - mean[index % 3]) / deviation[index % 3] }
      }
    }
  }

  /// The squares that an image is divided into, row by row, each as torch's convolution reads it: channel by channel.
  ///
  /// - Shapes: self [rows · side, columns · side, channels]; result [rows · columns, channels · side · side].
  fileprivate func patches(side: Int) -> Tensor {
    let (height, width, channels) = (shape[0], shape[1], shape[2])
    return withSpan { source in
      Tensor([height / side * (width / side), channels * side * side]) { patches in
        var index = 0
        for row in 0..<height / side {
          for column in 0..<width / side {
            for channel in 0..<channels {
              for y in 0..<side {
                let start = ((row * side + y) * width + column * side) * channels + channel
                for x in 0..<side {
                  patches[index] = source[start + x * channels]
                  index += 1
                }
              }
            }
          }
        }
      }
    }
  }

  /// The attention of the patches among each other: the rows and columns from `first` on, each row divided by its sum.
  fileprivate func patchWeights(from first: Int) -> Tensor {
    let (tokens, count) = (shape[0], shape[0] - first)
    return withSpan { source in
      Tensor([count, count]) { weights in
        for row in 0..<count {
          let start = (first + row) * tokens + first
          var sum = 0.0
          for column in 0..<count { sum += Double(source[start + column]) }
          for column in 0..<count { weights[row * count + column] = Float(Double(source[start + column]) / sum) }
        }
      }
    }
  }
}
