// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The weights and the configuration of a latent diffusion model.
package struct DiffusionCheckpoint: Checkpoint {
  package let location: CheckpointLocation
  package let configuration: ModelConfiguration
  package let unet: WeightStore
  package let vae: WeightStore
  package let prompt: PromptSource

  /// Opens a model and reads its structure. No tensor is read but the prompt of a packed model.
  ///
  /// - Parameters:
  ///   - configurationFolder: a folder with `unet/config.json` and so on, for a single file of no known family; nil: the
  ///     model's own folder, if it has one.
  ///   - variant: which weights to take of a folder that has several, such as "fp16", or "" for the plain ones; nil: half
  ///     precision if there, else what there is.
  package init(
    opening location: CheckpointLocation, configurationFolder: String? = nil, variant: String? = nil
  ) throws(CheckpointError) {
    let parts: Parts
    switch location.kind {
    case .file: parts = try Parts(file: location.path)
    case .folder: parts = try Parts(folder: location.path, variant: variant)
    }
    self.location = location
    (unet, vae) = (parts.unet, parts.vae)
    switch parts.text {
    case .encoders(let stores):
      let files = try ConfigurationFiles(
        folder: configurationFolder ?? (location.kind == .folder ? location.path : nil),
        textEncoders: stores.map(\.component))
      configuration = try ModelConfiguration.derive(unet: unet, vae: vae, textEncoders: stores, files: files)
      prompt = .textEncoders(stores)
    case .packed(let file):
      if let configurationFolder {
        throw .packedConfiguration(path: file.path, folder: configurationFolder)
      }
      let packed = try PackedModel.open(file, unet: unet, vae: vae)
      configuration = packed.configuration
      prompt = .packed(packed.prompt, packed.origin)
    }
  }

  /// In the order of their outputs; none in a packed model.
  package var textEncoders: [WeightStore] {
    if case .textEncoders(let stores) = prompt { stores } else { [] }
  }

  package var stores: [WeightStore] { [unet, vae] + textEncoders }

  package var origin: PackedModel.Origin? { if case .packed(_, let origin) = prompt { origin } else { nil } }

  package var requirements: [(store: WeightStore, tensors: [TensorRequirement])] {
    [(unet, configuration.unet.requirements), (vae, configuration.vae.requirements)]
      + zip(textEncoders, configuration.textEncoders).map { ($0, $1.requirements) }
  }
}

/// Where the empty prompt's embedding comes from.
package enum PromptSource: Sendable {
  /// From text encoders that have to be run, in the order of their outputs.
  case textEncoders([WeightStore])
  /// From a packed model, which has it in their place.
  case packed(PromptEmbedding, PackedModel.Origin)
}

/// The stores of a model, in any layout.
private struct Parts {
  enum Text {
    case encoders([WeightStore])
    case packed(SafetensorsFile)
  }

  let unet: WeightStore
  let vae: WeightStore
  let text: Text

  init(folder: String, variant: String?) throws(CheckpointError) {
    let names: [String]
    do {
      names = try Directory.names(in: folder)
    } catch {
      throw .system(error)
    }
    let unetFolder = WeightFolder(.unet, root: folder)
    let singleFiles = names.filter { $0.hasSuffix(".safetensors") }
    if !unetFolder.hasWeights && singleFiles.count == 1 {
      self = try Parts(file: "\(folder)/\(singleFiles[0])")
      return
    }
    if !Directory.exists(unetFolder.path) {
      if Directory.exists("\(folder)/transformer") {
        throw .unsupportedFamily(path: folder, found: "a diffusion transformer (it has transformer/ instead of unet/)")
      }
      if singleFiles.count > 1 { throw .ambiguousFile(folder: folder, files: singleFiles) }
      let pickles = names.filter { name in [".ckpt", ".pth", ".pt", ".bin"].contains { name.hasSuffix($0) } }
      if !pickles.isEmpty { throw .onlyPickles(folder: folder, files: pickles) }
      if let file = names.first(where: { $0.hasSuffix(".incomplete") }) {
        throw .incompleteDownload(folder: folder, file: file)
      }
      throw .noModel(folder: folder, found: names)
    }
    func store(_ folder: WeightFolder) throws(CheckpointError) -> WeightStore {
      let component = folder.component
      return try WeightStore(component, files: folder.open(variant: variant), naming: TensorNaming.inFolder(component))
    }
    unet = try store(unetFolder)
    vae = try store(WeightFolder(.vae, root: folder))
    var encoders = [ModelComponent.textEncoder]
    let needsSecond = unet.shape("add_embedding.linear_1.weight") != nil
    if needsSecond { encoders.append(.secondTextEncoder) }
    text = .encoders(
      try encoders.map { component throws(CheckpointError) in
        try store(WeightFolder(component, root: folder))
      })
  }

  init(file path: String) throws(CheckpointError) {
    let file = try WeightFile.open(path)
    if PackedModel.isPacked(file) {
      unet = try WeightStore(.unet, files: [file], naming: PackedModel.naming)
      vae = try WeightStore(.vae, files: [file], naming: PackedModel.naming)
      text = .packed(file)
      return
    }
    if let found = UnsupportedFamily.describe(names: file.entries.keys) {
      throw .unsupportedFamily(path: path, found: found)
    }
    let naming = SingleFileNaming(names: file.entries.keys)
    func store(_ component: ModelComponent) throws(CheckpointError) -> WeightStore {
      try WeightStore(component, files: [file]) { naming($0) }
    }
    unet = try store(.unet)
    vae = try store(.vae)
    let second = try store(.secondTextEncoder)
    let textEncoders = [try store(.textEncoder)] + (second.isEmpty ? [] : [second])
    text = .encoders(textEncoders)
    for part in [unet, vae] + textEncoders where part.isEmpty {
      throw .unsupportedStructure(
        path: path, found: "no \(part.component.rawValue) tensors",
        expected: "UNet, VAE and text encoders in one file")
    }
  }
}
