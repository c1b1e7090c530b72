// SPDX-License-Identifier: Apache-2.0

/// Everything about a vision transformer that is not a weight: what is built, how wide and how deep.
///
/// Extents are read off the tensors; the rest comes from config.json and preprocessor_config.json, or from the family.
package struct VisionTransformerConfiguration: Equatable, Sendable {
  package var family: VisionTransformerFamily
  /// The channels of a token.
  package var width: Int
  /// The number of blocks.
  package var depth: Int
  package var headCount: Int
  /// The channels between the two linear layers of a block, after the gate if there is one.
  package var hiddenWidth: Int
  /// Whether the hidden channels are gated: silu(first half) · second half (SwiGLU). Otherwise they pass through GELU.
  package var isGated: Bool
  /// The side of a patch in pixels.
  package var patchSize: Int
  package var registerCount: Int
  /// The side of the grid that the position table was trained on.
  package var positionSide: Int
  /// Whether the position table begins with an entry for the class token.
  package var hasClassPosition: Bool
  /// Whether the position table is resampled with antialias.
  package var antialiasesPositions: Bool
  /// Whether queries, keys and values have biases.
  package var hasAttentionBias: Bool
  /// The ε of all normalizations.
  package var epsilon: Float
  /// The mean of the pixels that the network was trained on, subtracted from each channel in 0 to 1.
  package var mean: [Float]
  /// The deviation of these pixels, by which each channel is divided.
  package var deviation: [Float]

  /// ImageNet's mean, with which DINO and DINOv2 were trained.
  static let imageNetMean: [Float] = [0.485, 0.456, 0.406]
  /// ImageNet's deviation.
  static let imageNetDeviation: [Float] = [0.229, 0.224, 0.225]
  /// The channels of a head in all published models of these families.
  static let publishedHeadWidth = 64

  /// The number of entries of the position table.
  var positionCount: Int { positionSide * positionSide + (hasClassPosition ? 1 : 0) }
  /// The tokens before those of the patches: the class token and the registers.
  package var prefixCount: Int { 1 + registerCount }

  /// The name under which a model of this family, width and patch was published, for reports: "DINOv2 ViT-S/14". The family
  /// alone for another width.
  package var publishedName: String {
    Self.sizes[width].map { "\(family.name) ViT-\($0)/\(patchSize)" } ?? family.name
  }

  private static let sizes = [384: "S", 768: "B", 1024: "L", 1536: "g"]
}
