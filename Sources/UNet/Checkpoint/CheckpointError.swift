// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The reason why a model cannot be found, opened or used. Paths are those of the file or folder that has the problem.
public enum CheckpointError: Error, Equatable, Sendable {
  // Finding the model.
  /// Neither a file, a folder nor a name of the form `organization/name`.
  case noSuchPath(String)
  /// A name of the form `organization/name`; `places` lists the cache folders, with the variables that name them.
  case notInCache(model: String, places: [String])
  case revisionNotInCache(model: String, revision: String, folder: String, available: [String])
  /// A folder with several single-file models.
  case ambiguousFile(folder: String, files: [String])

  // Folders.
  case noModel(folder: String, found: [String])
  case noComponent(ModelComponent, folder: String, found: [String])
  /// The only weights are Python pickles.
  case onlyPickles(folder: String, files: [String])
  case incompleteDownload(folder: String, file: String)
  case badIndex(path: String, reason: String)
  case missingShard(index: String, file: String)

  // Files.
  case system(FileError)
  case notSafetensors(path: String, kind: UnsupportedWeightFile)
  case truncated(path: String, reason: String)
  case safetensors(path: String, SafetensorsError)

  // Tensors, by the name that they have, or should have, in the file.
  /// `expected` is nil for a tensor whose shape determines the shapes of others.
  case missingTensor(String, path: String, expected: [Int]?)
  case wrongShape(String, path: String, found: [Int], expected: [Int])
  case wrongType(String, path: String, found: String)
  case notFinite(String, path: String, value: String, index: Int)
  /// Two tensors of the files are the same tensor of the model.
  case duplicate(String, path: String, other: String)

  // The model.
  case unsupportedFamily(path: String, found: String)
  case unsupportedStructure(path: String, found: String, expected: String)
  /// Settings that weights do not show, such as head counts, are unknown without a configuration file.
  case needsConfiguration(path: String, reason: String)
  case badConfiguration(path: String, reason: String)
  case unsupportedSetting(path: String, key: String, found: String, expected: String)
  /// A packed model of another version.
  case packedVersion(path: String, found: String?, supported: String)
  /// A packed model contains its configuration and accepts no other.
  case packedConfiguration(path: String, folder: String)
  /// The configuration file and the weights disagree.
  case configurationMismatch(path: String, key: String, found: String, weights: String)
}

/// Files of other kinds that are mistaken for safetensors, recognized by their first bytes.
public enum UnsupportedWeightFile: Equatable, Sendable {
  case empty
  case gitLFSPointer(byteCount: Int)
  case gguf
  case pickle
  /// HTML, or a server's error in JSON.
  case webPage
}

