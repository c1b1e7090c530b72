// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// Whatever would write two results into one file, or a result over an image, is refused before any work.
@Suite struct BatchCollisionTests {
  private func run(_ photographs: Photographs, _ arguments: [String], list: String = "") throws -> BuiltTool.Outcome {
    if !list.isEmpty { try photographs.write(Data(list.utf8), "list") }
    let before = try tree(photographs.path)
    let outcome = try BuiltTool.run(["segment"] + arguments, directory: photographs.path)
    #expect(try tree(photographs.path) == before, "something was written")
    return outcome
  }

  @Test func oneStemTwice() throws {
    let photographs = try Photographs(["in/a/1.ppm", "in/a/1.pnm"])
    let outcome = try run(photographs, ["-r", "in", "-o", "out"])
    #expect(outcome.status == 2)
    #expect(
      outcome.error == "diffcut: error: 'in/a/1.pnm' and 'in/a/1.ppm' would both write out/a/1.labels.png; "
        + "use --name '{dir}/{file}.{kind}.{ext}' to keep the extensions\n")
    let named = try BuiltTool.run(
      ["segment", "-r", "in", "-o", "out", "-q", "--name", "{dir}/{file}.{kind}.{ext}"], directory: photographs.path)
    #expect(named.status == 0)
    #expect(
      try results(photographs.folder.file("out")) == [
        "a/1.pnm.labels.png", "a/1.pnm.overlay.png", "a/1.ppm.labels.png", "a/1.ppm.overlay.png",
      ])
  }

  /// Operands and lists, and what is said.
  @Test(
    arguments: [
      (["in/a/1.ppm", "in/b/1.ppm"], "", "'in/a/1.ppm' and 'in/b/1.ppm' would both write out/1.labels.png"),
      (["in/a", "in/b"], "", "'in/a/1.ppm' and 'in/b/1.ppm' would both write out/1.labels.png"),
      (
        ["--manifest", "list"], "{\"id\":\".diffcut/1.ppm\",\"path\":\"in/a/1.ppm\"}\n",
        "'in/a/1.ppm' would write out/.diffcut/1.labels.png, where diffcut keeps its records"
      ),
      (["in/a", "--name", "x"], "", "two results of 'in/a/1.ppm' would both be out/x; add {kind} and"),
      (["in/a/1.ppm", "in/a"], "", "'in/a/1.ppm' is given twice: both would write out/1.labels.png"),
      (["in/a/1.ppm", "in/a/1.ppm"], "", "'in/a/1.ppm' is given twice: both would write out/1.labels.png"),
      (
        ["--manifest", "list"], "in/a/1.ppm\nin/a/1.ppm\n", "'in/a/1.ppm' is given twice: both would write out/in/a/1."
      ),
      (
        ["--manifest", "list"], "{\"id\":\"x\",\"path\":\"in/a/1.ppm\"}\n{\"id\":\"x\",\"path\":\"in/b/1.ppm\"}\n",
        "'in/a/1.ppm' and 'in/b/1.ppm' would both write out/x.labels.png"
      ),
      (
        ["--manifest", "list", "-f", "coco"],
        "{\"id\":\"x\",\"path\":\"in/a/1.ppm\"}\n{\"id\":\"x\",\"path\":\"in/b/1.ppm\"}\n",
        "'in/a/1.ppm' and 'in/b/1.ppm' would both write out/.diffcut/x.json"
      ),
      (["in/a", "--name", "{stem}.png"], "", "two results of 'in/a/1.ppm' would both be out/1.png"),
      (
        ["-r", "in", "--name", "{stem}.{kind}.{ext}"], "",
        "'in/a/1.ppm' and 'in/b/1.ppm' would both write out/1.labels.png"
      ),
    ] as [([String], String, String)])
  func oneNameTwice(arguments: [String], list: String, message: String) throws {
    let photographs = try Photographs(["in/a/1.ppm", "in/b/1.ppm"])
    let outcome = try run(photographs, arguments + ["-o", "out"], list: list)
    #expect(outcome.status == 2)
    #expect(outcome.error.hasPrefix("diffcut: error: \(message)"), "\(outcome.error)")
  }

  @Test func sharesSeeCollisionsOfOthers() throws {
    let photographs = try Photographs(["in/a/1.ppm", "in/b/0.ppm", "in/b/1.ppm"])
    for index in 0..<3 {
      let outcome = try run(photographs, ["in/a", "in/b", "-o", "out", "--shard", "\(index)/3"])
      #expect(outcome.status == 2 && outcome.error.contains("would both write"))
    }
  }

  @Test func aFileWhereAFolderIsNeeded() throws {
    let photographs = try Photographs(["in/x.ppm", "in/x.labels.png/1.ppm"])
    let outcome = try run(photographs, ["-r", "in", "-o", "out"])
    #expect(outcome.status == 2)
    #expect(outcome.error.contains("would write out/x.labels.png, where 'in/x.labels.png/1.ppm' needs a folder"))
  }

  @Test func imagesAreNotOverwritten() throws {
    let photographs = try Photographs(["in/w.ppm", "in/w.labels.png"])
    let outcome = try run(photographs, ["in", "-o", "in"])
    #expect(outcome.status == 2)
    #expect(
      outcome.error.hasPrefix(
        "diffcut: error: the result of 'in/w.ppm' would overwrite the image 'in/w.labels.png'; pass another folder with -o\n"
      ))
    try FileManager.default.createSymbolicLink(
      atPath: photographs.folder.file("other"), withDestinationPath: "in")
    #expect(try run(photographs, ["in", "-o", "other"]).status == 2)
    let report = try run(photographs, ["in/w.ppm", "-o", "out", "--report", "in/w.ppm"])
    #expect(report.status == 2 && report.error.contains("--report would overwrite the image 'in/w.ppm'"))
  }

  @Test func theReportIsNoResult() throws {
    let photographs = try Photographs(["in/w.ppm"])
    let outcome = try run(photographs, ["in", "-o", "in", "--report", "in/w.labels.png"])
    #expect(outcome.status == 2 && outcome.error.contains("--report would overwrite"))
  }

  /// Results beside the images: a second run takes none of them for a photograph, nor one in another format.
  @Test func resultsBesideImagesAreNotWorkedOn() throws {
    let photographs = try Photographs(["in/a.ppm", "in/sub/b.ppm"])
    let arguments = ["segment", "-r", "in", "-o", "in", "--json"]
    let first = try BuiltTool.run(arguments, directory: photographs.path)
    #expect(try first.all("status") == ["ok", "ok"])
    let files = try tree(photographs.path)
    let second = try BuiltTool.run(arguments + ["-v"], directory: photographs.path)
    #expect(try second.all("status") == ["skipped", "skipped"])
    #expect(second.error.contains("4 earlier results"))
    let third = try BuiltTool.run(arguments + ["-f", "overlay"], directory: photographs.path)
    #expect(try third.all("status") == ["skipped", "skipped"])
    #expect(try tree(photographs.path) == files)
  }
}
