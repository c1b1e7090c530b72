// SPDX-License-Identifier: Apache-2.0
import Formats
import Foundation
import Segment
import TestSupport
import Testing
import Tool

@Suite struct HelpTests {
  @Test(arguments: HelpTopic.all.map(\.name))
  func everyTopicHasAPageThatTheOverviewNames(name: String) throws {
    let topic = try #require(HelpTopic.all.first { $0.name == name })
    let outcome = try BuiltTool.run(["help", name])
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    #expect(outcome.text == HelpText.page(for: topic))
    #expect(outcome.text.hasPrefix("diffcut: \(topic.summary)\n\n"))
    #expect(outcome.text.split(separator: "\n").allSatisfy { $0.count <= 120 })
    #expect(HelpText.overview.contains("  \(name) ") && HelpText.overview.contains(topic.summary))
  }

  @Test(arguments: [
    (["help", "formts"], "no help for 'formts'", "did you mean 'formats'?"),
    (["help", "reproducability"], "no help for 'reproducability'", "did you mean 'reproducibility'?"),
    (["help", "segmnt"], "no help for 'segmnt'", "did you mean 'segment'?"),
    (["help", "zzz"], "no help for 'zzz'", "'diffcut help' lists commands and topics"),
    (["help", "--man", "cut"], "--man is the page of all commands", "leave out 'cut'"),
    (["exit-codes"], "unknown command 'exit-codes'", "see 'diffcut help exit-codes'"),
    (["--version", "--jsn"], "unexpected argument '--jsn' for --version", "--version [--json]"),
  ])
  func mistakesAreNamedAndCorrected(arguments: [String], message: String, hint: String) throws {
    let outcome = try BuiltTool.run(arguments)
    #expect(outcome.status == 2 && outcome.output.isEmpty)
    #expect(outcome.error == "diffcut: error: \(message)\ndiffcut: hint: \(hint)\n")
  }

  /// A format or an exit code that is added must show up by itself.
  @Test func topicsListWhatTheCodeHas() throws {
    let formats = try BuiltTool.run(["help", "formats"]).text
    for format in OutputFormat.allCases { #expect(formats.contains("  \(format.rawValue) ")) }
    for format in ImageFormat.allCases where !format.isSupported { #expect(formats.contains(format.displayName)) }
    let codes = try BuiltTool.run(["help", "exit-codes"]).text
    for code in ExitCode.allCases { #expect(codes.contains("  \(code.rawValue) ") && codes.contains(code.summary)) }
    let tau = try BuiltTool.run(["help", "tau"]).text
    #expect(tau.contains("tau \(BuiltInEncoder().defaultTau), alpha \(BuiltInEncoder().graph.alpha)"))
  }

  /// Every variable that the sources read, and no other, is in `help environment`.
  @Test func environmentVariablesAreAllListed() throws {
    let sources = URL(fileURLWithPath: Fixture.repository).appendingPathComponent("Sources")
    var read: Set<String> = []
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    for case let file as URL in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /(?:environment|value)\("([A-Z][A-Z_0-9]+)"\)/) { read.insert(String(match.1)) }
      if text.contains("environment(environmentVariable)") { read.insert(InstructionSet.environmentVariable) }
    }
    #expect(read.count >= 7)
    #expect(read == Set(EnvironmentVariable.all.map(\.name)))
  }

  @Test func theVersionIsAvailableAsJSON() throws {
    #expect(try BuiltTool.run(["--version"]).text == "diffcut \(Tool.version)\n")
    let outcome = try BuiltTool.run(["--version", "--json"], environment: ["DIFFCUT_ISA": ""])
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    struct Record: Decodable {
      let version: String
      let isa: String
      let supported: [String]
      let threads: Int
    }
    let record = try JSONDecoder().decode(Record.self, from: outcome.output)
    #expect(record.version == Tool.version && record.threads >= 1)
    #expect(record.supported == InstructionSet.supported.map(\.rawValue) && record.isa == record.supported.last)
    let forced = try BuiltTool.run(["--version", "--json"], environment: ["DIFFCUT_ISA": "portable"])
    #expect(try JSONDecoder().decode(Record.self, from: forced.output).isa == "portable")
    let refused = try BuiltTool.run(["--version", "--json"], environment: ["DIFFCUT_ISA": "mmx"])
    #expect(refused.status == 2 && refused.error.contains("DIFFCUT_ISA is 'mmx'"))
  }

  @Test func theManualPageHasEverything() throws {
    let outcome = try BuiltTool.run(["help", "--man"])
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    let lines = outcome.text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(outcome.text.contains("\n.TH DIFFCUT 1 "))
    for command in CommandTable.commands {
      #expect(lines.contains(".SS \(command.name)"))
      for flag in command.flags {
        #expect(outcome.text.contains("\\fB\\-\\-\(flag.name.replacing("-", with: "\\-"))\\fR"))
      }
    }
    for variable in EnvironmentVariable.all { #expect(lines.contains("\\fB\(variable.name)\\fR")) }
    for code in ExitCode.allCases { #expect(lines.contains("\\fB\(code.rawValue)\\fR")) }
    // Only requests and escapes of the man macros; a stray dot at a line's start would lose the line.
    let requests = Set(lines.filter { $0.hasPrefix(".") }.map { $0.prefix { $0 != " " } })
    #expect(
      requests.isSubset(of: [".\\\"", ".TH", ".SH", ".SS", ".B", ".I", ".br", ".PP", ".TP", ".nf", ".fi", ".RS", ".RE"])
    )
    #expect(lines.allSatisfy { !$0.hasPrefix("'") && $0.utf8.allSatisfy { $0 < 0x7f } })
  }
}
