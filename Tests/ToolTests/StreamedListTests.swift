// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// `--manifest -`: a worker that answers every line as it comes.
@Suite struct StreamedListTests {
  private func run(
    _ photographs: Photographs, _ lines: [String], _ options: [String] = ["-f", "labels"]
  ) throws -> BuiltTool.Outcome {
    try BuiltTool.run(
      ["segment", "--manifest", "-", "--json", "-o", "out"] + options,
      input: Data(lines.joined(separator: "\n").utf8), directory: photographs.path)
  }

  /// A process whose input stays open.
  private final class Worker {
    let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(_ arguments: [String], directory: String) throws {
      process.executableURL = URL(fileURLWithPath: try BuiltTool.path())
      process.arguments = arguments
      process.currentDirectoryURL = URL(fileURLWithPath: directory)
      process.standardInput = input
      process.standardOutput = output
      process.standardError = FileHandle.nullDevice
      try process.run()
      // A worker that waits for more than a line would keep the test waiting for ever.
      DispatchQueue.global().asyncAfter(deadline: .now() + 300) { [process] in process.terminate() }
    }

    func ask(_ line: String) throws -> String {
      input.fileHandleForWriting.write(Data("\(line)\n".utf8))
      var answer = Data()
      while answer.last != UInt8(ascii: "\n") {
        let more = output.fileHandleForReading.availableData
        try #require(!more.isEmpty, "the worker ended without an answer to '\(line)'")
        answer += more
      }
      return String(decoding: answer, as: UTF8.self)
    }

    func finish() -> Int32 {
      input.fileHandleForWriting.closeFile()
      process.waitUntilExit()
      return process.terminationStatus
    }
  }

