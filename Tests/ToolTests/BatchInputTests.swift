// SPDX-License-Identifier: Apache-2.0
import Foundation
import Tensor
import TestSupport
import Testing

@Suite struct BatchInputTests {
  @Test func foldersGiveTheirImagesAndNoOthers() throws {
    let photographs = try Photographs([
      "b.ppm", "a.ppm", "sub/c.ppm", ".hidden.ppm", ".folder/d.ppm", "a.labels.png.7.0.partial",
    ])
    try photographs.write(Data("hello".utf8), "notes.txt")
    try photographs.write(Data("P1 is my plan".utf8), "plan.txt")
    try photographs.write(Data("BMW 320".utf8), "cars.txt")
    let out = photographs.folder.file("sub/out")
    let flat = try BuiltTool.run(["segment", photographs.path, "-n", "--json", "-o", out])
    #expect(try flat.all("id") == ["a.ppm", "b.ppm"])
    #expect(flat.error.isEmpty)
    let deep = try BuiltTool.run(["segment", "-r", photographs.path, "-nv", "--json", "-o", out])
    #expect(try deep.all("id") == ["a.ppm", "b.ppm", "sub/c.ppm"])
    #expect(deep.error.contains("skipped 2 files that are not images") == false)
    #expect(deep.error.contains("skipped 3 files that are not images"))
  }

  @Test func resultsLieAsTheImagesDo() throws {
    let photographs = try Photographs(["a/1.ppm", "a/b/1.ppm", "1.ppm"])
    let out = try TemporaryFolder()
    let outcome = try BuiltTool.run(["segment", "-r", photographs.path, "-q", "-f", "labels", "-o", out.path])
    #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.error.isEmpty)
    #expect(try results(out.path) == ["1.labels.png", "a/1.labels.png", "a/b/1.labels.png"])
  }

  /// The order is that of the paths' bytes: capitals first, "-" before "/".
  @Test func theOrderIsThatOfBytes() throws {
    let photographs = try Photographs(["b.ppm", "B.ppm", "a-1.ppm", "a/1.ppm", "é.ppm", "z.ppm"])
    let outcome = try BuiltTool.run(["segment", "-r", photographs.path, "-n", "--json", "-o", "/nowhere"])
    #expect(try outcome.all("id") == ["B.ppm", "a-1.ppm", "a/1.ppm", "b.ppm", "z.ppm", "é.ppm"])
  }

  @Test func linksAreFollowedButNotInCircles() throws {
    let photographs = try Photographs(["real/1.ppm"])
    let files = FileManager.default
    try files.createSymbolicLink(atPath: photographs.folder.file("real/back"), withDestinationPath: "..")
    try files.createSymbolicLink(atPath: photographs.folder.file("other"), withDestinationPath: "real")
    try files.createSymbolicLink(atPath: photographs.folder.file("2.ppm"), withDestinationPath: "real/1.ppm")
    let outcome = try BuiltTool.run(["segment", "-r", photographs.path, "-n", "--json", "-o", "/nowhere"])
    #expect(try outcome.all("id") == ["2.ppm", "other/1.ppm", "real/1.ppm"])
  }

  /// Two links in every folder to the next one: a million paths lead to the last of twenty.
  @Test(.timeLimit(.minutes(1))) func linksThatFanOutAreRefused() throws {
    let photographs = try Photographs((0...20).map { "\($0)/a.ppm" })
    let files = FileManager.default
    for level in 0..<20 {
      for link in ["x", "y"] {
        try files.createSymbolicLink(
          atPath: photographs.folder.file("\(level)/\(link)"), withDestinationPath: "../\(level + 1)")
      }
    }
    let outcome = try BuiltTool.run(["segment", "-r", photographs.path, "-n", "-o", "/nowhere"])
    #expect(outcome.status == 4 && outcome.output.isEmpty)
    #expect(outcome.error.contains("lead to this folder along more than 100 paths"))
  }

  @Test func whatCannotBeReadIsAFailureAndNotForgotten() throws {
    let photographs = try Photographs(["1.ppm"])
    try FileManager.default.createSymbolicLink(
      atPath: photographs.folder.file("gone.ppm"), withDestinationPath: "nothing")
    let out = try TemporaryFolder()
    let outcome = try BuiltTool.run(["segment", photographs.path, "--json", "-o", out.path])
    #expect(outcome.status == 1)
    #expect(try outcome.all("status") == ["ok", "error"])
    #expect(outcome.error.contains("gone.ppm': no such file or directory"))
  }

