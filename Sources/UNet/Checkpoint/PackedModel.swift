// SPDX-License-Identifier: Apache-2.0
import Tensor

/// A model in one file: the tensors that features depend on, and the empty prompt's embedding instead of text encoders.
///
/// The file is a safetensors file.
/// - `unet.NAME`, `vae.NAME`: the tensors that are needed up to the last hook, under their names and with their shapes in a
///   published folder, in the element types of the original, byte for byte.
/// - `prompt.hidden` [positions, context width] and, for XL models, `prompt.pooled` [1, pooled width], F32.
/// - A vision transformer's tensors have their names in transformers' DINOv2, without a prefix.
/// - `__metadata__`: `format` and `version`; `source` and `commit`, what was packed; and, under their paths in a
///   published folder, configuration files with what weights do not show.
package enum PackedModel {
  package static let format = "diffcut"
  package static let version = "1"

  static let hiddenName = "prompt.hidden"
  static let pooledName = "prompt.pooled"

  /// What a packed model was made of.
  package struct Origin: Equatable, Sendable {
    /// `organization/name`, or the name of the file or folder.
    package let name: String
    /// When it came from the cache.
    package let commit: String?

    init(_ file: SafetensorsFile) {
      name = file.metadata["source"] ?? "an unnamed model"
      commit = file.metadata["commit"]
    }
  }

  static func isPacked(_ file: SafetensorsFile) -> Bool { file.metadata["format"] == format }

  /// The components whose tensors are packed.
  static let packedComponents: [ModelComponent] = [.unet, .vae, .visionTransformer]

  /// The text before the names of a component's tensors.
  static func prefix(_ component: ModelComponent) -> String {
    component == .visionTransformer ? "" : "\(component.rawValue)."
  }

  /// A packed diffusion model's names begin with the component's.
  static func naming(_ name: String) -> [TensorNaming] {
    for component in [ModelComponent.unet, .vae] where name.hasPrefix(prefix(component)) {
      return [TensorNaming(component, String(name.dropFirst(prefix(component).count)))]
    }
    return []
  }

  /// Reads configuration and prompt; of the weights only the index.
  static func open(_ file: SafetensorsFile, unet: WeightStore, vae: WeightStore) throws(CheckpointError) -> (
    configuration: ModelConfiguration, prompt: PromptEmbedding, origin: Origin
  ) {
    let settings = try Settings(file)
    let structure = try UNetStructure(unet)
    let components = structure.hasAddedConditioning ? [ModelComponent.textEncoder, .secondTextEncoder] : [.textEncoder]
    var texts: [TextEncoderConfiguration] = []
    for (index, component) in components.enumerated() {
      texts.append(
        try TextEncoderConfiguration(
          packed: settings.file(component.configurationPath), tokens: settings.file(component.tokensPath),
          role: TextRole(of: index, in: components.count, structure)))
    }
    let files = ConfigurationFiles(
      unet: try settings.file(ModelComponent.unet.configurationPath),
      vae: try settings.file(ModelComponent.vae.configurationPath),
      scheduler: try settings.file(ConfigurationFiles.schedulerPath))
    let configuration = try ModelConfiguration.derive(
      structure, unet: unet, vae: vae, texts: texts, files: files, family: nil)
    return (configuration, try prompt(in: file, configuration), Origin(file))
  }

  /// The embedding stands where the text encoders would.
  private static func prompt(
    in file: SafetensorsFile, _ configuration: ModelConfiguration
  ) throws(CheckpointError) -> PromptEmbedding {
    let store = try WeightStore(.textEncoder, files: [file]) { name in
      [hiddenName, pooledName].contains(name) ? [TensorNaming(.textEncoder, name)] : []
    }
    let positions = configuration.textEncoders.first?.positionCount ?? 0
    let hidden = try store.tensor(hiddenName, shape: [positions, configuration.unet.contextWidth])
    let pooled = try configuration.unet.addedConditioning.map { conditioning throws(CheckpointError) in
      try store.tensor(pooledName, shape: [1, conditioning.pooledWidth])
    }
    return PromptEmbedding(hidden: hidden, pooled: pooled)
  }

  /// The configuration files in a packed model's metadata.
  struct Settings {
    private let path: String
    private let metadata: [String: String]

    /// - Throws: `CheckpointError.packedVersion`.
    init(_ file: SafetensorsFile) throws(CheckpointError) {
      let found = file.metadata["version"]
      guard found == version else { throw .packedVersion(path: file.path, found: found, supported: version) }
      (path, metadata) = (file.path, file.metadata)
    }

    func file(_ name: String) throws(CheckpointError) -> ConfigurationFile {
      guard let text = metadata[name] else {
        throw .badConfiguration(
          path: path, reason: "the packed model's metadata has no '\(name)'; pack the original model again")
      }
      return try ConfigurationFile(path: "\(path):\(name)", text: Array(text.utf8))
    }
  }
}
