// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import Tensor
import UNet

extension FuzzRunner {
  func npy(_ bytes: [UInt8]) throws {
    let array = try NPY.parse(bytes)
    precondition(array.doubles().count == array.count)
    _ = try? LabelMap(decoding: bytes)
    _ = try? FeatureMap(contentsOf: file(bytes))
  }

  func safetensors(_ bytes: [UInt8]) throws {
    let path = try file(bytes)
    let found = try SafetensorsFile(path: path)
    for (name, entry) in found.entries {
      let values = try found.doubles(name)
      precondition(values.count == entry.shape.reduce(1, *))
      if let tensor = try? found.tensor(name) { precondition(tensor.shape.extents == entry.shape) }
      if let rows = entry.shape.first { _ = try? found.tensor(name, rows: rows / 2..<rows) }
    }
    describe { _ = try FeatureMap(contentsOf: path) }
    describe { _ = try Golden(path: path) }
  }

  /// The input is the header of a model in one file, its tensors are zeros.
  func checkpoint(_ bytes: [UInt8]) throws {
    let path = try file(MinimalModel.file(header: bytes))
    try open(path)
  }

  /// The first byte tells which of the configuration files the others stand for.
  func config(_ bytes: [UInt8]) throws {
    guard let choice = bytes.first else { return }
    let files = MinimalModel.configurations + MinimalModel.transformerConfigurations
    let (path, text) = files[Int(choice) % files.count]
    defer { _ = try? file(Array(text.utf8), named: path) }
    _ = try file(Array(bytes.dropFirst()), named: path)
    try open(path.hasPrefix("vit/") ? directory.file("vit") : directory.path)
  }

  /// The input is the index of the UNet's files.
  func index(_ bytes: [UInt8]) throws {
    _ = try file(bytes, named: MinimalModel.indexPath)
    try open(directory.path)
  }

  private func open(_ path: String) throws {
    let model = try CheckpointLocation.resolve(path).open()
    try model.validate()
    precondition(model.summaries.allSatisfy { $0.byteCount >= 0 })
    switch model {
    case let diffusion as DiffusionCheckpoint: _ = diffusion.configuration.publishedName
    case let transformer as VisionTransformerCheckpoint:
      // Mutations of the minimal model stay small; others are only opened.
      let configuration = transformer.configuration
      guard configuration.width * configuration.patchSize * configuration.depth <= 64 else { return }
      let side = 2 * configuration.patchSize
      let network = try VisionTransformer(
        WeightReader(transformer.weights), configuration, layerCount: configuration.depth)
      precondition(network(Tensor(zeros: [side, side, 3])).features.count == 4 * configuration.width)
    default: break
    }
  }
}
