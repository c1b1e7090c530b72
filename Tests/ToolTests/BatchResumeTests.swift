// SPDX-License-Identifier: Apache-2.0
import Formats
import Foundation
import Segment
import TestSupport
import Testing

@Suite struct BatchResumeTests {
  private static let names = (0..<36).map { "\(["", "a/", "a/b/", "c/"][$0 % 4])\($0).ppm" }
  /// Every format, so that those with joined files are among them.
  private static let formats = OutputFormat.allCases.map(\.rawValue).joined(separator: ",")

  private func start(_ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try BuiltTool.path())
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// Waits until so many images are finished, or the process is.
  private func wait(for count: Int, _ process: Process, _ folder: String) {
    let records = "\(folder)/.diffcut"
    while process.isRunning {
      let names = FileManager.default.enumerator(atPath: records)?.compactMap { $0 as? String } ?? []
      if names.count(where: { $0.hasSuffix(".json") }) >= count { return }
    }
  }

  private func undisturbed(_ photographs: Photographs) throws -> [String: Data] {
    let out = try TemporaryFolder()
    let outcome = try BuiltTool.run(["segment", "-r", photographs.path, "-q", "-f", Self.formats, "-o", out.path])
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    return try tree(out.path)
  }

  /// Killed five times, at whatever moment each is reached, then left alone.
  @Test func killedRunsAreTakenUpWhereTheyWere() throws {
    let photographs = try Photographs(Self.names)
    let expected = try undisturbed(photographs)
    #expect(expected.count >= 3 * Self.names.count)
    let out = try TemporaryFolder()
    let arguments = ["segment", "-r", photographs.path, "-q", "-f", Self.formats, "-o", out.path]
    for count in [1, 6, 7, 20, 30] {
      let process = try start(arguments)
      wait(for: count, process, out.path)
      usleep(UInt32.random(in: 0..<20_000))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let last = try BuiltTool.run(arguments)
    #expect(last.status == 0 && last.error.isEmpty)
    #expect(try tree(out.path) == expected)
    let again = try BuiltTool.run(arguments.filter { $0 != "-q" } + ["--json"])
    #expect(try again.all("status") == Self.names.map { _ in "skipped" })
    #expect(try tree(out.path) == expected)
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func stoppedRunsLeaveNothingUnfinished(signal: Int32) throws {
    let photographs = try Photographs(Self.names)
    let expected = try undisturbed(photographs)
    let out = try TemporaryFolder()
    let arguments = ["segment", "-r", photographs.path, "-q", "-f", Self.formats, "-o", out.path]
    let process = try start(arguments)
    wait(for: 5, process, out.path)
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 128 + signal)
    let files = try tree(out.path)
    #expect(!files.keys.contains { $0.hasSuffix(".partial") })
    #expect(files.count < expected.count)
    // What is there is whole.
    #expect(files.allSatisfy { expected[$0.key] == $0.value })
    #expect(try BuiltTool.run(arguments).status == 0)
    #expect(try tree(out.path) == expected)
  }

  /// With results beside the images the run that was killed has to tell its own from photographs.
  @Test func killedRunsBesideTheImagesAreTakenUp() throws {
    let undisturbed = try Photographs(Self.names)
    #expect(try BuiltTool.run(["segment", "-r", undisturbed.path, "-q", "-o", undisturbed.path]).status == 0)
    let photographs = try Photographs(Self.names)
    let arguments = ["segment", "-r", photographs.path, "-q", "-o", photographs.path]
    for count in [1, 2, 15] {
      let process = try start(arguments)
      wait(for: count, process, photographs.path)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let last = try BuiltTool.run(arguments)
    #expect(last.status == 0 && last.error.isEmpty)
    #expect(try tree(photographs.path) == tree(undisturbed.path))
  }

  @Test func staleFilesOfKilledRunsAreRemovedButOtherFilesAreNot() throws {
    let photographs = try Photographs(["a/1.ppm"])
    let out = try Photographs()
    let stale = [
      "a/1.labels.png.77.0.partial", "a/1.overlay.png.1.3.partial", ".diffcut/a/1.ppm.json.77.1.partial",
    ]
    let others = ["a/2.labels.png.77.0.partial", "a/1.labels.png.partial", "a/x.partial", "notes.txt"]
    for name in stale + others { try out.write(Data("x".utf8), name) }
    #expect(try BuiltTool.run(["segment", "-r", photographs.path, "-q", "-o", out.path]).status == 0)
    let files = try tree(out.path)
    #expect(stale.allSatisfy { files[$0] == nil } && others.allSatisfy { files[$0] != nil })
  }

  /// What is done to a finished folder, and which of the images 1, 2, 3 are then done again.
  @Test(arguments: ["removed", "cut", "changed", "no record", "cut record", "changed image", "nothing"])
  func damageIsRepaired(damage: String) throws {
    let photographs = try Photographs(["1.ppm", "2.ppm", "3.ppm"])
    let out = try TemporaryFolder()
    let arguments = ["segment", photographs.path, "--json", "-f", Self.formats, "-o", out.path]
    #expect(try BuiltTool.run(arguments).all("status") == ["ok", "ok", "ok"])
    let expected = try tree(out.path)
    let (labels, record) = (out.file("2.labels.png"), ".diffcut/2.ppm.json")
    switch damage {
    case "removed": try FileManager.default.removeItem(atPath: labels)
    case "cut": try out.write(out.contents("2.labels.png").dropLast(), "2.labels.png")
    case "changed":
      var bytes = try out.contents("2.overlay.png")
      bytes[bytes.count / 2] ^= 1
      try out.write(bytes, "2.overlay.png")
    case "no record": try FileManager.default.removeItem(atPath: out.file(record))
    case "cut record": try out.write(out.contents(record).prefix(100), record)
    case "changed image": try photographs.add("2.ppm", seed: 1, width: 61)
    default: break
    }
    let status = damage == "nothing" ? "skipped" : "ok"
    #expect(try BuiltTool.run(arguments).all("status") == ["skipped", status, "skipped"])
    if damage != "changed image" { #expect(try tree(out.path) == expected) }
    #expect(try BuiltTool.run(arguments).all("status") == ["skipped", "skipped", "skipped"])
  }

  /// Options of a second run after one with `--tau 0.3`, and whether it has work to do.
  @Test(
    arguments: [
      (["--tau", "0.3"], "skipped"), (["--tau", "0.30"], "skipped"), (["--tau", "0.31"], "ok"),
      (["--tau", "0.3", "--alpha", "30"], "skipped"), (["--tau", "0.3", "--alpha", "29"], "ok"),
      (["--tau", "0.3", "--upsample", "nearest"], "ok"), (["--tau", "0.3", "--size", "100"], "ok"),
      (["--tau", "0.3", "-f", "labels"], "skipped"), (["--tau", "0.3", "-t", "1"], "skipped"),
      (["--tau", "0.3", "--overwrite"], "ok"), (["--tau", "0.3", "--name", "{file}.{kind}.{ext}"], "ok"),
    ] as [([String], String)])
  func otherSettingsAreOtherResults(options: [String], status: String) throws {
    let photographs = try Photographs(["1.ppm", "2.ppm"])
    let out = try TemporaryFolder()
    let arguments = ["segment", photographs.path, "--json", "-o", out.path]
    #expect(try BuiltTool.run(arguments + ["--tau", "0.3"]).all("status") == ["ok", "ok"])
    #expect(try BuiltTool.run(arguments + options).all("status") == [status, status])
  }

  @Test func aFormatMoreIsMadeAndTheOthersStay() throws {
    let photographs = try Photographs(["1.ppm"])
    let out = try TemporaryFolder()
    let arguments = ["segment", photographs.path, "--json", "-o", out.path, "-f"]
    #expect(try BuiltTool.run(arguments + ["labels"]).all("status") == ["ok"])
    #expect(try results(out.path) == ["1.labels.png"])
    #expect(try BuiltTool.run(arguments + ["labels,overlay"]).all("status") == ["ok"])
    #expect(try results(out.path) == ["1.labels.png", "1.overlay.png"])
  }

  /// Weights count by what is in them, not by where they lie.
  @Test func otherWeightsAreOtherResults() throws {
    let photographs = try Photographs(["1.ppm"])
    let out = try TemporaryFolder()
    let files = FileManager.default
    let copy = out.file("model")
    try files.copyItem(atPath: Fixture.path("diffusion/ssd-1b"), toPath: copy)
    func statuses(_ model: String) throws -> [String] {
      try BuiltTool.run([
        "segment", photographs.path, "--json", "-o", out.file("out"), "--model", model, "--size", "128",
      ]).all("status")
    }
    #expect(try statuses(Fixture.path("diffusion/ssd-1b")) == ["ok"])
    #expect(try statuses(copy) == ["skipped"])
    let weights = try #require(
      files.subpaths(atPath: copy)?.first { $0.hasPrefix("unet/") && $0.hasSuffix(".safetensors") })
    let url = URL(fileURLWithPath: "\(copy)/\(weights)")
    var bytes = try Data(contentsOf: url)
    bytes[bytes.count - 2] ^= 1
    try bytes.write(to: url)
    #expect(try statuses(copy) == ["ok"])
  }
}
