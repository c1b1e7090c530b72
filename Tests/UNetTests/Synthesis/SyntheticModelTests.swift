// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing
import UNet

@Suite struct SyntheticModelTests {
  /// The committed folders were written by `fixtures/generate/diffusion.py`, with the names and shapes of diffusers.
  @Test(arguments: SyntheticArchitecture.allCases)
  func narrowFoldersAreThoseOfTheGenerator(architecture: SyntheticArchitecture) throws {
    let directory = try TemporaryDirectory()
    let model = SyntheticModel(architecture, isFull: false)
    try model.writeFolder(directory.path)
    let paths = model.folderFiles.map(\.name) + model.configurations.map(\.path)
    #expect(paths.count == 2 * architecture.components.count + 2)
    for path in paths {
      let expected = try Fixture.bytes("diffusion/\(architecture.rawValue)/\(path)")
      #expect(try MappedFile.contents(of: directory.file(path)) == expected, "\(path)")
    }
    for file in model.folderFiles {
      #expect(try MappedFile.contents(of: directory.file(file.name)).count == file.byteCount)
    }
  }

  /// Sizes of the published files: Segmind's, SDXL's for what these models took from it, Stable Diffusion 1.5's.
  @Test func completeFilesHaveThePublishedSizes() {
    func sizes(_ architecture: SyntheticArchitecture) -> [Int] {
      SyntheticModel(architecture, isFull: true, form: .complete).folderFiles.map(\.byteCount)
    }
    #expect(sizes(.ssd1B) == [2_662_790_608, 167_335_342, 246_144_152, 1_389_382_176])
    #expect(sizes(.vega) == [1_490_520_736, 167_335_342, 246_144_152, 1_389_382_176])
    // The VAE in older names; the text encoder in single precision and with positions, in the published file with a
    // header that is not filled to a multiple of eight.
    #expect(sizes(.stableDiffusion14) == [1_719_125_304, 167_335_350, 492_265_874 + 6])
  }

  @Test func completeSingleFilesHaveThePublishedSizes() {
    func file(_ architecture: SyntheticArchitecture) -> SyntheticFile {
      SyntheticModel(architecture, isFull: true, form: .complete).singleFile()
    }
    let (ssd1B, vega) = (file(.ssd1B), file(.vega))
    #expect(ssd1B.tensors.count == 1779 && ssd1B.byteCount == 4_465_671_506)
    #expect(vega.tensors.count == 1397 && vega.byteCount == 3_293_395_670)
  }

  @Test func theA1111FileHasThePublishedSize() {
    let file = SyntheticModel(.ssd1B, isFull: true, form: .complete).singleFile(.a1111)
    #expect(file.byteCount == 4_465_671_322)
  }

  /// It reads as the plain one's weights, which takes the transpose of its projection.
  @Test func theA1111FileHoldsThePlainFilesWeights() throws {
    let directory = try TemporaryDirectory()
    let model = SyntheticModel(.ssd1B, isFull: false)
    let checkpoints = try SyntheticModel.SingleFileStyle.allCases.map { style in
      let path = directory.file("\(style.rawValue).safetensors")
      try model.write(model.singleFile(style), to: path)
      return try DiffusionCheckpoint(opening: .resolve(path), configurationFolder: Fixture.path("diffusion/ssd-1b"))
    }
    #expect(checkpoints[0].configuration == checkpoints[1].configuration)
    for (plain, other) in zip(checkpoints[0].requirements, checkpoints[1].requirements) {
      for tensor in plain.tensors {
        let expected = try plain.store.tensor(tensor.name, shape: tensor.shape).values
        expectIdentical(try other.store.tensor(tensor.name, shape: tensor.shape).values, expected, tensor.name)
      }
    }
    let names = try SyntheticModel.SingleFileStyle.allCases.map { style in
      Set(try SafetensorsFile(path: directory.file("\(style.rawValue).safetensors")).entries.keys)
    }
    let scope = "conditioner.embedders.1.model."
    #expect(names[1].subtracting(names[0]) == ["\(scope)text_projection", "\(scope)logit_scale"])
    #expect(
      names[0].subtracting(names[1])
        == ["\(scope)text_projection.weight", "\(scope)text_model.embeddings.position_ids"])
  }

  /// What `single_names` of the generator says of the same folder: name, component, names in the folder, how.
  @Test(arguments: [SyntheticArchitecture.ssd1B, .stableDiffusion14])
  func singleFilesHaveTheGeneratorsNames(architecture: SyntheticArchitecture) throws {
    let directory = try TemporaryDirectory()
    let model = SyntheticModel(architecture, isFull: false)
    let path = directory.file("single.safetensors")
    try model.write(model.singleFile(), to: path)
    let single = try SafetensorsFile(path: path)
    var rest = Set(single.entries.keys)
    let text = String(
      decoding: try Fixture.bytes("diffusion/goldens/\(architecture.rawValue)-single-file.tsv"), as: UTF8.self)
    for line in text.split(separator: "\n") {
      let row = line.split(separator: "\t").map(String.init)
      #expect(rest.remove(row[0]) != nil, "\(row[0])")
      guard let entry = single.entries[row[0]], !row[0].hasSuffix("position_ids") else { continue }
      let folder = try SafetensorsFile(path: Fixture.path("diffusion/\(architecture.rawValue)/\(file(row[1], model))"))
      let parts = try row[2].split(separator: "+").map { try folder.tensor(String($0)) }
      let expected = parts.flatMap { $0.values.map(\.bitPattern) }
      #expect(try single.tensor(row[0]).values.map(\.bitPattern) == expected, "\(row[0])")
      let shape = [parts.count * parts[0].shape.extents[0]] + parts[0].shape.extents.dropFirst()
      #expect(entry.shape == (row[3] == "unsqueezed" ? shape + [1, 1] : shape), "\(row[0])")
    }
    // What the published file has beyond.
    #expect(rest.count == (architecture == .ssd1B ? 2 : 0) && rest.allSatisfy { $0.hasSuffix("position_ids") })
    for name in rest {
      #expect(try single.tensor(name).values == (0..<77).map(Float.init) && single.entries[name]?.shape == [1, 77])
    }
  }

  private func file(_ component: String, _ model: SyntheticModel) -> String {
    model.folderFiles.first { $0.name.hasPrefix("\(component)/") }?.name ?? ""
  }

  /// Weights do not depend on what else is written, nor on threads; another seed gives others.
  @Test func completeModelsHoldTheWeightsOfTrimmedOnes() throws {
    let directory = try TemporaryDirectory()
    func write(_ name: String, _ form: SyntheticModel.Form, seed: UInt32 = 42) throws -> SafetensorsFile {
      let model = SyntheticModel(.ssd1B, isFull: false, form: form, seed: seed)
      try model.write(model.folderFiles[0], to: directory.file(name))
      return try SafetensorsFile(path: directory.file(name))
    }
    let (trimmed, complete, other) = (
      try write("a", .trimmed), try write("b", .complete), try write("c", .trimmed, seed: 43)
    )
    #expect(trimmed.entries.count == 327 && complete.entries.count == 944)
    for name in trimmed.entries.keys {
      let values = try trimmed.tensor(name).values
      #expect(try complete.tensor(name).values == values && other.tensor(name).values != values, "\(name)")
    }
  }

  /// Check values of `fixtures/generate/diffusion.py`, and of zlib.
  @Test func checksumsOfNames() {
    #expect(NameChecksum.crc32("unet/conv_in.weight") == 0x6803_ea8a)
    #expect(NameChecksum.crc32("123456789") == 0xcbf4_3926)
  }
}
