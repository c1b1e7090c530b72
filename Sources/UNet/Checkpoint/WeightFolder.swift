// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Opens weight files, and recognizes files of other kinds.
enum WeightFile {
  static func open(_ path: String) throws(CheckpointError) -> SafetensorsFile {
    do {
      return try SafetensorsFile(path: path)
    } catch let error as FileError {
      throw .system(error)
    } catch let error as SafetensorsError {
      if let kind = unsupportedKind(of: path) { throw .notSafetensors(path: path, kind: kind) }
      if case .unsupportedType(let name, let type) = error { throw .wrongType(name, path: path, found: type) }
      throw error.suggestsTruncation
        ? .truncated(path: path, reason: error.reason) : .safetensors(path: path, error)
    } catch {
      throw .badConfiguration(path: path, reason: "\(error)")
    }
  }

  /// A safetensors file starts with the length of its header, which cannot be as large as these starts.
  private static let signatures: [(start: [UInt8], kind: UnsupportedWeightFile)] = [
    (Array("GGUF".utf8), .gguf),
    ([0x50, 0x4b, 0x03, 0x04], .pickle),  // a zip archive, as torch.save writes
    ([0x80, 0x02], .pickle),
    (Array("<".utf8), .webPage), (Array("{\"".utf8), .webPage),
  ]

  private static func unsupportedKind(of path: String) -> UnsupportedWeightFile? {
    guard let file = try? MappedFile(path: path) else { return nil }
    if file.count == 0 { return .empty }
    let start: [UInt8] = file.withBytes { bytes in (0..<min(32, bytes.count)).map { bytes[$0] } }
    if start.starts(with: "version https://git-lfs".utf8) { return .gitLFSPointer(byteCount: file.count) }
    return signatures.first { start.starts(with: $0.start) }?.kind
  }
}

/// The folder of one component of a published model.
struct WeightFolder {
  let component: ModelComponent
  /// The model's folder.
  let root: String
  let names: [String]

  var path: String { component == .visionTransformer ? root : "\(root)/\(component.rawValue)" }

  init(_ component: ModelComponent, root: String) {
    self.component = component
    self.root = root
    names = (try? Directory.names(in: "\(root)/\(component.folder)")) ?? []
  }

  /// A set of weights: one file, or an index of several.
  private struct Candidate {
    let name: String
    let variant: String
    let isIndex: Bool
  }

  var hasWeights: Bool { !candidates.isEmpty }

  /// `stem[.variant].safetensors`, `stem.safetensors.index[.variant].json` or `stem.variant.safetensors.index.json`;
  /// failing these, the only safetensors file whatever its name.
  private var candidates: [Candidate] {
    let stem = component.weightStem
    var result: [Candidate] = []
    for name in names where name == stem || name.hasPrefix("\(stem).") {
      let parts = name.dropFirst(stem.count).split(separator: ".").map(String.init)
      let isIndex = parts.last == "json" && parts.contains("safetensors") && parts.contains("index")
      guard isIndex || parts.last == "safetensors", !name.contains("-of-") else { continue }
      let variant = parts.filter { !["safetensors", "index", "json"].contains($0) }.joined(separator: ".")
      result.append(Candidate(name: name, variant: variant, isIndex: isIndex))
    }
    if result.isEmpty {
      let others = names.filter { $0.hasSuffix(".safetensors") && !$0.contains("-of-") }
      if others.count == 1 { result = [Candidate(name: others[0], variant: "", isIndex: false)] }
    }
    return result
  }

  /// Half-precision weights before the plain ones: the original computes with halves, and they are half as long to read.
  private static let preference = ["fp16", "", "bf16"]

  /// Opens the weights, in whichever variant is there.
  ///
  /// - Parameter variant: the one to take, such as "fp16", or "" for the plain one; nil for any.
  func open(variant: String?) throws(CheckpointError) -> [SafetensorsFile] {
    let choices = candidates.filter { variant == nil || $0.variant == variant }
    let ranked = choices.map { choice in
      (Self.preference.firstIndex(of: choice.variant) ?? Self.preference.count, choice.isIndex ? 1 : 0, choice.name)
    }
    guard let best = ranked.indices.min(by: { ranked[$0] < ranked[$1] }).map({ choices[$0] }) else {
      throw absence
    }
    return best.isIndex ? try openShards(best.name) : [try open(best.name)]
  }

  private func open(_ name: String) throws(CheckpointError) -> SafetensorsFile {
    // A link into the cache's blobs whose target never arrived.
    guard Directory.hasFile("\(path)/\(name)") else { throw .incompleteDownload(folder: path, file: name) }
    return try WeightFile.open("\(path)/\(name)")
  }

  private func openShards(_ index: String) throws(CheckpointError) -> [SafetensorsFile] {
    let indexPath = "\(path)/\(index)"
    let json = try ConfigurationFile(path: indexPath)
    guard let map = json.root["weight_map"]?.object else {
      throw .badIndex(path: indexPath, reason: "'weight_map' is missing")
    }
    var files: [String: SafetensorsFile] = [:]
    for (tensor, value) in map.sorted(by: { $0.key < $1.key }) {
      guard let name = value.string, !Path.hasSlash(name) else {
        throw .badIndex(path: indexPath, reason: "tensor '\(tensor)' has no valid file name")
      }
      if files[name] == nil {
        guard names.contains(name), Directory.hasFile("\(path)/\(name)") else {
          throw .missingShard(index: indexPath, file: name)
        }
        files[name] = try open(name)
      }
      guard files[name]?.entries[tensor] != nil else {
        throw .badIndex(path: indexPath, reason: "tensor '\(tensor)' is not in '\(name)'")
      }
    }
    guard !files.isEmpty else { throw .badIndex(path: indexPath, reason: "'weight_map' is empty") }
    return files.sorted { $0.key < $1.key }.map(\.value)
  }

  /// The reason why the folder has no weights.
  private var absence: CheckpointError {
    if let file = incompleteFile { return .incompleteDownload(folder: root, file: file) }
    let pickles = names.filter { name in [".bin", ".ckpt", ".pth", ".pt"].contains { name.hasSuffix($0) } }
    if !pickles.isEmpty { return .onlyPickles(folder: path, files: pickles) }
    if names.isEmpty { return .noComponent(component, folder: root, found: (try? Directory.names(in: root)) ?? []) }
    return .noComponent(component, folder: root, found: names.map { component.folder + $0 })
  }

  /// A file that `hf download` has begun: beside the weights, in the cache's blobs, or in the folder that
  /// `--local-dir` downloads go through.
  private var incompleteFile: String? {
    for folder in [component.folder, "../../blobs/", ".cache/huggingface/download/\(component.folder)"] {
      let found = ((try? Directory.names(in: "\(root)/\(folder)")) ?? []).first { $0.hasSuffix(".incomplete") }
      if let found { return folder + found }
    }
    return nil
  }
}