  @Test func everyLineIsAnsweredBeforeTheNextComes() throws {
    let photographs = try Photographs(["1.ppm", "2.ppm"])
    let worker = try Worker(
      ["segment", "--manifest", "-", "--json", "-f", "labels,coco", "-o", "out"], directory: photographs.path)
    #expect(try worker.ask("1.ppm").contains("\"id\":\"1.ppm\",\"status\":\"ok\""))
    #expect(try results(photographs.folder.file("out")) == ["1.labels.png"])
    #expect(try worker.ask("none.ppm").contains("\"id\":\"none.ppm\",\"status\":\"error\",\"code\":\"read\""))
    #expect(try worker.ask("2.ppm").contains("\"id\":\"2.ppm\",\"status\":\"ok\""))
    #expect(worker.finish() == 1)
    #expect(
      try results(photographs.folder.file("out")) == ["1.labels.png", "2.labels.png", "annotations.coco.json"])
  }

  @Test func aWorkerThatWaitsEndsBySignal() throws {
    let photographs = try Photographs(["1.ppm"])
    let worker = try Worker(["segment", "--manifest", "-", "--json", "-o", "out"], directory: photographs.path)
    _ = try worker.ask("1.ppm")
    kill(worker.process.processIdentifier, SIGTERM)
    worker.process.waitUntilExit()
    #expect(worker.process.terminationStatus == 143 && worker.process.terminationReason == .exit)
  }

  @Test func badLinesAreAnsweredAndTheOthersGoOn() throws {
    let photographs = try Photographs(["1.ppm", "2.ppm"])
    let lines = [
      "{\"path\":\"1.ppm\"}", "{\"path\":", "{\"id\":\"x\"}", "", "{\"path\":\"2.ppm\",\"id\":[]}",
      "{\"path\":\"none.ppm\"}", "{\"path\":\"-\"}", "{\"path\":\"2.ppm\"}",
    ]
    let outcome = try run(photographs, lines)
    #expect(outcome.status == 1)
    #expect(try outcome.all("code") == ["", "list", "list", "list", "read", "list", ""])
    #expect(try outcome.all("status") == ["ok", "error", "error", "error", "error", "error", "ok"])
    #expect(
      try outcome.all("id") == [
        "1.ppm", lines[1], lines[2], lines[4], "none.ppm", lines[6], "2.ppm",
      ])
    let message = try outcome.all("message")[2]
    #expect(message.hasPrefix("standard input, line 3: \"path\" is missing; expected {"), "\(message)")
    #expect(outcome.error.contains("5 of 7 images failed (exit 1). First: standard input, line 2: invalid JSON: "))
    #expect(try results(photographs.folder.file("out")) == ["1.labels.png", "2.labels.png"])
  }

  @Test func linesThatAreNoTextOrTooLongAreAnswered() throws {
    let photographs = try Photographs(["1.ppm"])
    var input = Data([0xff, 0xfe, 0x0a]) + Data(repeating: UInt8(ascii: "a"), count: (1 << 20) + 1)
    input += Data("\n1.ppm".utf8)
    let outcome = try BuiltTool.run(
      ["segment", "--manifest", "-", "--json", "-o", "out"], input: input, directory: photographs.path)
    #expect(outcome.status == 1)
    #expect(try outcome.all("status") == ["error", "error", "ok"])
    #expect(try outcome.all("message")[0] == "standard input, line 1: the path is not UTF-8; rename the file")
    #expect(try outcome.all("message")[1] == "standard input, line 2: the line is longer than 1048576 bytes")
  }

  /// Only if all fail the code is 4, and with --exit-zero never.
  @Test func failuresCountInTheExitCodeUnlessTheyShallNot() throws {
    let photographs = try Photographs(["1.ppm"])
    #expect(try run(photographs, ["none.ppm"]).status == 4)
    let outcome = try run(photographs, ["none.ppm"], ["--exit-zero"])
    #expect(outcome.status == 0)
    #expect(try outcome.all("status") == ["error"])
    #expect(outcome.error.contains("1 of 1 images failed (exit 0)"))
    let named = try BuiltTool.run(["segment", "none.ppm", "--exit-zero", "-o", "out"], directory: photographs.path)
    #expect(named.status == 0 && named.error.contains("none.ppm"))
  }

  @Test func namesThatCollideAreTheLinesFault() throws {
    let photographs = try Photographs(["a.ppm", "a.pnm", "b.ppm"])
    let outcome = try run(photographs, ["a.ppm", "a.pnm", "out/a.labels.png", "b.ppm"])
    #expect(outcome.status == 1)
    #expect(try outcome.all("code") == ["", "name", "name", ""])
    let messages = try outcome.all("message")
    #expect(messages[1].hasPrefix("'a.ppm' and 'a.pnm' would both write out/a.labels.png; use --name "))
    #expect(messages[2].hasPrefix("'out/a.labels.png' is a result of this run, out/a.labels.png"))
    // Nor may a result take the place of an image, or of the report.
    let before = try tree(photographs.path)
    try photographs.add("c.labels.png", seed: 9)
    let image = try photographs.folder.contents("c.labels.png")
    try photographs.add("c.ppm", seed: 10)
    let beside = try BuiltTool.run(
      ["segment", "--manifest", "-", "--json", "-f", "labels", "-o", "."],
      input: Data("c.labels.png\nc.ppm\n".utf8), directory: photographs.path)
    #expect(try beside.all("code") == ["", "name"])
    #expect(try photographs.folder.contents("c.labels.png") == image)
    #expect(before.count > 4)
    let report = try run(photographs, ["b.ppm"], ["-f", "labels", "--report", "out/b.labels.png"])
    #expect(try report.all("code") == ["name"])
  }

  /// An engine that tries a line again gets its answer, and joined files hold the image once.
  @Test func anImageMayBeAskedForAgain() throws {
    let photographs = try Photographs(["1.ppm", "2.ppm"])
    let outcome = try run(photographs, ["1.ppm", "2.ppm", "1.ppm"], ["-f", "coco"])
    #expect(outcome.status == 0)
    #expect(try outcome.all("status") == ["ok", "ok", "skipped"])
    let whole = try BuiltTool.run(
      ["segment", "1.ppm", "2.ppm", "-q", "-f", "coco", "-o", "whole"], directory: photographs.path)
    #expect(whole.status == 0)
    #expect(
      try photographs.folder.contents("out/annotations.coco.json")
        == photographs.folder.contents("whole/annotations.coco.json"))
  }

  @Test func sharesOfAStreamAreThoseOfAFile() throws {
    let photographs = try Photographs(["1.ppm", "2.ppm", "3.ppm", "4.ppm", "5.ppm"])
    let lines = (1...5).map { "\($0).ppm" }
    try photographs.write(Data(lines.joined(separator: "\n").utf8), "list")
    for index in 0..<2 {
      let share = ["--shard", "\(index)/2", "-f", "labels,coco"]
      let streamed = try run(photographs, lines, share)
      let read = try BuiltTool.run(
        ["segment", "--manifest", "list", "--json", "-o", "read"] + share, directory: photographs.path)
      #expect(try streamed.all("id") == read.all("id"))
      #expect(try streamed.all("id").count == (index == 0 ? 3 : 2))
    }
    #expect(try tree(photographs.folder.file("out")) == tree(photographs.folder.file("read")))
    // Operands come first.
    let both = try BuiltTool.run(
      ["segment", "5.ppm", "--manifest", "-", "--json", "-n", "-o", "other"], input: Data("1.ppm\n5.ppm\n".utf8),
      directory: photographs.path)
    #expect(try both.all("id") == ["5.ppm", "1.ppm", "5.ppm"])
    let none = try run(photographs, ["1.ppm"], ["--shard", "1/2"])
    #expect(none.status == 0 && none.output.isEmpty && none.error.isEmpty)
  }

  @Test func memoryIsCheckedLineByLine() throws {
    let photographs = try Photographs(["1.ppm"])
    try photographs.add("large.ppm", seed: 1, width: 1500, height: 1000)
    let outcome = try run(photographs, ["large.ppm", "1.ppm"], ["--size", "64", "--memory", "60MB"])
    #expect(outcome.status == 1)
    #expect(try outcome.all("code") == ["memory", ""])
    let refused = try run(photographs, ["1.ppm"], ["--memory", "10MB"])
    #expect(refused.status == 6 && refused.output.isEmpty)
  }

  @Test func unfinishedFilesOfAKilledWorkerGo() throws {
    let photographs = try Photographs(["a/1.ppm", "a/2.ppm"])
    for name in ["out/a/1.labels.png.7.0.partial", "out/.diffcut/a/2.ppm.json.7.0.partial", "out/a/3.png.7.0.partial"] {
      try photographs.write(Data(), name)
    }
    #expect(try run(photographs, ["a/1.ppm", "a/2.ppm"]).status == 0)
    let left = try tree(photographs.folder.file("out")).keys.filter { $0.hasSuffix(".partial") }
    #expect(left == ["a/3.png.7.0.partial"])
  }
}
