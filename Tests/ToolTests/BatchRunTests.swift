// SPDX-License-Identifier: Apache-2.0
import Formats
import Foundation
import Segment
import Tensor
import TestSupport
import Testing
import Tool

@Suite struct BatchRunTests {
  /// A file of 30 bytes that says it has 2²⁸ pixels, with a refinement that takes 512 bytes for each.
  @Test(.enabled(if: Platform.memory ?? .max < 1 << 37)) func imagesThatDoNotFitTheMachineAreRefused() throws {
    let photographs = try Photographs(["1.ppm"])
    try photographs.write(Data("P6\n16384 16384\n255\nshort".utf8), "large.ppm")
    let outcome = try BuiltTool.run(
      ["segment", "--json", "--refine", "pamr", "--pamr-size", "own", "-o", "out", "1.ppm", "large.ppm"],
      directory: photographs.path)
    #expect(outcome.status == 1)
    #expect(try outcome.all("code") == ["", "memory"])
    let message = try outcome.all("message").last ?? ""
    #expect(message.hasPrefix("16384x16384 pixels need about 142.9 GB; the machine has "), "\(message)")
  }

  @Test func sharesTogetherAreTheWhole() throws {
    let photographs = try Photographs((0..<7).map { "\($0).ppm" })
    let (whole, parts) = (try TemporaryFolder(), try TemporaryFolder())
    let arguments = ["segment", photographs.path, "-q", "-o"]
    #expect(try BuiltTool.run(arguments + [whole.path]).status == 0)
    for index in [2, 0, 1] {
      #expect(try BuiltTool.run(arguments + [parts.path, "--shard", "\(index)/3"]).status == 0)
    }
    #expect(try tree(parts.path) == tree(whole.path))
    // More shares than images: some have nothing to do.
    let empty = try BuiltTool.run(
      arguments + [whole.path, "--shard", "auto", "--shards", "20"], environment: ["JOB_COMPLETION_INDEX": "19"])
    #expect(empty.status == 0 && empty.output.isEmpty && empty.error.isEmpty)
  }

  /// Formats that join: the file is the same whether or not images were already done. Each share has its own file.
  @Test(arguments: OutputFormat.allCases.filter { $0.collectionName != nil }.map(\.rawValue))
  func joinedFilesHoldAllImagesInOrder(name: String) throws {
    let format = try #require(OutputFormat(rawValue: name))
    let file = try #require(format.collectionName)
    let photographs = try Photographs(["b.ppm", "a.ppm", "c/d.ppm"])
    let (once, grown) = (try TemporaryFolder(), try TemporaryFolder())
    let arguments = ["segment", "-r", photographs.path, "-q", "-f", name, "-o"]
    #expect(try BuiltTool.run(arguments + [once.path]).status == 0)
    // The second image first, then all.
    #expect(try BuiltTool.run(arguments + [grown.path, "--shard", "1/3"]).status == 0)
    let share = Shard(index: 1, count: 3).name(file)
    #expect(try results(grown.path).contains(share))
    try FileManager.default.removeItem(atPath: grown.file(share))
    #expect(try BuiltTool.run(arguments + [grown.path]).status == 0)
    #expect(try tree(grown.path) == tree(once.path))
    #expect(try results(once.path).contains(file))
  }

  @Test func theJoinedFileOfOneImageIsNamed() throws {
    let photographs = try Photographs(["1.ppm"])
    let out = try TemporaryFolder()
    let arguments = ["segment", photographs.folder.file("1.ppm"), "-o", out.path, "-f", "coco"]
    let outcome = try BuiltTool.run(arguments)
    let lines = outcome.text.split(separator: "\n")
    #expect(outcome.status == 0 && lines.count == 2)
    #expect(lines.last?.hasPrefix("1 image: 1 segmented, ") == true)
    #expect(lines.last?.hasSuffix(" -> \(out.file("annotations.coco.json"))") == true)
    #expect(try BuiltTool.run(arguments).text.contains("\n1 image: 1 already done, "))
    // No other output changes.
    #expect(try BuiltTool.run(arguments + ["-q"]).output.isEmpty)
    #expect(try BuiltTool.run(arguments + ["--json"]).objects.count == 1)
    #expect(try !BuiltTool.run(arguments.dropLast(2)).text.contains("1 image"))
  }

