// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Why a model could not be found, opened or used. Paths are those of the file or folder at fault.
public enum CheckpointError: Error, Equatable, Sendable {
  // Finding.
  case noSuchPath(String)
  /// A name of the form `organization/name`; `places` says of every cache folder what it is and whether it is set.
  case notInCache(model: String, places: [String])
  case revisionNotInCache(model: String, revision: String, folder: String, available: [String])
  case ambiguousFile(folder: String, files: [String])

  // Folders.
  case noModel(folder: String, found: [String])
  case noComponent(ModelComponent, folder: String, found: [String])
  /// Weights are there, but only as Python pickles.
  case onlyPickles(folder: String, files: [String])
  case incompleteDownload(folder: String, file: String)
  case badIndex(path: String, reason: String)
  case missingShard(index: String, file: String)

  // Files.
  case system(FileError)
  case notSafetensors(path: String, kind: UnsupportedWeightFile)
  case truncated(path: String, reason: String)
  case safetensors(path: String, SafetensorsError)

  // Tensors, by the name they have (or ought to have) in the file.
  /// `expected` is nil for a tensor that the others' shapes follow from.
  case missingTensor(String, path: String, expected: [Int]?)
  case wrongShape(String, path: String, found: [Int], expected: [Int])
  case wrongType(String, path: String, found: String)
  case notFinite(String, path: String, value: String, index: Int)
  /// Two tensors of the files stand for one of the model.
  case duplicate(String, path: String, other: String)

  // The model.
  case unsupportedFamily(path: String, found: String)
  case unsupportedStructure(path: String, found: String, expected: String)
  /// Head counts and the like are not in the weights, and there is no configuration file.
  case needsConfiguration(path: String, reason: String)
  case badConfiguration(path: String, reason: String)
  case unsupportedSetting(path: String, key: String, found: String, expected: String)
  /// A packed model of another time, and the version that is read.
  case packedVersion(path: String, found: String?, supported: String)
  /// A packed model holds its configuration.
  case packedConfiguration(path: String, folder: String)
  /// The configuration file and the weights beside it contradict one another.
  case configurationMismatch(path: String, key: String, found: String, weights: String)
}

/// Files that are taken for safetensors by mistake, told by how they begin.
public enum UnsupportedWeightFile: Equatable, Sendable {
  case empty
  case gitLFSPointer(byteCount: Int)
  case gguf
  case pickle
  /// HTML, or a server's refusal in JSON.
  case webPage
}

extension CheckpointError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noSuchPath(let path):
      "model '\(path)': no such file or folder, and no name of the form organization/name"
    case .notInCache(let model, let places):
      "model '\(model)' is not in the cache, looked in \(places.joined(separator: ", ")); "
        + "get it with: hf download \(model) \(Self.downloadPatterns)"
    case .revisionNotInCache(let model, let revision, let folder, let available):
      "model '\(model)' is in the cache at '\(folder)', but not its revision '\(revision)' ("
        + (available.isEmpty ? "there is none" : "there is \(available.joined(separator: ", "))")
        + "); get it with: hf download \(model) --revision \(revision) \(Self.downloadPatterns)"
    case .ambiguousFile(let folder, let files):
      "'\(folder)' holds \(files.count) model files (\(files.joined(separator: ", "))); give the path of one"
    case .noModel(let folder, let found):
      "'\(folder)' holds no model, expected unet/, vae/ and text_encoder/ or one .safetensors file, "
        + "found \(Self.list(found))"
    case .noComponent(let component, let folder, let found):
      "'\(folder)' has no \(component.rawValue) weights, expected "
        + "\(component.weightStem)[.fp16].safetensors, found \(Self.list(found)); "
        + "download the rest of the model or give a complete one"
    case .onlyPickles(let folder, let files):
      "'\(folder)' holds weights only as Python pickles (\(Self.list(files))), which are not read; "
        + "download the .safetensors files or convert them"
    case .incompleteDownload(let folder, let file):
      "'\(folder)': a download stopped half way ('\(file)'); run the same hf download command again to finish it"
    case .badIndex(let path, let reason): "'\(path)': bad index of weight files: \(reason)"
    case .missingShard(let index, let file):
      "'\(index)' names the file '\(file)', which is not there; download the rest of the model"
    case .system(let error): "\(error)"
    case .notSafetensors(let path, let kind): "'\(path)' \(kind.description)"
    case .truncated(let path, let reason):
      "'\(path)' ends too early: \(reason); it is probably half downloaded, fetch it again"
    case .safetensors(let path, let error): "'\(path)': \(error)"
    case .missingTensor(let name, let path, let expected):
      "'\(path)': tensor '\(name)' is missing\(expected.map { ", expected shape \($0)" } ?? ""); "
        + "is this another kind of model?"
    case .wrongShape(let name, let path, let found, let expected):
      "'\(path)': tensor '\(name)' has shape \(found), expected \(expected)"
    case .wrongType(let name, let path, let found):
      "'\(path)': tensor '\(name)' has type \(found), expected F16, BF16 or F32; quantized weights are not supported"
    case .notFinite(let name, let path, let value, let index):
      "'\(path)': tensor '\(name)' holds \(value) at element \(index), expected finite numbers; "
        + "the file is damaged or was converted badly, fetch it again"
    case .duplicate(let name, let path, let other):
      "'\(path)': tensor '\(name)' is there twice, as '\(other)' too"
    case .unsupportedFamily(let path, let found):
      "'\(path)' is \(found); supported are SSD-1B, Segmind-Vega, Stable Diffusion 1.x "
        + "and models of the same structure"
    case .unsupportedStructure(let path, let found, let expected): "'\(path)' has \(found), expected \(expected)"
    case .needsConfiguration(let path, let reason):
      "'\(path)' fits no known family (\(reason)) and comes without config.json files; "
        + "give the folder that holds them with --config"
    case .badConfiguration(let path, let reason): "'\(path)': \(reason)"
    case .unsupportedSetting(let path, let key, let found, let expected):
      "'\(path)': \(key) is \(found), supported is \(expected)"
    case .packedVersion(let path, let found, let supported):
      "'\(path)' is a packed model of version \(found ?? "none"), this program reads version \(supported); "
        + "pack the original again"
    case .packedConfiguration(let path, let folder):
      "'\(path)' is a packed model, which holds its configuration; leave out --config '\(folder)'"
    case .configurationMismatch(let path, let key, let found, let weights):
      "'\(path)': \(key) is \(found), but the weights have \(weights); the two files do not belong together"
    }
  }

  /// What `hf download` is to fetch: of the folders the .safetensors and .json files, of the root nothing. One pattern,
  /// because versions of the tool differ in how they take several.
  private static let downloadPatterns = "--include '*/*.[sj]*'"

  private static func list(_ names: [String]) -> String {
    if names.isEmpty { return "nothing" }
    return names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
  }
}

extension UnsupportedWeightFile: CustomStringConvertible {
  public var description: String {
    switch self {
    case .empty: "is empty; fetch it again"
    case .gitLFSPointer(let byteCount):
      "is a Git LFS pointer of \(byteCount) bytes and not the weights; run 'git lfs pull' in that folder"
    case .gguf: "is a GGUF file, which is not supported; use the .safetensors weights"
    case .pickle: "is a Python pickle (.ckpt, .pth or .bin), which is not read; use the .safetensors weights"
    case .webPage:
      "is a web page or a server's message and not the weights: the download failed, often for want of a login"
    }
  }
}
