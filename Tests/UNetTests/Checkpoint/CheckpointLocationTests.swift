// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing
import UNet

@Suite struct CheckpointLocationTests {
  private let directory: TemporaryDirectory
  private static let commit = "60987f37e94cd59c36b1cba832b9f97b57395a10"
  private static let other = "3bbad7fb2ba12b1245d83ffa7aa22bfcfaaad1e9"

  init() throws { directory = try TemporaryDirectory() }

  private func write(_ text: String, to name: String) throws {
    try TestModel.write(Array(text.utf8), to: directory.file(name))
  }

  /// A cache folder with one model in two snapshots, the first of which is the main branch.
  private func fill(_ cache: String) throws {
    let model = "\(cache)/models--segmind--SSD-1B"
    try write(Self.commit + "\n", to: "\(model)/refs/main")
    try write(Self.other, to: "\(model)/refs/refs/pr/1")
    for commit in [Self.commit, Self.other] { try write("{}", to: "\(model)/snapshots/\(commit)/model_index.json") }
  }

  private func resolve(
    _ model: String = "segmind/SSD-1B", revision: String? = nil, cache: String? = nil,
    in environment: [String: String]
  ) throws -> CheckpointLocation {
    try CheckpointLocation.resolve(model, revision: revision, cacheDirectory: cache) { environment[$0] }
  }

  @Test func everyCacheFolder() throws {
    let root = directory.path
    let cases: [(environment: [String: String], cache: String)] = [
      (["HF_HUB_CACHE": "\(root)/a", "HF_HOME": "\(root)/none", "HOME": "\(root)/none"], "a"),
      (["HF_HOME": "\(root)/b", "HOME": "\(root)/none"], "b/hub"),
      (["HF_HUB_CACHE": "", "XDG_CACHE_HOME": "\(root)/c", "HOME": "\(root)/none"], "c/huggingface/hub"),
      (["HOME": "\(root)/d"], "d/.cache/huggingface/hub"),
      (["HF_HOME": "~/e", "HOME": root], "e/hub"),
    ]
    for (environment, cache) in cases {
      try fill(cache)
      let expected = directory.file("\(cache)/models--segmind--SSD-1B/snapshots/\(Self.commit)")
      let location = try resolve(in: environment)
      #expect(location.path == expected && location.kind == .folder && location.commit == Self.commit)
      #expect(try resolve(cache: directory.file(cache), in: [:]) == location)
    }
  }

  @Test func revisions() throws {
    try fill("hub")
    let environment = ["HF_HUB_CACHE": directory.file("hub")]
    for (revision, commit) in [
      ("main", Self.commit), (Self.other, Self.other), (String(Self.other.prefix(8)), Self.other),
      ("refs/pr/1", Self.other),
    ] {
      #expect(try resolve(revision: revision, in: environment).commit == commit, "\(revision)")
    }
    let folder = directory.file("hub/models--segmind--SSD-1B")
    for revision in ["v2", "3bbad7", "../refs/main", ""] {
      #expect(
        throws: CheckpointError.revisionNotInCache(
          model: "segmind/SSD-1B", revision: revision, folder: folder, available: ["main", Self.other, Self.commit])
      ) { try resolve(revision: revision, in: environment) }
    }
  }

  /// A commit that was downloaded by its number leaves no reference.
  @Test func withoutAMainBranch() throws {
    let environment = ["HF_HUB_CACHE": directory.path]
    let model = "models--segmind--SSD-1B"
    try write("", to: "\(model)/blobs/00.incomplete")
    #expect(
      throws: CheckpointError.incompleteDownload(folder: directory.file(model), file: "blobs/00.incomplete")
    ) { try resolve(in: environment) }
    try write("{}", to: "\(model)/snapshots/\(Self.commit)/model_index.json")
    #expect(try resolve(in: environment).commit == Self.commit)
    try write("{}", to: "\(model)/snapshots/\(Self.other)/model_index.json")
    #expect(throws: CheckpointError.self) { try resolve(in: environment) }
  }

  @Test func pathsComeFirst() throws {
    try write("", to: "org/name.safetensors")
    let file = directory.file("org/name.safetensors")
    #expect(try resolve(file, in: [:]).kind == .file)
    #expect(try resolve(directory.file("org") + "//", in: [:]).path == directory.file("org"))
    for path in [directory.file("missing"), "./a/b", "name", "a/b/c", "a/../b", "-a/b", "a b/c", ""] {
      #expect(throws: CheckpointError.noSuchPath(path)) { try resolve(path, in: ["HF_HUB_CACHE": directory.path]) }
    }
  }

  @Test func absentModels() throws {
    let error = #expect(throws: CheckpointError.self) { try resolve(in: ["HOME": "/home/u"]) }
    #expect(
      "\(try #require(error))"
        == "model 'segmind/SSD-1B' is not in the cache (searched $HF_HUB_CACHE (unset), $HF_HOME/hub (unset), "
        + "$XDG_CACHE_HOME/huggingface/hub (unset), /home/u/.cache/huggingface/hub); download it with: "
        + "hf download segmind/SSD-1B --include '*.json' --include '*.fp16.safetensors'")
    #expect(
      throws: CheckpointError.notInCache(model: "segmind/SSD-1B", places: ["$HF_HUB_CACHE (/x)"])
    ) { try resolve(in: ["HF_HUB_CACHE": "/x"]) }
    #expect(throws: CheckpointError.self) { try resolve(in: [:]) }
  }
}
