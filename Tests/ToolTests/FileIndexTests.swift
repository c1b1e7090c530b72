// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Tool

@Suite struct FileIndexTests {
  private func folder(_ names: [String]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for name in names {
      if name.contains("/") {
        try FileManager.default.createDirectory(
          at: URL(fileURLWithPath: folder.file(name)).deletingLastPathComponent(), withIntermediateDirectories: true)
      }
      try folder.write(Data([1]), name)
    }
    return folder
  }

  private func message(_ body: () throws(ToolError) -> String) -> String {
    do { return "found \(try body())" } catch { return "\(error.code): \(error.message); \(error.hint ?? "no hint")" }
  }

  @Test func filesAreFoundByTheNameWithoutTheEnding() throws {
    let folder = try folder(["b.x.jpg", "a.PNG", ".c.jpg", "d.txt", ".jpg", "e"])
    let index = try FileIndex(.photographs, in: folder.path, as: .badInput)
    #expect(index.ids == ["a", "b.x"])
    #expect(try index.path(of: "a") == folder.file("a.PNG"))
  }

  @Test func theLongestEndingCounts() throws {
    let folder = try folder(["a.features.safetensors", "b.safetensors"])
    #expect(try FileIndex(.features, in: folder.path, as: .badModel).ids == ["a", "b"])
  }

  @Test func missingAndAmbiguousFilesAreNamed() throws {
    let folder = try folder(["a.npy", "a.png"])
    let index = try FileIndex(.labelMaps([".png", ".npy"]), in: folder.path, as: .badInput)
    #expect(
      message { () throws(ToolError) in try index.path(of: "b", hint: "or else") }
        == "badInput: no label map of 'b' in '\(folder.path)'; expected b.png or .npy; or else")
    #expect(
      message { () throws(ToolError) in try index.path(of: "a") }
        == "badInput: '\(folder.file("a.png"))' and '\(folder.file("a.npy"))' are both label maps of 'a'; remove one of the two"
    )
    #expect(try index.path(of: "a", excluding: folder.file("a.png")) == folder.file("a.npy"))
    let preferred = try FileIndex(
      .labelMaps([".npy", ".png"], prefersFirst: true), in: folder.path, as: .badModel)
    #expect(try preferred.path(of: "a") == folder.file("a.npy"))
  }

  @Test func foldersOfTheFolderAreListedWhereTheyBelongToTheId() throws {
    let folder = try folder(["x/a.png", "b.png"])
    let maps = FileIndex.Kind.labelMaps([".png"])
    #expect(try FileIndex(maps, in: folder.path, level: .subfolders, as: .badInput).ids == ["x/a"])
    let both = try FileIndex(maps, in: folder.path, level: .both, as: .badInput)
    #expect(both.ids == ["b", "x/a"])
    #expect(try both.path(of: "y/b") == folder.file("b.png"))
  }

  @Test func aFolderThatCannotBeReadIsNamed() throws {
    let folder = try folder([])
    #expect(
      message { () throws(ToolError) in
        try FileIndex(.photographs, in: folder.file("none"), as: .badInput, hint: "name another").folder
      } == "badInput: cannot open directory '\(folder.file("none"))': no such file or directory; name another")
  }
}
