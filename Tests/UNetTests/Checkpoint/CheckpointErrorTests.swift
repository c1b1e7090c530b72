// SPDX-License-Identifier: Apache-2.0
import Foundation
import Tensor
import TestSupport
import Testing
import UNet

/// Damaged and unsupported models: the error names the file, the tensor, the value found and the remedy.
@Suite struct CheckpointErrorTests {
  let directory: TemporaryDirectory
  static let original: TestModel = {
    var model = TestModel(.sd1)
    model.addConfigurations()
    return model
  }()
  var model = CheckpointErrorTests.original

  static let unetName = "unet/diffusion_pytorch_model.safetensors"
  var unetPath: String { directory.file(Self.unetName) }
  var vaePath: String { directory.file("vae/diffusion_pytorch_model.safetensors") }
  static let query = "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q.weight"

  init() throws { directory = try TemporaryDirectory() }

  func expect(
    _ error: CheckpointError, reading: Bool = false, _ sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(throws: error, sourceLocation: sourceLocation) {
      try DiffusionCheckpoint(opening: .resolve(directory.path)).validate(readingValues: reading)
    }
  }

  func write(_ text: String, to name: String) throws {
    try TestModel.write(Array(text.utf8), to: directory.file(name))
  }

  private func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: directory.file(name)) }

  // Tensors

  @Test mutating func missingTensors() throws {
    for (name, shape) in [
      (Self.query, [32, 32]), ("down_blocks.2.resnets.1.conv2.bias", [64]), ("conv_in.bias", [32]),
      ("down_blocks.2.attentions.1.transformer_blocks.0.norm1.bias", [64]),
    ] {
      model = Self.original
      model.tensors[.unet]?[name] = nil
      try model.write(to: directory)
      expect(.missingTensor(name, path: unetPath, expected: shape))
    }
    // Without these nothing can be derived.
    for name in ["conv_in.weight", "time_embedding.linear_1.weight", "down_blocks.1.resnets.0.conv1.weight"] {
      model = Self.original
      model.tensors[.unet]?[name] = nil
      try model.write(to: directory)
      expect(.missingTensor(name, path: unetPath, expected: nil))
    }
  }

  /// Blocks are numbered from 0; what is numbered otherwise is no block.
  @Test mutating func namesWithNegativeNumbers() throws {
    let name = "down_blocks.-5.attentions.0.proj_in.weight"
    model.tensors[.unet]?[name] = TestModel.values(name, [2, 2])
    try model.write(to: directory)
    #expect(throws: Never.self) { try DiffusionCheckpoint(opening: .resolve(directory.path)).validate() }
    model.tensors[.unet] = model.tensors[.unet]?.filter { !$0.key.contains("attentions") || $0.key == name }
    try model.write(to: directory)
    expect(.missingTensor("down_blocks.0.attentions.0.proj_in.weight", path: unetPath, expected: nil))
  }

  /// A file may claim more than it takes on the disk.
  @Test mutating func tensorsOfMoreThanFourGibibytes() throws {
    try model.write(to: directory)
    let name = "text_model.embeddings.token_embedding.weight"
    var tensors = model.tensors[.textEncoder] ?? [:]
    tensors[name] = nil
    let path = try directory.writeSafetensors(
      tensors, zeros: name, shape: [1 << 24 + 1, 64], to: "text_encoder/model.safetensors")
    expect(
      .unsupportedStructure(path: path, found: "1073741888 numbers in tensor '\(name)'", expected: "at most 1073741824")
    )
  }

  /// The widths of a network are read from the header; its list of tensors has their products.
  @Test mutating func widthsBeyondAnyNetwork() throws {
    try model.write(to: directory)
    let name = "down_blocks.0.resnets.0.conv1.weight"
    var tensors = model.tensors[.unet] ?? [:]
    tensors[name] = nil
    // Without configuration files, which would contradict the weights first.
    try FileManager.default.removeItem(atPath: directory.file("unet/config.json"))
    let path = try directory.writeSafetensors(
      tensors, zeros: name, shape: [1 << 34, 1, 1, 1], to: "unet/\((unetPath as NSString).lastPathComponent)")
    expect(
      .unsupportedStructure(
        path: path, found: "tensor '\(name)' of shape [17179869184, 1, 1, 1]", expected: "sizes of at most 33554432"))
  }

  /// All names are gone through for every block: a hundred thousand blocks would take hours.
  @Test(.timeLimit(.minutes(1))) mutating func namesOfEndlessBlocks() throws {
    let tensor = TestModel.values("a", [1])
    for index in 0..<20_000 { model.tensors[.unet]?["down_blocks.\(index).attentions.0.a"] = tensor }
    try model.write(to: directory)
    expect(.unsupportedStructure(path: unetPath, found: "20000 down blocks", expected: "at most 32"))
    model = Self.original
    for index in 0..<20_000 { model.tensors[.unet]?["down_blocks.0.resnets.\(index).a"] = tensor }
    try model.write(to: directory)
    expect(.unsupportedStructure(path: unetPath, found: "20000 resnets in down_blocks.0", expected: "at most 32"))
  }

  @Test mutating func shapesTypesAndValues() throws {
    model.tensors[.unet]?[Self.query] = Tensor(zeros: [32, 16])
    try model.write(to: directory)
    expect(.wrongShape(Self.query, path: unetPath, found: [32, 16], expected: [32, 32]))

    model = Self.original
    let name = "down_blocks.0.resnets.0.norm1.position_ids"
    model.tensors[.vae]?["encoder.\(name)"] = Tensor(zeros: [32])
    try model.write(to: directory)
    #expect(throws: Never.self) { try DiffusionCheckpoint(opening: .resolve(directory.path)).validate() }

    let bytes = SafetensorsFile.encode(model.tensors[.unet] ?? [:], metadata: nil) {
      $0 == Self.query ? .int8 : .float16
    }
    try TestModel.write(bytes, to: unetPath)
    expect(.wrongType(Self.query, path: unetPath, found: "I8"))

    let foreign = SafetensorsFile.encode([Self.query: Tensor(zeros: [4])])
    let text = String(decoding: foreign, as: UTF8.self).replacingOccurrences(of: "\"F32\"", with: "\"F8_\"")
    try TestModel.write(Array(text.utf8), to: unetPath)
    expect(.wrongType(Self.query, path: unetPath, found: "F8_"))

    for (value, text) in [(Float.nan, "nan"), (.infinity, "inf"), (-.infinity, "-inf")] {
      model = Self.original
      var poisoned = try #require(model.tensors[.vae]?["quant_conv.weight"])
      poisoned.withMutableSpan { $0[13] = value }
      model.tensors[.vae]?["quant_conv.weight"] = poisoned
      try model.write(to: directory)
      expect(.notFinite("quant_conv.weight", path: vaePath, value: text, index: 13), reading: true)
    }
  }

  /// Halves overflow at 65520: a bad conversion shows as an infinity.
  @Test mutating func overflowingConversion() throws {
    model.tensors[.vae]?["encoder.conv_in.bias"] = Tensor([32], values: (0..<32).map { $0 == 31 ? 70_000 : 0 })
    try model.write(to: directory)
    expect(.notFinite("encoder.conv_in.bias", path: vaePath, value: "inf", index: 31), reading: true)
  }

  @Test mutating func duplicates() throws {
    let scope = "encoder.mid_block.attentions.0."
    model.tensors[.vae]?["\(scope)query.bias"] = Tensor(zeros: [64])
    try model.write(to: directory)
    expect(.duplicate("\(scope)to_q.bias", path: vaePath, other: "\(scope)query.bias"))
  }

  // Files

  @Test func unsupportedFiles() throws {
    try model.write(to: directory)
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"
    let contents: [([UInt8], UnsupportedWeightFile)] = [
      ([], .empty), (Array(pointer.utf8), .gitLFSPointer(byteCount: pointer.utf8.count)),
      (Array("GGUF\u{3}\0\0\0\0\0\0\0".utf8), .gguf), (Array("<!DOCTYPE html><html>".utf8), .webPage),
      (Array("{\"error\":\"Invalid username or password.\"}".utf8), .webPage),
      ([0x50, 0x4b, 3, 4, 0, 0, 8, 8, 0, 0], .pickle), ([0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9], .pickle),
    ]
    for (bytes, kind) in contents {
      try TestModel.write(bytes, to: unetPath)
      expect(.notSafetensors(path: unetPath, kind: kind))
      #expect(throws: CheckpointError.notSafetensors(path: unetPath, kind: kind)) {
        try DiffusionCheckpoint(opening: .resolve(unetPath))
      }
    }
    let error = CheckpointError.notSafetensors(path: unetPath, kind: .gitLFSPointer(byteCount: 135))
    #expect(
      "\(error)"
        == "'\(unetPath)' is a Git LFS pointer of 135 bytes, not the weights; run 'git lfs pull' in its folder")
  }

  @Test func truncatedFiles() throws {
    try model.write(to: directory)
    let bytes = model.encoded(.unet)
    let header = 8 + (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    for count in [4, 5000, header, header + 100, bytes.count - 2] {
      try TestModel.write(Array(bytes[..<count]), to: unetPath)
      let error = #expect(throws: CheckpointError.self) { try DiffusionCheckpoint(opening: .resolve(directory.path)) }
      guard case .truncated(let path, _) = error else {
        Issue.record("\(count) bytes: \(String(describing: error))")
        continue
      }
      #expect(path == unetPath)
    }
    try TestModel.write([UInt8](repeating: 7, count: 100), to: unetPath)
    expect(
      .safetensors(
        path: unetPath, .badHeader("its length is \(0x0707_0707_0707_0707) bytes, expected at most 100000000")))
  }

  @Test func componentsWithoutWeights() throws {
    try model.write(to: directory)
    try remove("vae/diffusion_pytorch_model.safetensors")
    expect(.noComponent(.vae, folder: directory.path, found: ["vae/config.json"]))
    try write("", to: "vae/diffusion_pytorch_model.bin")
    expect(.onlyPickles(folder: directory.file("vae"), files: ["diffusion_pytorch_model.bin"]))
    try write("", to: ".cache/huggingface/download/vae/x.incomplete")
    expect(.incompleteDownload(folder: directory.path, file: ".cache/huggingface/download/vae/x.incomplete"))
    try remove("vae")
    try remove(".cache")
    expect(
      .noComponent(.vae, folder: directory.path, found: ["scheduler", "text_encoder", "tokenizer", "unet"]))
    try FileManager.default.createSymbolicLink(
      atPath: directory.file("text_encoder/model.fp16.safetensors"), withDestinationPath: "../../blobs/gone")
    try model.write(to: directory)
    expect(.incompleteDownload(folder: directory.file("text_encoder"), file: "model.fp16.safetensors"))
  }

  @Test func foldersWithoutAModel() throws {
    expect(.noModel(folder: directory.path, found: []))
    try write("", to: "README.md")
    expect(.noModel(folder: directory.path, found: ["README.md"]))
    try write("", to: "v1-5.ckpt")
    expect(.onlyPickles(folder: directory.path, files: ["v1-5.ckpt"]))
    try write("", to: "a.safetensors")
    expect(.notSafetensors(path: directory.file("a.safetensors"), kind: .empty))
    try write("", to: "b.safetensors")
    expect(.ambiguousFile(folder: directory.path, files: ["a.safetensors", "b.safetensors"]))
    try write("{}", to: "transformer/config.json")
    let error = #expect(throws: CheckpointError.self) { try DiffusionCheckpoint(opening: .resolve(directory.path)) }
    #expect("\(try #require(error))".contains("is a diffusion transformer"))
  }

  @Test func indices() throws {
    try model.write(to: directory)
    try remove(Self.unetName)
    let index = "unet/diffusion_pytorch_model.safetensors.index.json"
    let path = directory.file(index)
    try write(#"{"weight_map": {"conv_in.weight": "part-1-of-2.safetensors"}}"#, to: index)
    expect(.missingShard(index: path, file: "part-1-of-2.safetensors"))
    try TestModel.write(SafetensorsFile.encode([:]), to: directory.file("unet/part-1-of-2.safetensors"))
    expect(.badIndex(path: path, reason: "tensor 'conv_in.weight' is not in 'part-1-of-2.safetensors'"))
    try write(#"{"weight_map": {"conv_in.weight": "../part"}}"#, to: index)
    expect(.badIndex(path: path, reason: "tensor 'conv_in.weight' has no valid file name"))
    try write(#"{"weight_map": {}}"#, to: index)
    expect(.badIndex(path: path, reason: "'weight_map' is empty"))
    try write("{}", to: index)
    expect(.badIndex(path: path, reason: "'weight_map' is missing"))
    try write("{", to: index)
    expect(.badConfiguration(path: path, reason: "invalid JSON: expected '\"' at byte 1"))
  }

  @Test mutating func gapsInTheNumbers() throws {
    for (name, gap) in [
      (
        "down_blocks.2.attentions.1.transformer_blocks.9223372036854775807.norm1.weight",
        "down_blocks.2.attentions.1.transformer_blocks.1"
      ),
      ("down_blocks.1.resnets.3.norm1.weight", "down_blocks.1.resnets.2"),
    ] {
      model = Self.original
      model.tensors[.unet]?[name] = Tensor(zeros: [64])
      try model.write(to: directory)
      expect(
        .unsupportedStructure(path: unetPath, found: "no tensors '\(gap).…'", expected: "consecutive block numbers"))
    }
  }

  /// Nothing in a file may stop the process.
  @Test func damagedHeaders() throws {
    try model.write(to: directory)
    var generator = SeededGenerator(seed: 82)
    let path = "text_encoder/model.safetensors"
    let original = model.encoded(.textEncoder)
    let header = Int(original[0]) | Int(original[1]) << 8
    for _ in 0..<100 {
      var damaged = original
      for _ in 0..<2 {
        let digits = "{}[]\",:0123456789-eE\\x.".utf8
        damaged[8 + Int(generator.next() % UInt64(header))] = digits.randomElement(using: &generator) ?? 0
      }
      try TestModel.write(damaged, to: directory.file(path))
      _ = try? DiffusionCheckpoint(opening: .resolve(directory.path)).validate()
    }
  }
}
