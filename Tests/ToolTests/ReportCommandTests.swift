// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@Suite struct ReportCommandTests {
  private let chelsea = Fixture.path("images/chelsea.png")
  private let coffee = Fixture.path("images/coffee.png")

  @Test func photographsGiveOnePage() throws {
    let folder = try TemporaryFolder()
    let outcome = try BuiltTool.run([
      "report", chelsea, coffee, "-o", folder.file("report.html"), "--size", "64", "--tau", "0.2", "--eigenvectors",
      "2",
    ])
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    #expect(outcome.text.hasPrefix("\(chelsea): ") && outcome.text.contains("segments at tau 0.2, "))
    #expect(outcome.text.contains("cuts up to tau 0.4, "))
    #expect(try folder.names() == ["report.html"])
    let page = String(decoding: try folder.contents("report.html"), as: UTF8.self)
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.hasSuffix("</html>\n"))
    #expect(page.components(separatedBy: "class=\"record\"").count == 3)
    #expect(page.components(separatedBy: "\"value\":").count == 1 + 2 * 2)
    #expect(page.contains("<title>diffcut report of 2 images</title>"))
  }

  @Test func theSamePageWithAnyNumberOfThreads() throws {
    let pages = try ["1", "3"].map { threads in
      try BuiltTool.run(["report", chelsea, "-o", "-", "--size", "64", "-q", "--threads", threads])
    }
    #expect(pages.allSatisfy { $0.status == 0 && $0.error.isEmpty })
    #expect(pages[0].output == pages[1].output && pages[0].output.count > 100_000)
  }

  @Test func imagesThatFailAreLeftOut() throws {
    let folder = try TemporaryFolder()
    try folder.write(Data("no picture".utf8), "bad.png")
    let outcome = try BuiltTool.run([
      "report", folder.file("bad.png"), chelsea, "-o", folder.file("report.html"), "--size", "64",
    ])
    #expect(outcome.status == 1)
    #expect(outcome.error.contains("bad.png: ") && outcome.error.hasSuffix("diffcut: 1 of 2 images failed\n"))
    #expect(try folder.names() == ["bad.png", "report.html"])
    let all = try BuiltTool.run(["report", folder.file("bad.png"), "-o", folder.file("none.html")])
    #expect(all.status == 4 && all.error.hasPrefix("diffcut: error: \(folder.file("bad.png")): "))
    #expect(try folder.names() == ["bad.png", "report.html"])
  }

  @Test(arguments: [
    (["-q"], "diffcut: error: report needs -o FILE; use -o report.html, or -o - for stdout\n"),
    (
      ["-o", "r.html", "--tau", "0.5", "--max-tau", "0.4"],
      "diffcut: error: --tau 0.5 is above --max-tau 0.4; raise --max-tau\n"
    ),
    (["-o", "r.html", "--max-tau", "3"], "diffcut: error: --max-tau is '3', expected a number from 0.0 to 2.0\n"),
    (
      ["-o", "r.html", "--eigenvectors", "65"],
      "diffcut: error: --eigenvectors is '65', expected a whole number from 0 to 64\n"
    ),
  ])
  func wrongOptionsAreRefused(options: [String], message: String) throws {
    let outcome = try BuiltTool.run(["report", chelsea] + options)
    #expect(outcome.status == 2 && outcome.error.hasPrefix(message))
  }

  @Test func theReportDoesNotOverwriteAnImage() throws {
    let folder = try TemporaryFolder()
    let image = try Data(contentsOf: URL(fileURLWithPath: chelsea))
    try folder.write(image, "a.png")
    let outcome = try BuiltTool.run(["report", folder.file("a.png"), "-o", folder.path + "/./a.png"])
    #expect(outcome.status == 2 && outcome.error.contains("would overwrite the image"))
    #expect(try folder.contents("a.png") == image)
  }
}
