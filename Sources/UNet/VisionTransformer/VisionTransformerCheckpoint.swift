// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The weights and the configuration of a vision transformer.
package struct VisionTransformerCheckpoint: Checkpoint {
  package let location: CheckpointLocation
  package let configuration: VisionTransformerConfiguration
  package let weights: WeightStore
  package let origin: PackedModel.Origin?

  package var stores: [WeightStore] { [weights] }
  package var requirements: [(store: WeightStore, tensors: [TensorRequirement])] {
    [(weights, configuration.requirements)]
  }

  static let configurationName = "config.json"
  static let preprocessorName = "preprocessor_config.json"

  /// Opens a model and reads its structure. No tensor is read.
  ///
  /// - Parameter configurationFolder: the folder of config.json and preprocessor_config.json; nil takes the model's own folder,
  ///   or the folder of a single file.
  package init(opening location: CheckpointLocation, configurationFolder: String? = nil) throws(CheckpointError) {
    let folder = location.folder
    var file = try ConfigurationFile(ifPresent: "\(configurationFolder ?? folder)/\(Self.configurationName)")
    if let file { try Self.checkFamily(file) }
    let files =
      location.kind == .file
      ? [try WeightFile.open(location.path)]
      : try WeightFolder(.visionTransformer, root: folder).open(variant: nil)
    let path = files.first?.path ?? location.path
    var preprocessor: ConfigurationFile?
    if let packed = files.first, PackedModel.isPacked(packed) {
      if let configurationFolder { throw .packedConfiguration(path: path, folder: configurationFolder) }
      let settings = try PackedModel.Settings(packed)
      file = try settings.file(Self.configurationName)
      preprocessor = try settings.file(Self.preprocessorName)
      origin = PackedModel.Origin(packed)
    } else {
      preprocessor = try ConfigurationFile(ifPresent: "\(configurationFolder ?? folder)/\(Self.preprocessorName)")
      origin = nil
    }
    let names = files.flatMap { Array($0.entries.keys) }
    guard let naming = VisionTransformerNaming(names: names) else {
      throw .unsupportedStructure(path: path, found: "no patch embedding", expected: "that of a vision transformer")
    }
    if let stray = naming.unknownTensor(in: names) {
      throw .unsupportedStructure(
        path: path, found: "tensor '\(stray)'", expected: "only layers of the supported vision transformers")
    }
    weights = try WeightStore(.visionTransformer, files: files, naming: naming.callAsFunction) { naming.fileName($0) }
    configuration = try .derive(from: weights, layout: naming.layout, file: file, preprocessor: preprocessor)
    self.location = location
  }

  /// Returns whether a model is a single network with a config.json of transformers or timm, or has the patch embedding of a
  /// vision transformer. Whether its family is supported, `init` checks.
  static func recognizes(_ location: CheckpointLocation) -> Bool {
    switch location.kind {
    case .file: return recognizes(file: location.path)
    case .folder:
      let isDiffusion =
        ["unet", "transformer"].contains { Directory.exists("\(location.path)/\($0)") }
        || Directory.hasFile("\(location.path)/model_index.json")
      if isDiffusion { return false }
      if let file = try? ConfigurationFile(ifPresent: "\(location.path)/\(configurationName)"),
        file["model_type"] != nil || file["architecture"] != nil
      {
        return true
      }
      let files = (try? WeightFolder(.visionTransformer, root: location.path).open(variant: nil)) ?? []
      return VisionTransformerNaming(names: files.flatMap { Array($0.entries.keys) }) != nil
    }
  }

  private static func recognizes(file path: String) -> Bool {
    guard let file = try? WeightFile.open(path) else { return false }
    return VisionTransformerNaming(names: file.entries.keys) != nil
  }

  /// Rejects the config.json of any model but the supported vision transformers.
  private static func checkFamily(_ file: ConfigurationFile) throws(CheckpointError) {
    if let type = try file.text("model_type") {
      guard VisionTransformerFamily.all.contains(where: { $0.modelType == type }) else {
        throw .unsupportedFamily(path: file.path, found: "the configuration of a \(jsonString(type)) model")
      }
    } else if let architecture = try file.text("architecture") {
      let isOther = ["clip", "siglip", "dinov3", "eva"].contains { architecture.contains($0) }
      guard architecture.hasPrefix("vit_"), !isOther else {
        throw .unsupportedFamily(path: file.path, found: "the configuration of timm's \(jsonString(architecture))")
      }
    }
  }
}

extension CheckpointLocation {
  /// The folder of the model, or of its single file.
  fileprivate var folder: String {
    guard kind == .file else { return path }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count > 1 ? parts.dropLast().joined(separator: "/") : "."
  }
}
