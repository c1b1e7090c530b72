// SPDX-License-Identifier: Apache-2.0
import Testing
import Tool

@Suite struct NumberListTests {
  private func numbers(_ texts: String...) throws(ToolError) -> [Double]? {
    try ParsedArguments(texts.map { "--tau=\($0)" }, for: CommandTable.sweep).numbers("tau", in: -2...2)
  }

  @Test func listsAndRangesAreJoinedInOrder() throws {
    #expect(try numbers() == nil)
    #expect(try numbers("0.5") == [0.5])
    #expect(try numbers("0.5,0.1", "1e-1,2") == [0.1, 0.5, 2])
    #expect(try numbers("0.3:0.5:0.1,0.35") == [0.3, 0.35, 0.4, 0.5])
    #expect(try numbers("-0.1:0.1:0.1") == [-0.1, 0, 0.1])
    #expect(try numbers("0:1:.25") == [0, 0.25, 0.5, 0.75, 1])
    #expect(try numbers("1e-3:3e-3:1e-3") == [0.001, 0.002, 0.003])
    #expect(try numbers("1:1:5") == [1])
  }

  /// Sums of 0.05 would miss most of these.
  @Test func stepsAreTheDecimalsThatAreTyped() throws {
    let expected = ["0.05", "0.1", "0.15", "0.2", "0.25", "0.3", "0.35", "0.4", "0.45", "0.5", "0.55", "0.6"]
    #expect(try numbers("0.05:0.6:0.05") == expected.compactMap(Double.init))
    #expect(try numbers("0.1:0.35:0.1") == [0.1, 0.2, 0.3])
    #expect(try numbers("0.001:1:0.001")?.count == 1000)
  }

  @Test(arguments: [
    ("", "--tau: '' is not a number or range"), ("0.1,,0.2", "--tau: '' is not a number"),
    ("abc", "--tau: 'abc' is not a number"), ("nan", "--tau: 'nan' is not a number"),
    ("0.1:0.5", "--tau: '0.1:0.5' is not a range FIRST:LAST:STEP"), ("0:1:x", "--tau: '0:1:x' is not a range"),
    ("0:1:inf", "is not a range"), ("0x0:1:1", "is not a range"), ("::", "is not a range"),
    ("1:2:3:4", "is not a range"),
    ("0:1:1e999", "is not a range"), ("0:1:1e-9223372036854775808", "is not a range"),
    ("0:1:0", "the step of '0:1:0' must be above 0"), ("0:1:-1", "must be above 0"),
    ("1:0:1", "'1:0:1' ends before it begins"), ("0.1,3", "--tau: 3 is outside -2.0 to 2.0"),
    ("1:3:0.5", "--tau: 1:3:0.5 is outside"), ("0:2:0.001", "--tau has more than 1000 values"),
    ("0:1:1e-15", "--tau has more than 1000 values"), ("0:1:1e-90", "differ too much in magnitude"),
  ])
  func mistakesAreNamed(text: String, message: String) throws {
    do throws(ToolError) {
      let found = try numbers(text)
      Issue.record("\(found ?? [])")
    } catch {
      #expect(error.code == .usage && error.message.contains(message), "\(error.message)")
    }
  }

  @Test func timestepsAreWholeNumbers() throws {
    func timesteps(_ text: String) throws(ToolError) -> [Int]? {
      try ParsedArguments(["--timestep", text], for: CommandTable.sweep).wholeNumbers("timestep", in: 0...1000)
    }
    #expect(try timesteps("10,100:500:200,10") == [10, 100, 300, 500])
    #expect(throws: ToolError(.usage, "--timestep: 0.5 is not a whole number")) { try timesteps("0:1:0.5") }
  }
}