  #if os(Linux)
    @Test func namesThatAreNotUTF8WereSaidNotToExist() throws {
      let photographs = try Photographs(["1.ppm"])
      let name = Array(photographs.folder.file("b").utf8) + [0xff, 0]
      try name.withUnsafeBufferPointer { path in
        let file = try #require(path.withMemoryRebound(to: CChar.self) { fopen($0.baseAddress!, "w") })
        fclose(file)
      }
      let out = try TemporaryFolder()
      let outcome = try BuiltTool.run(["segment", photographs.path, "-q", "-o", out.path])
      #expect(outcome.status == 1)
      #expect(outcome.error.contains("no such file or directory; if its name is not UTF-8, rename the file\n"))
    }
  #endif

  /// They were passed over with exit code 0: a download that had failed was not missed.
  @Test func filesNamedLikeImagesThatAreNoneAreFailures() throws {
    let photographs = try Photographs(["1.ppm"])
    try photographs.write(Data("version https://git-lfs.github.com/spec/v1\n".utf8), "2.jpg")
    try photographs.write(Data(), "3.PNG")
    let out = try TemporaryFolder()
    let outcome = try BuiltTool.run(["segment", photographs.path, "--json", "-f", "labels,csv", "-o", out.path])
    #expect(outcome.status == 1)
    #expect(try outcome.all("id") == ["1.ppm", "2.jpg", "3.PNG"])
    #expect(try outcome.all("status") == ["ok", "error", "error"])
    #expect(try outcome.all("code") == ["", "decode", "decode"])
    let lines = outcome.error.split(separator: "\n")
    #expect(lines[0].hasPrefix("diffcut: error: \(photographs.folder.file("2.jpg")): "))
    #expect(lines[0].contains("'git lfs pull'"))
    #expect(
      lines[1] == "diffcut: error: \(photographs.folder.file("3.PNG")): the file is empty; write or download it again")
    #expect(try results(out.path) == ["1.labels.png", "segments.csv"])
  }

  @Test func foldersWithoutImagesAreExitCodeFour() throws {
    let photographs = try Photographs(["sub/1.ppm"])
    let outcome = try BuiltTool.run(["segment", photographs.path, "-o", "/nowhere"])
    #expect(outcome.status == 4)
    #expect(
      outcome.error == "diffcut: error: no images in '\(photographs.path)'; use -r to search its subfolders\n")
    let missing = try BuiltTool.run(["segment", photographs.folder.file("none"), "-o", photographs.folder.file("out")])
    #expect(missing.status == 4)
  }

  /// The text of a list, the options that go with it, and the names and results it gives.
  @Test(
    arguments: [
      ("a/1.ppm\n\nb/1.ppm\r\n", [], ["a/1.ppm", "b/1.ppm"], ["a/1.labels.png", "b/1.labels.png"]),
      ("./a/../b/1.ppm", [], ["./a/../b/1.ppm"], ["b/1.labels.png"]),
      ("b/1.ppm\0a/1.ppm\0", ["-0"], ["b/1.ppm", "a/1.ppm"], ["b/1.labels.png", "a/1.labels.png"]),
      ("\u{feff}a/1.ppm\r\nb/1.ppm\r\n", [], ["a/1.ppm", "b/1.ppm"], ["a/1.labels.png", "b/1.labels.png"]),
      ("a/1.ppm\0b/1.ppm", ["--null"], ["a/1.ppm", "b/1.ppm"], ["a/1.labels.png", "b/1.labels.png"]),
      (
        "{\"id\":\"x/frame.0001\",\"path\":\"a/1.ppm\"}\n{\"path\":\"b/1.ppm\",\"more\":1}\n", [],
        ["x/frame.0001", "b/1.ppm"], ["x/frame.0001.labels.png", "b/1.labels.png"]
      ),
      (
        "{\"id\":\"cat.ppm\",\"path\":\"a/1.ppm\"}\n{\"id\":7,\"path\":\"b/1.ppm\"}", [], ["cat.ppm", "7"],
        ["cat.labels.png", "7.labels.png"]
      ),
    ] as [(String, [String], [String], [String])])
  func listsNameImages(text: String, options: [String], ids: [String], names: [String]) throws {
    let photographs = try Photographs(["a/1.ppm", "b/1.ppm"])
    let arguments = ["segment", "--json", "-f", "labels", "-o", "out", "--manifest"]
    let outcome = try BuiltTool.run(
      arguments + ["-"] + options, input: Data(text.utf8), directory: photographs.path)
    #expect(outcome.status == 0)
    #expect(try outcome.all("id") == ids)
    #expect(try outcome.objects.map { ($0["outputs"] as? [String: String])?["labels"] } == names.map { "out/\($0)" })
    try photographs.write(Data(text.utf8), "list")
    let again = try BuiltTool.run(arguments + ["list"] + options, directory: photographs.path)
    #expect(try again.all("status") == ids.map { _ in "skipped" })
  }

  /// A slash and an accent are one letter in text and a slash to the file system; "..." and an extension leave "..".
  @Test(
    arguments: [
      ("../\u{301}x.ppm", "\u{301}x", nil), ("a/../\u{301}/../\u{301}x.ppm", "\u{301}x", nil),
      ("...ppm", "...ppm", "{stem}/{kind}.{ext}"), ("a/..ppm", "a/..ppm", "{dir}/{stem}.{ext}"),
      ("/../../x.ppm", "x", nil),
    ] as [(String, String, String?)])
  func noNameLeadsOutOfTheFolder(id: String, stem: String, template: String?) throws {
    let photographs = try Photographs(["1.ppm"])
    let list = try JSONSerialization.data(withJSONObject: ["id": id, "path": "1.ppm"])
    let name = template.map { ["--name", $0] } ?? []
    let outcome = try BuiltTool.run(
      ["segment", "-q", "-f", "labels", "-o", "out", "--manifest", "-"] + name, input: list,
      directory: photographs.path)
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(try photographs.folder.names() == ["1.ppm", "out"])
    let expected =
      template == nil ? "\(stem).labels.png" : template == "{stem}/{kind}.{ext}" ? "\(stem)/labels.png" : "\(stem).png"
    // Foundation cannot list such names.
    #expect(Directory.hasFile(photographs.folder.file("out/\(expected)")))
  }

  /// A line costs no more when there are many.
  @Test(.timeLimit(.minutes(1))) func listsMayBeLong() throws {
    let folder = try TemporaryFolder()
    let lines = (0..<100_000).map { "{\"id\":\"\($0 % 317)/\($0)\",\"path\":\"photos/\($0).jpg\"}\n" }.joined()
    try folder.write(Data(lines.utf8), "list")
    let outcome = try BuiltTool.run(
      ["segment", "--manifest", "list", "--dry-run", "--json", "-o", "out"], directory: folder.path)
    #expect(outcome.output.count { $0 == UInt8(ascii: "\n") } == 100_000)
    #expect(outcome.status == 4, "none of them is there")
    #expect(try folder.names() == ["list"])
  }

  @Test(
    arguments: [
      (Data("{\"path\":3}".utf8), "list, line 1: \"path\" is missing"),
      (Data("{\"path\":\"a\"}\nplain".utf8), "list, line 2: invalid JSON: "),
      (Data("{\"id\":[],\"path\":\"a\"}".utf8), "list, line 1: \"id\" must be text or a whole number"),
      (Data("a\0b\0".utf8), "list, line 1: the path contains NUL"),
      (Data([0x61, 0x0a, 0xff, 0xfe]), "list, line 2: the path is not UTF-8"),
      (Data("..".utf8), "list, line 1: '..' is not the name of a file"),
      (Data("a\n-\n".utf8), "list, line 2: a list cannot contain standard input"),
    ] as [(Data, String)])
  func badListsAreExitCodeFour(list: Data, message: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(list, "list")
    let outcome = try BuiltTool.run(["segment", "--manifest", "list"], directory: folder.path)
    #expect(outcome.status == 4)
    #expect(outcome.error.hasPrefix("diffcut: error: \(message)"), "\(outcome.error)")
    #expect(try folder.names() == ["list"])
    let missing = try BuiltTool.run(["segment", "--manifest", "none"], directory: folder.path)
    #expect(missing.status == 4 && missing.error.contains("cannot open 'none'"))
  }

  @Test(arguments: ["", "\n\n"])
  func emptyListsAreNoFailure(list: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try BuiltTool.run(
      ["segment", "--manifest", "-", "--json"], input: Data(list.utf8), directory: folder.path)
    #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.error.isEmpty)
    #expect(try folder.names() == [])
  }
}
