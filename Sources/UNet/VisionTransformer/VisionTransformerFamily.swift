// SPDX-License-Identifier: Apache-2.0

/// A published family of vision transformers: what distinguishes its networks from the other families'.
///
/// A family is data. Widths, depths and the other extents of a model follow from its tensors.
///
/// Sources: Caron et al., "Emerging Properties in Self-Supervised Vision Transformers", ICCV 2021 (DINO); Oquab et al.,
/// "DINOv2", TMLR 2024; Darcet et al., "Vision Transformers Need Registers", ICLR 2024; the configurations of transformers
/// 5.24 and timm 1.0.31.
package struct VisionTransformerFamily: Equatable, Sendable {
  /// The name in reports.
  package let name: String
  /// The value of `model_type` in transformers' config.json.
  let modelType: String
  /// Whether both branches of a block are scaled channel by channel.
  let hasLayerScale: Bool
  /// Whether register tokens follow the class token.
  let hasRegisters: Bool
  /// The ε of normalizations for a config.json without `layer_norm_eps`, and for timm's models.
  let epsilon: (transformers: Float, timm: Float)
  /// Whether transformers resamples the position table with antialias. timm always does.
  let antialiasesPositions: Bool

  package static let dino = VisionTransformerFamily(
    name: "DINO", modelType: "vit", hasLayerScale: false, hasRegisters: false, epsilon: (1e-12, 1e-6),
    antialiasesPositions: false)
  package static let dinov2 = VisionTransformerFamily(
    name: "DINOv2", modelType: "dinov2", hasLayerScale: true, hasRegisters: false, epsilon: (1e-6, 1e-6),
    antialiasesPositions: false)
  package static let dinov2WithRegisters = VisionTransformerFamily(
    name: "DINOv2 with registers", modelType: "dinov2_with_registers", hasLayerScale: true, hasRegisters: true,
    epsilon: (1e-6, 1e-6), antialiasesPositions: true)

  static let all = [dino, dinov2, dinov2WithRegisters]

  package static func == (a: VisionTransformerFamily, b: VisionTransformerFamily) -> Bool { a.modelType == b.modelType }
}