  @Test func failuresAreRecordedAndTheRestGoesOn() throws {
    let photographs = try Photographs(["1.ppm", "3.ppm"])
    try photographs.write(Data("P6 10 10 255\nshort".utf8), "2.ppm")
    try photographs.write(Data("GIF89a of whatever".utf8), "4.gif")
    let out = try TemporaryFolder()
    let arguments = ["segment", photographs.path, "-o", out.path, "--json", "--report", out.file("report.jsonl")]
    let outcome = try BuiltTool.run(arguments)
    #expect(outcome.status == 1)
    #expect(try outcome.all("status") == ["ok", "error", "ok", "error"])
    let failure = try outcome.objects[1]
    #expect(failure["code"] as? String == "decode" && failure["retryable"] as? Bool == false)
    #expect((failure["message"] as? String)?.hasPrefix("the PNM file is truncated") == true)
    let lines = outcome.error.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines.last?.hasPrefix("diffcut: 2 of 4 images failed (exit 1). First: ") == true)
    #expect(lines.last?.hasSuffix(" Details: \(out.file("report.jsonl"))") == true)
    #expect(try out.contents("report.jsonl") == outcome.output)
    #expect(
      try results(out.path) == [
        "1.labels.png", "1.overlay.png", "3.labels.png", "3.overlay.png", "report.jsonl",
      ])
    // The report of a resumed run has a line for every image, already done or not.
    let again = try BuiltTool.run(arguments)
    #expect(again.status == 1)
    #expect(try again.all("status") == ["skipped", "error", "skipped", "error"])
    #expect(try out.contents("report.jsonl") == again.output)
  }

  @Test func nothingButFailuresIsExitCodeFour() throws {
    let photographs = try Photographs()
    for name in ["1.gif", "2.gif"] { try photographs.write(Data("GIF89a of whatever".utf8), name) }
    let outcome = try BuiltTool.run(["segment", photographs.path, "-o", photographs.folder.file("out")])
    #expect(outcome.status == 4 && outcome.output.isEmpty)
    #expect(outcome.error.contains("2 of 2 images failed (exit 4). First: "))
  }

  @Test func theFirstFailureCanBeTheLastImage() throws {
    let photographs = try Photographs(["1.ppm", "3.ppm"])
    try photographs.write(Data("GIF89a of whatever".utf8), "2.gif")
    let outcome = try BuiltTool.run(
      ["segment", photographs.path, "--json", "--fail-fast", "-o", photographs.folder.file("out")])
    #expect(outcome.status == 1)
    #expect(try outcome.all("status") == ["ok", "error"])
    #expect(outcome.error.contains("the rest was skipped (--fail-fast)"))
  }

  @Test func linesTellWhatWasDone() throws {
    let photographs = try Photographs(["a/1.ppm"])
    let good = try BuiltTool.run(["segment", "-r", ".", "--json", "-o", "out"], directory: photographs.path)
    let line = try #require(try good.objects.first)
    #expect(line["v"] as? Int == 1 && line["id"] as? String == "a/1.ppm" && line["path"] as? String == "./a/1.ppm")
    #expect(line["width"] as? Int == 60 && line["height"] as? Int == 45 && line["orientation"] as? Int == 1)
    #expect(line["segments"] as? Int ?? 0 >= 1 && (line["config_hash"] as? String)?.count == 16)
    #expect(line["weights_hash"] == nil && line["peak_mb"] as? Int ?? 0 > 0)
    let times = try #require(line["ms"] as? [String: Int])
    #expect(Set(times.keys) == ["decode", "encode", "cut", "assign", "write", "total"])
    #expect(
      line["outputs"] as? [String: String]
        == ["labels": "out/a/1.labels.png", "overlay": "out/a/1.overlay.png"])
  }

  @Test func linesOfANetworkNameItsStages() throws {
    let photographs = try Photographs(["1.ppm"])
    let outcome = try BuiltTool.run([
      "segment", photographs.path, "--json", "-o", photographs.folder.file("out"), "--model",
      Fixture.path("diffusion/ssd-1b"), "--size", "128",
    ])
    let line = try #require(try outcome.objects.first)
    #expect((line["weights_hash"] as? String)?.count == 16)
    let times = try #require(line["ms"] as? [String: Int])
    #expect(Set(times.keys) == ["decode", "encode", "vae", "unet", "cut", "assign", "write", "total"])
  }

  @Test func orientationIsInTheLine() throws {
    let folder = try TemporaryFolder()
    let outcome = try BuiltTool.run(["segment", Fixture.path("jpeg/orientation-6.jpg"), "--json", "-o", folder.path])
    let line = try #require(try outcome.objects.first)
    #expect(line["orientation"] as? Int == 6 && line["width"] as? Int == 13 && line["height"] as? Int == 23)
  }

  @Test func dryRunsWriteNothing() throws {
    let photographs = try Photographs(["1.ppm", "2.ppm"])
    let out = try TemporaryFolder()
    let arguments = ["segment", photographs.path, "-o", out.file("out")]
    let outcome = try BuiltTool.run(arguments + ["--dry-run", "--report", out.file("report")])
    let files = ["1.labels.png", "1.overlay.png"].map { out.file("out/\($0)") }.joined(separator: ", ")
    let first = "\(photographs.folder.file("1.ppm")) -> \(files)\n"
    #expect(outcome.status == 0 && outcome.text.hasPrefix(first))
    #expect(outcome.text.contains("\n2 images: 2 to do, "))
    #expect(outcome.text.count { $0 == "\n" } == 3)
    #expect(try out.names() == [])
    #expect(try BuiltTool.run(arguments + ["-q", "--shard", "0/2"]).status == 0)
    let before = try tree(out.path)
    let after = try BuiltTool.run(arguments + ["-n", "--json"])
    #expect(try after.all("status") == ["skipped", "pending"])
    #expect(try tree(out.path) == before)
  }

  @Test func tooLittleMemoryIsRefusedBeforeAnyWork() throws {
    let photographs = try Photographs(["1.ppm"])
    try photographs.write(Data("P6 8000 6000 255\n".utf8), "large.ppm")
    let out = photographs.folder.file("out")
    let outcome = try BuiltTool.run(["segment", photographs.path, "-o", out, "--memory", "500M"])
    #expect(outcome.status == 6 && outcome.output.isEmpty)
    #expect(
      outcome.error == "diffcut: error: need about 1.1 GB for --size 393 and '\(photographs.folder.file("large.ppm"))' "
        + "(8000x6000); the limit is 500M\n")
    #expect(!FileManager.default.fileExists(atPath: out))
    #expect(try BuiltTool.run(["segment", photographs.path, "-q", "-o", out, "--memory", "2G"]).status == 1)
    // The size that a network works at counts, whatever the image's.
    let network = try BuiltTool.run([
      "segment", photographs.folder.file("1.ppm"), "-o", out, "--memory", "300M", "--size", "1024", "--model",
      Fixture.path("diffusion/ssd-1b"),
    ])
    #expect(network.status == 6 && network.error.contains("for --size 1024"))
  }

  @Test func progressIsPlainWhereThereIsNoTerminal() throws {
    let photographs = try Photographs(["1.ppm", "2.ppm"])
    for mode in ["auto", "never", "always"] {
      let outcome = try BuiltTool.run(
        ["segment", photographs.path, "--overwrite", "-o", photographs.folder.file("out"), "--progress", mode],
        environment: ["TERM": "xterm"])
      #expect(outcome.status == 0 && !outcome.error.contains("\u{1B}") && !outcome.error.contains("\r"))
      if mode != "always" { #expect(outcome.error.isEmpty) }
    }
  }

  @Test func reportsThatCannotBeWrittenAreExitCodeFive() throws {
    let photographs = try Photographs(["1.ppm"])
    let outcome = try BuiltTool.run([
      "segment", photographs.path, "-o", photographs.folder.file("out"), "--report", "/nowhere/x",
    ])
    #expect(outcome.status == 5 && outcome.error.contains("cannot create '/nowhere/x'"))
  }

  /// A name that the file system does not take is that image's failure.
  @Test func namesThatAreTooLongFailAlone() throws {
    let photographs = try Photographs(["1.ppm", String(repeating: "n", count: 245) + ".ppm"])
    let outcome = try BuiltTool.run(["segment", photographs.path, "--json", "-o", photographs.folder.file("out")])
    #expect(outcome.status == 1)
    #expect(try outcome.all("status") == ["ok", "error"])
    #expect(try outcome.all("code") == ["", "write"])
  }
}
