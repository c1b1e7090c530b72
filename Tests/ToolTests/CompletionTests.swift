// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing
import UNet
import Tool

@Suite struct CompletionTests {
  /// bash with the tool's own script, driven as readline drives it. zsh and fish: `Tests/Recipes/completions.sh`.
  struct Case: Sendable, CustomTestStringConvertible {
    let line: String
    let offered: [String]
    init(_ line: String, _ offered: [String]) { (self.line, self.offered) = (line, offered) }
    var testDescription: String { line }
  }

  private static let cases = [
    Case("diffcut ", CommandTable.commands.map(\.name)),
    Case("diffcut ver", ["verify"]),
    Case("diffcut -", ["--help", "--version"]),
    Case("diffcut completions ", ["bash", "zsh", "fish"]),
    Case("diffcut completions bash ", []),
    Case("diffcut help exit", ["exit-codes"]),
    Case("diffcut cut --up", ["--upsample"]),
    Case("diffcut cut --upsample ", ["concept", "nearest", "corner", "bilinear"]),
    Case("diffcut cut --upsample=", ["concept", "nearest", "corner", "bilinear"]),
    Case("diffcut cut --upsample=n", ["nearest"]),
    Case("diffcut cut --tau ", []),
    Case("diffcut cut ", ["file with blanks.npy", "folder"]),
    Case("diffcut cut --tau=0.3 -o fi", ["file with blanks.npy"]),
    Case("diffcut cut f.npy f", ["file with blanks.npy", "folder"]),
    Case("diffcut features f.npy f", []),
    Case("diffcut cut --method d", ["diffcut", "diffseg"]),
    Case("diffcut segment a.png -t 2 f", ["file with blanks.npy", "folder"]),
    Case("diffcut segment -o ", ["folder"]),
    Case("diffcut segment --model b", ["built-in"]),
    Case("diffcut segment -f em", ["embeddings"]),
    Case("diffcut segment --format=labels,ov", ["labels,overlay"]),
    Case("diffcut convert -f co", ["contour", "coco"]),
    Case("diffcut convert -f coco,yolo,co", ["coco,yolo,contour"]),
    Case("diffcut convert -f tr", []),
    Case("diffcut segment -q --model fo", ["folder"]),
    Case("diffcut segment -- --j", []),
    Case("diffcut bench at", ["attention"]),
    Case("diffcut model ", ["info", "check", "pack", "synthesize"]),
    Case("diffcut model synthesize d", SyntheticVisionTransformer.Architecture.allCases.map(\.rawValue)),
    Case("diffcut model synthesize v", ["vega"]),
    Case("diffcut model --config folder synthesize s", ["ssd-1b", "sd1.4"]),
    Case("diffcut model info ", ["file with blanks.npy", "folder"]),
    Case("diffcut coherence ", ["roc", "heatmap", "plot"]),
    Case("diffcut coherence heatmap f", ["file with blanks.npy", "folder"]),
    Case("diffcut coherence roc --labels ", ["folder"]),
    Case("diffcut coherence roc --protocol ", ["paper", "strict"]),
    Case("diffcut nonsense --", []),
  ]

