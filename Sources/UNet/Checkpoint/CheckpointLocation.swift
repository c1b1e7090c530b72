// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Where a model lies: a folder or a single file.
///
/// A name of the form `organization/name` is looked up in the cache that Hugging Face's own tools fill; nothing is ever
/// downloaded. Source: the layout in huggingface.co/docs/huggingface_hub/guides/manage-cache:
/// `models--org--name/refs/<revision>` holds a commit, `models--org--name/snapshots/<commit>` the files.
package struct CheckpointLocation: Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    case folder
    case file
  }

  package let path: String
  package let kind: Kind
  /// The name of the model: `organization/name`, or the last part of the path.
  package let name: String
  /// The commit, when the model comes from the cache.
  package let commit: String?

  /// Finds what the user named: a path if there is such a file or folder, else a model in the cache.
  ///
  /// - Parameters:
  ///   - revision: a branch, tag or commit in the cache, nil for the main branch. Means nothing for a path.
  ///   - cacheDirectory: the cache folder, in place of the one that the environment gives.
  ///   - environment: the value of an environment variable, nil when unset.
  package static func resolve(
    _ model: String, revision: String? = nil, cacheDirectory: String? = nil,
    environment: (String) -> String? = Platform.environment
  ) throws(CheckpointError) -> CheckpointLocation {
    if Directory.exists(model) { return CheckpointLocation(path: trimmed(model), kind: .folder) }
    if Directory.hasFile(model) { return CheckpointLocation(path: model, kind: .file) }
    guard isRepositoryName(model) else { throw .noSuchPath(model) }
    let cache = HuggingFaceCache(cacheDirectory: cacheDirectory, environment: environment)
    return try cache.snapshot(of: model, revision: revision)
  }

  /// Two parts of letters, digits, ".", "_" and "-".
  private static func isRepositoryName(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 2
      && parts.allSatisfy { part in
        part.first.map { $0 != "." && $0 != "-" } == true
          && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
      }
  }

  private init(path: String, kind: Kind) {
    self.init(
      path: path, kind: kind, name: path.split(separator: "/").last.map(String.init) ?? path, commit: nil)
  }

  init(path: String, kind: Kind, name: String, commit: String?) {
    (self.path, self.kind, self.name, self.commit) = (path, kind, name, commit)
  }

  private static func trimmed(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? trimmed(String(path.dropLast())) : path
  }
}

/// The folder in which Hugging Face's tools keep what they have downloaded.
struct HuggingFaceCache {
  let root: String?
  /// For the message when a model is not there: what was looked at, and what is unset.
  let places: [String]

  /// `HF_HUB_CACHE`, else `HF_HOME/hub`, else `huggingface/hub` in `XDG_CACHE_HOME` or `~/.cache`.
  init(cacheDirectory: String?, environment: (String) -> String?) {
    if let cacheDirectory {
      root = cacheDirectory
      places = [cacheDirectory]
      return
    }
    let home = value("HOME")
    func value(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
    func expanded(_ path: String) -> String {
      guard let home, path == "~" || path.hasPrefix("~/") else { return path }
      return home + path.dropFirst()
    }
    let sources: [(label: String, path: String?)] = [
      ("$HF_HUB_CACHE", value("HF_HUB_CACHE")),
      ("$HF_HOME/hub", value("HF_HOME").map { "\($0)/hub" }),
      ("$XDG_CACHE_HOME/huggingface/hub", value("XDG_CACHE_HOME").map { "\($0)/huggingface/hub" }),
      ("~/.cache/huggingface/hub", home.map { "\($0)/.cache/huggingface/hub" }),
    ]
    var places: [String] = []
    for (label, path) in sources {
      guard let path else {
        places.append("\(label) (unset)")
        continue
      }
      root = expanded(path)
      self.places = places + [label.hasPrefix("~") ? expanded(path) : "\(label) (\(expanded(path)))"]
      return
    }
    root = nil
    self.places = places
  }

  func snapshot(of model: String, revision: String?) throws(CheckpointError) -> CheckpointLocation {
    guard let root else { throw .notInCache(model: model, places: places) }
    let folder = "\(root)/models--\(model.replacingSlash(with: "--"))"
    guard Directory.exists(folder) else { throw .notInCache(model: model, places: places) }
    let snapshots = (try? Directory.names(in: "\(folder)/snapshots")) ?? []
    guard let commit = commit(of: revision, folder: folder, snapshots: snapshots) else {
      let incomplete = ((try? Directory.names(in: "\(folder)/blobs")) ?? []).first { $0.hasSuffix(".incomplete") }
      if let incomplete, snapshots.isEmpty { throw .incompleteDownload(folder: folder, file: "blobs/\(incomplete)") }
      throw .revisionNotInCache(
        model: model, revision: revision ?? "main", folder: folder, available: available(folder, snapshots))
    }
    return CheckpointLocation(path: "\(folder)/snapshots/\(commit)", kind: .folder, name: model, commit: commit)
  }

  /// The snapshot that a revision stands for: by reference, then by commit, of which seven digits are enough. Without a
  /// main branch, which is so when a commit was downloaded by its number, the only snapshot is taken.
  private func commit(of revision: String?, folder: String, snapshots: [String]) -> String? {
    let name = revision ?? "main"
    let isSafe = !name.split(separator: "/", omittingEmptySubsequences: false).contains { $0 == ".." || $0.isEmpty }
    let reference = "\(folder)/refs/\(name)"
    if isSafe, Directory.hasFile(reference), let bytes = try? MappedFile.contents(of: reference) {
      let commit = String(decoding: bytes.filter { $0 > 0x20 }, as: UTF8.self)
      if snapshots.contains(commit) { return commit }
    }
    let matching = name.count >= 7 ? snapshots.filter { $0.hasPrefix(name) } : []
    if matching.count == 1 { return matching[0] }
    return revision == nil && snapshots.count == 1 ? snapshots[0] : nil
  }

  private func available(_ folder: String, _ snapshots: [String]) -> [String] {
    let references = (try? Directory.names(in: "\(folder)/refs")) ?? []
    return references.filter { Directory.hasFile("\(folder)/refs/\($0)") } + snapshots
  }
}

extension String {
  fileprivate func replacingSlash(with text: String) -> String { split(separator: "/").joined(separator: text) }
}
