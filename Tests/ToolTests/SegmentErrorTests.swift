// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Images and folders that `segment` cannot work on.
@Suite struct SegmentErrorTests {
  private let coffee = Fixture.path("images/coffee.png")

  /// Bytes of a file, and what is said about it.
  @Test(arguments: [
    (Data(), "file is empty"), (Data("hello, I am a text".utf8), "not an image (looks like text)"),
    (Data([0xff, 0xd8, 0xff, 0xe0]), "the JPEG file is truncated"),
    (Data("GIF89a".utf8), "GIF images are not supported"),
  ])
  func badImagesAreOneLineAndNoFile(content: Data, message: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(content, "bad.png")
    let outcome = try BuiltTool.run(["segment", folder.file("bad.png"), "-o", folder.file("out")])
    #expect(outcome.status == 4)
    #expect(outcome.error.hasPrefix("diffcut: error: \(folder.file("bad.png")): "))
    #expect(outcome.error.localizedCaseInsensitiveContains(message))
    #expect(outcome.error.count { $0 == "\n" } == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("out")) == [])
  }

  @Test(arguments: [100, 700, 2000])
  func truncatedJPEGPhotographsAreExitCodeFour(length: Int) throws {
    let folder = try TemporaryFolder()
    let bytes = try Data(contentsOf: URL(fileURLWithPath: Fixture.path("jpeg/photograph.jpg")))
    try folder.write(bytes.prefix(length), "cut.jpg")
    let outcome = try BuiltTool.run(["segment", folder.file("cut.jpg"), "-o", folder.file("out")])
    #expect(outcome.status == 4)
    #expect(outcome.error.contains("cut.jpg: "))
  }

  @Test(arguments: [33, 1000, 100_000])
  func truncatedPhotographsAreExitCodeFour(length: Int) throws {
    let folder = try TemporaryFolder()
    try folder.write(Data(contentsOf: URL(fileURLWithPath: coffee)).prefix(length), "cut.png")
    let outcome = try BuiltTool.run(["segment", folder.file("cut.png"), "-o", folder.file("out")])
    #expect(outcome.status == 4)
    #expect(outcome.error.contains("cut.png: "))
  }

  @Test(arguments: [
    (
      "P6 100000 100000 255\n",
      "the pixel count is 10000000000, the limit is 268435456; scale the image down or split it into tiles"
    ),
    ("P6 0 5 255\n", "the image size is 0x5, expected at least 1x1; save or export the image again"),
  ])
  func enormousAndEmptyImagesAreExitCodeFour(header: String, message: String) throws {
    let outcome = try BuiltTool.run(["segment", "-", "-o", "-"], input: Data(header.utf8))
    #expect(outcome.status == 4 && outcome.output.isEmpty)
    #expect(outcome.error == "diffcut: error: standard input: \(message)\n")
  }

  @Test func missingFilesAndDirectoriesAreExitCodeFour() throws {
    let folder = try TemporaryFolder()
    let missing = try BuiltTool.run(["segment", folder.file("none.png"), "-o", folder.path])
    #expect(missing.status == 4)
    #expect(missing.error == "diffcut: error: cannot open '\(folder.file("none.png"))': no such file or directory\n")
    let directory = try BuiltTool.run(["segment", folder.path, "-o", folder.file("out")])
    #expect(directory.status == 4)
    #expect(directory.error == "diffcut: error: no images in '\(folder.path)'\n")
  }

  @Test func oneBadImageDoesNotStopTheOthers() throws {
    let folder = try TemporaryFolder()
    let outcome = try BuiltTool.run(["segment", folder.file("none.png"), coffee, "-o", folder.file("out")])
    #expect(outcome.status == 1)
    #expect(outcome.error.contains("1 of 2 images failed"))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.file("out")).sorted()
        == [".diffcut", "coffee.labels.png", "coffee.overlay.png"])
  }

  @Test func collidingNamesAreRefusedBeforeAnyWork() throws {
    let folder = try TemporaryFolder()
    let outcome = try BuiltTool.run(["segment", "x/a.png", "y/a.ppm", "-o", folder.file("out")])
    #expect(outcome.status == 2)
    #expect(outcome.error.contains("'x/a.png' and 'y/a.ppm' would both write"))
    #expect(try folder.names() == [])
  }

  @Test(arguments: [["help"], ["segment", Fixture.path("images/coffee.png"), "-o", "-"]])
  func fullDisksAreExitCodeFive(arguments: [String]) throws {
    let outcome = try BuiltTool.run(arguments, device: "/dev/full")
    #expect(outcome.status == 5)
    #expect(outcome.error == "diffcut: error: cannot write 'standard output': no space left on device\n")
  }

  @Test func directoriesThatCannotBeMadeAreExitCodeFive() throws {
    for path in ["/dev/null/x", String(repeating: "a/", count: 50_000)] {
      #expect(try BuiltTool.run(["segment", coffee, "-o", path]).status == 5)
    }
    #expect(try BuiltTool.run(["segment", coffee, "-o", ""]).status == 2)
  }

  /// A second `segment *.png` would read its own label maps.
  @Test func imagesAreNotOverwrittenByResultsOfOthers() throws {
    let folder = try TemporaryFolder()
    let photograph = try Data(contentsOf: URL(fileURLWithPath: coffee))
    try folder.write(photograph, "w.png")
    try folder.write(photograph, "w.labels.png")
    let outcome = try BuiltTool.run(["segment", folder.file("w.png"), folder.file("w.labels.png"), "-o", folder.path])
    #expect(outcome.status == 2)
    #expect(outcome.error.contains("would overwrite the image"))
    #expect(try folder.contents("w.labels.png") == photograph)
    #expect(try folder.names() == ["w.labels.png", "w.png"])
  }

  @Test func failedImagesHaveAJSONLineToo() throws {
    let folder = try TemporaryFolder()
    let outcome = try BuiltTool.run(["segment", "--json", "-q", coffee, "/nowhere.png", "-o", folder.path])
    #expect(outcome.status == 1)
    let lines = outcome.text.split(separator: "\n")
    #expect(lines.count == 2)
    let last = try #require(try JSONSerialization.jsonObject(with: Data(lines[1].utf8)) as? [String: Any])
    #expect(last["status"] as? String == "error" && last["id"] as? String == "/nowhere.png")
    #expect(last["code"] as? String == "read" && last["retryable"] as? Bool == false)
  }

  @Test func filesWithoutAnEndAreRefused() throws {
    let folder = try TemporaryFolder()
    let sparse = try folder.writeSparse([], byteCount: 1 << 42, to: "sparse.png")
    let outcome = try BuiltTool.run(["segment", sparse, "-o", folder.file("out")])
    #expect(outcome.status == 4)
    #expect(outcome.error.hasSuffix("sparse.png': the file is larger than 2048 MiB, the limit\n"))
  }

  @Test func controlCharactersStayInTheirLine() throws {
    let outcome = try BuiltTool.run(["segment", "no\npe\u{1B}[31m.png", "-o", "-"])
    #expect(outcome.error.count { $0 == "\n" } == 1)
    #expect(outcome.error.contains("no\\u{a}pe\\u{1b}[31m.png"))
  }
}