  @Test(arguments: cases)
  func bashOffersWhatComesNext(_ completion: Case) throws {
    let folder = try TemporaryFolder()
    try folder.write(Data(), "file with blanks.npy")
    try FileManager.default.createDirectory(atPath: folder.file("folder"), withIntermediateDirectories: false)
    // "=" is a word of its own, as in COMP_WORDBREAKS.
    var words = completion.line.split(separator: " ").flatMap { word -> [String] in
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      return parts.count == 1 ? parts : [parts[0], "="] + parts.dropFirst().filter { !$0.isEmpty }
    }
    if completion.line.hasSuffix(" ") { words.append("") }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      [
        "bash", "--norc", "-c",
        """
        eval "$1"
        complete -p diffcut | grep -q -- '-F _diffcut' || exit 1
        shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _diffcut
        ((${#COMPREPLY[@]} == 0)) || printf '%s\\n' "${COMPREPLY[@]}"
        """, "bash", Shell.bash.script(for: CommandTable.commands),
      ] + words
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) == "")
    #expect(text.split(separator: "\n").map(String.init).sorted() == completion.offered.sorted())
  }

  @Test(arguments: Shell.allCases)
  func theToolWritesEveryShellsScript(shell: Shell) throws {
    let outcome = try BuiltTool.run(["completions", shell.rawValue])
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    #expect(outcome.text == shell.script(for: CommandTable.commands))
    for flag in CommandTable.commands.flatMap(\.flags) { #expect(outcome.text.contains(flag.name)) }
  }

  @Test func shellsAreSuggested() throws {
    let outcome = try BuiltTool.run(["completions", "fih"])
    #expect(outcome.status == 2)
    #expect(
      outcome.error == """
        diffcut: error: no completions for 'fih', expected one of bash, zsh, fish; did you mean 'fish'?

        """)
  }

  /// Apostrophes, brackets and colons of a summary mean something in every shell.
  @Test func summariesAreQuoted() {
    let flag = Flag("odd", value: "X", "it's [one]: a \\ more")
    let command = Command(
      name: "test", summary: "the tool's: own", operands: "FILE", operandCount: 1...1, options: [.output: [flag]],
      description: "", examples: [])
    let zsh = Shell.zsh.script(for: [command])
    #expect(zsh.contains(#"'(--odd)--odd=[it'\''s \[one\]\: a \\ more]:X: '"#))
    #expect(zsh.contains(#"'test:the tool'\''s: own'"#))
    let fish = Shell.fish.script(for: [command])
    #expect(fish.contains(#"-l odd -x -d 'it\'s [one]: a \\ more'"#))
    #expect(fish.contains(#"-a test -d 'the tool\'s: own'"#))
  }

  @Test func operandsAreWhatTheUsageLineShows() {
    func kinds(_ operands: String, _ count: ClosedRange<Int>) -> [ValueKind] {
      Command(
        name: "test", summary: "", operands: operands, operandCount: count, options: [:], description: "", examples: []
      ).operandsInOrder
    }
    #expect(kinds("IMAGE...", 1...Int.max) == [.file])
    #expect(kinds("a|b|FILE", 1...1) == [.fileOr(["a", "b"])])
    #expect(kinds("a|b FILE...", 2...Int.max) == [.choices(["a", "b"]), .file])
    #expect(kinds("[A|B]", 0...1) == [.file])
    #expect(kinds("FROM TO", 1...3) == [.file, .file, .file])
    #expect(kinds("", 0...0) == [])
  }

  /// The options without which an option has no effect.
  private func prerequisites(_ condition: OptionCondition, of command: Command) -> [String] {
    guard case .with(let name, let values, _) = condition else { return [] }
    let words = command.flags.first { $0.name == name }?.kind.words ?? []
    return ["--\(name)", values.first ?? words.first ?? "x.svg"]
  }

  /// The choices that shells offer are those that the command takes: it lists them when it is given another word.
  @Test func choicesAreThoseTheCommandsTake() throws {
    let others = [
      "segment": ["x", "--model", "x"], "features": [Fixture.path("images/coffee.png"), "--model", "x", "-o", "-"],
      "cut": ["x", "-o", "-"], "report": ["x", "-o", "x.html", "--model", "x"],
      "model": ["synthesize", "ssd-1b", "-o", "x"], "bench": ["encoder", "--model", "x"],
      "eval": ["--model", "x"], "sweep": ["x", "--model", "x"],
      "coherence": ["roc", "--model", "x"],
    ]
    var checked = 0
    for command in CommandTable.commands {
      for flag in command.flags {
        guard case .choices(let words) = flag.kind else { continue }
        let arguments =
          [command.name, "--\(flag.name)", "@"] + (others[command.name] ?? ["x"])
          + flag.conditions.flatMap { prerequisites($0, of: command) }
        let outcome = try BuiltTool.run(arguments, directory: NSTemporaryDirectory())
        #expect(outcome.status == 2)
        #expect(outcome.error.contains("--\(flag.name) is '@', expected one of \(words.joined(separator: ", "))\n"))
        checked += 1
      }
    }
    #expect(checked >= 9)
  }
}
