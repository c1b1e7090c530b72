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
    #expect(outcome.text.split(separator: "\n").allSatisfy { $0.hasPrefix("  ") || $0.count <= 80 })
    #expect(HelpText.overview.contains("  \(name) ") && HelpText.overview.contains(topic.summary))
  }

  /// The main options of a command, in groups and with an example first, on a screen.
  @Test(arguments: CommandTable.commands.map(\.name))
  func everyCommandHasAShortPage(name: String) throws {
    let command = try #require(CommandTable.commands.first { $0.name == name })
    let outcome = try BuiltTool.run(["help", name])
    #expect(outcome.status == 0 && outcome.error.isEmpty && outcome.text == HelpText.page(for: command))
    let lines = outcome.text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count - 1 <= 60, "\(name): \(lines.count - 1) lines")
    #expect(lines[0] == "diffcut \(name): \(command.summary)" && lines[2] == "  \(command.examples[0])")
    #expect(lines.allSatisfy { $0.count <= 80 || $0.hasPrefix("  diffcut ") })
    let titles = OptionGroup.allCases.map { "\($0.rawValue):" }
    let groups = lines.filter { titles.contains(String($0)) }.map(String.init)
    #expect(groups == titles.filter(groups.contains) && groups.last == "diagnostics:")
    #expect(command.mainFlags.allSatisfy { name in command.flags.contains { $0.name == name } })
    for flag in command.mainFlags { #expect(outcome.text.contains("--\(flag)")) }
    for arguments in [[name, "--help-all"], ["help", name, "--help-all"]] {
      let complete = try BuiltTool.run(arguments)
      #expect(complete.status == 0 && complete.text == HelpText.page(for: command, isComplete: true))
    }
  }

  /// The first example of every command, typed in a folder with `fixtures`.
  @Test(arguments: CommandTable.commands.map(\.name))
  func theFirstExampleWorks(name: String) throws {
    let command = try #require(CommandTable.commands.first { $0.name == name })
    let folder = try TemporaryFolder()
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("fixtures"), withDestinationPath: Fixture.repository + "/fixtures")
    for line in command.examples[0].components(separatedBy: " && ") {
      let words = line.split(separator: " ").map(String.init)
      #expect(words[0] == "diffcut")
      // The shell's redirection of standard output is the only sign that examples use.
      let outcome = try BuiltTool.run(Array(words.dropFirst().prefix { $0 != ">" }), directory: folder.path)
      #expect(outcome.status == 0 && outcome.error.isEmpty, "\(line): \(outcome.error)")
    }
  }

  @Test(arguments: [
    (["help", "formts"], "no help for 'formts'", "did you mean 'formats'?"),
    (["help", "reproducability"], "no help for 'reproducability'", "did you mean 'reproducibility'?"),
    (["help", "segmnt"], "no help for 'segmnt'", "did you mean 'segment'?"),
    (["help", "zzz"], "no help for 'zzz'", "see 'diffcut help' for commands and topics"),
    (["help", "--man", "cut"], "--man prints the page of all commands", "leave out 'cut'"),
    (["exit-codes"], "'exit-codes' is a help topic", "see 'diffcut help exit-codes'"),
    (["--version", "--jsn"], "unexpected argument '--jsn' for --version", "use --version or --version --json"),
    (["--verison"], "unknown option '--verison'", "did you mean '--version'?"),
    (["--tau", "3"], "unknown option '--tau'", "name the command first, such as 'diffcut segment --tau'"),
    (["Segment"], "unknown command 'Segment'", "did you mean 'segment'?"),
    (["seg", "a.png"], "unknown command 'seg'", "did you mean 'segment'?"),
    (["re"], "unknown command 're'", "did you mean 'report' or 'refine'?"),
    (["ten/china.png"], "'ten/china.png' is not a command", "did you mean 'diffcut segment ten/china.png'?"),
    (["photo.JPG"], "'photo.JPG' is not a command", "did you mean 'diffcut segment photo.JPG'?"),
    (["x.npy"], "'x.npy' is not a command", "did you mean 'diffcut cut x.npy'?"),
    ([], "no command", "try 'diffcut segment fixtures/images/coffee.png -o out', or see 'diffcut help'"),
  ])
  func mistakesAreNamedAndCorrected(arguments: [String], message: String, hint: String) throws {
    let outcome = try BuiltTool.run(arguments)
    #expect(outcome.status == 2 && outcome.output.isEmpty)
    #expect(outcome.error == "diffcut: error: \(message); \(hint)\n")
  }

  @Test func mistypedPathsAreCorrected() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.file("images"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: Fixture.repository + "/fixtures/images/coffee.png", toPath: folder.file("images/coffee.png"))
    let segment = try BuiltTool.run(["segment", "image/cofee.png"], directory: folder.path)
    #expect(segment.status == 4 && segment.error.hasSuffix("; did you mean 'images/coffee.png'?\n"), "\(segment.error)")
    let refine = try BuiltTool.run(["refine", "images/coffe.png", "labels.png", "-o", "-"], directory: folder.path)
    #expect(refine.status == 4 && refine.error.hasSuffix("; did you mean 'images/coffee.png'?\n"), "\(refine.error)")
    let command = try BuiltTool.run(["images/coffee.pgn"], directory: folder.path)
    #expect(command.error.hasSuffix("; did you mean 'diffcut segment images/coffee.png'?\n"), "\(command.error)")
    let none = try BuiltTool.run(["segment", "elsewhere/else.png"], directory: folder.path)
    #expect(none.status == 4 && !none.error.contains("did you mean"))
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

  /// README, help and errors show the same command.
  @Test func theDownloadCommandIsTheSameEverywhere() throws {
    let command = "hf download segmind/SSD-1B --include '*.json' --include '*.fp16.safetensors'"
    #expect(try BuiltTool.run(["help", "models"]).text.contains("\n  \(command)\n"))
    let folder = try TemporaryFolder()
    let outcome = try BuiltTool.run(
      ["model", "info", "segmind/SSD-1B", "--cache-dir", folder.path])
    #expect(outcome.status == 3 && outcome.error.hasSuffix("; download it with: \(command)\n"), "\(outcome.error)")
    let readme = try String(contentsOfFile: Fixture.repository + "/README.md", encoding: .utf8)
    #expect(readme.contains("\n    \(command)\n"))
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