extension CheckpointError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noSuchPath(let path):
      "model '\(path)' not found: it is neither a file, a folder nor a name of the form organization/name"
    case .notInCache(let model, let places):
      "model '\(model)' is not in the cache (searched \(places.joined(separator: ", "))); "
        + "download it with: \(Self.downloadCommand(model))"
    case .revisionNotInCache(let model, let revision, let folder, let available):
      "model '\(model)' is in the cache at '\(folder)' without revision '\(revision)' ("
        + (available.isEmpty ? "no revision is complete" : "available: \(available.joined(separator: ", "))")
        + "); download it with: \(Self.downloadCommand(model, revision: revision))"
    case .ambiguousFile(let folder, let files):
      "'\(folder)' contains \(files.count) model files (\(Self.list(files))); pass the path of one of them"
    case .noModel(let folder, let found):
      "'\(folder)' contains no model: expected unet/, vae/ and text_encoder/, or one .safetensors file, "
        + "found \(Self.list(found)); pass the model's folder or file"
    case .noComponent(let component, let folder, let found):
      "'\(folder)' has no \(component.rawValue) weights: expected "
        + "\(component.weightStem)[.fp16].safetensors, found \(Self.list(found)); "
        + "download the rest of the model or pass a complete one"
    case .onlyPickles(let folder, let files):
      "'\(folder)' contains only Python pickles (\(Self.list(files))), which are not supported; "
        + "download the .safetensors weights or convert these to .safetensors"
    case .incompleteDownload(let folder, let file):
      "'\(folder)': the download of '\(file)' is incomplete; run the same hf download command again to finish it"
    case .badIndex(let path, let reason):
      "'\(path)': invalid index of weight files: \(reason); download the model again"
    case .missingShard(let index, let file):
      "'\(index)' lists '\(file)', which is missing; download the rest of the model"
    case .system(let error): "\(error)"
    case .notSafetensors(let path, let kind): "'\(path)' \(kind.description)"
    case .truncated(let path, let reason): "'\(path)' is truncated: \(reason); download it again"
    case .safetensors(let path, let error):
      "'\(path)': \(error.reason); download the .safetensors weights again"
    case .missingTensor(let name, let path, let expected):
      "'\(path)': tensor '\(name)'\(expected.map { " of shape \($0)" } ?? "") is missing; "
        + "check that this is a supported model, or download it again"
    case .wrongShape(let name, let path, let found, let expected):
      "'\(path)': tensor '\(name)' has shape \(found), expected \(expected); check that this is a supported model"
    case .wrongType(let name, let path, let found):
      "'\(path)': tensor '\(name)' has type \(found), expected F16, BF16 or F32; use weights that are not quantized"
    case .notFinite(let name, let path, let value, let index):
      "'\(path)': tensor '\(name)' contains \(value) at element \(index); download or convert the weights again"
    case .duplicate(let name, let path, let other):
      "'\(path)': tensors '\(name)' and '\(other)' are the same part of the model; remove one of them"
    case .unsupportedFamily(let path, let found):
      "'\(path)' is \(found); supported: DINO, DINOv2, SSD-1B, Segmind-Vega, Stable Diffusion 1.x "
        + "and models of the same structure"
    case .unsupportedStructure(let path, let found, let expected):
      "'\(path)' has \(found), expected \(expected); check that this is a supported model"
    case .needsConfiguration(let path, let reason):
      "'\(path)' is of an unknown family (\(reason)) and has no config.json files; "
        + "pass the folder that contains them (--config)"
    case .badConfiguration(let path, let reason): "'\(path)': \(reason)"
    case .unsupportedSetting(let path, let key, let found, let expected):
      "'\(path)': \(key) is \(found), which is not supported; expected \(expected)"
    case .packedVersion(let path, let found, let supported):
      "'\(path)' is a packed model of \(found.map { "version \($0)" } ?? "an unknown version"), "
        + "expected version \(supported); pack the original model again"
    case .packedConfiguration(let path, let folder):
      "'\(path)' is a packed model, which contains its configuration; leave out the configuration folder '\(folder)'"
    case .configurationMismatch(let path, let key, let found, let weights):
      "'\(path)': \(key) is \(found), but the weights have \(weights); use the configuration and weights of one model"
    }
  }

  /// Returns the command that downloads a model into the Hugging Face cache.
  ///
  /// Segmind's repositories contain every weight file in half precision too, which is enough and half the size. Others may not.
  /// Those of DINOv2 have two configuration files and one file of weights.
  ///
  /// - Parameter revision: nil for the main branch.
  package static func downloadCommand(_ model: String, revision: String? = nil) -> String {
    let weights = model.hasPrefix("segmind/") ? "*.fp16.safetensors" : "*.safetensors"
    let files =
      model.hasPrefix("facebook/dinov2")
      ? "config.json preprocessor_config.json model.safetensors" : "--include '*.json' --include '\(weights)'"
    return "hf download \(model)" + (revision.map { " --revision \($0)" } ?? "") + " \(files)"
  }

  private static func list(_ names: [String]) -> String {
    if names.isEmpty { return "no files" }
    return names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
  }
}

extension UnsupportedWeightFile: CustomStringConvertible {
  public var description: String {
    switch self {
    case .empty: "is empty; download it again"
    case .gitLFSPointer(let byteCount):
      "is a Git LFS pointer of \(byteCount) bytes, not the weights; run 'git lfs pull' in its folder"
    case .gguf: "is a GGUF file, which is not supported; use the .safetensors weights"
    case .pickle:
      "is a Python pickle (.ckpt, .pth or .bin), which is not supported; use or convert to .safetensors weights"
    case .webPage:
      "is a web page or a server's error, not the weights; log in if the model requires it and download it again"
    }
  }
}
