// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The failures of single inputs of a command that processes several: each is reported, and the run continues.
struct InputFailures {
  /// The number of inputs.
  let total: Int
  /// The inputs in the plural, for messages: "images".
  let noun: String
  private var failures: [ToolError] = []

  init(total: Int, of noun: String) { (self.total, self.noun) = (total, noun) }

  /// Whether no input was processed.
  var isTotal: Bool { !failures.isEmpty && failures.count == total }

  mutating func add(_ error: ToolError) {
    failures.append(error)
    // The only failure is reported by `main`.
    if total > 1 { Console.error(error.text) }
  }

  /// Reports the number of failures.
  ///
  /// - Returns: exit code 0 without failures, 1 if other inputs were processed; else the code of all failures, 4 if they differ.
  /// - Throws: the failure of an only input.
  func finish() throws(ToolError) -> ExitCode {
    guard let first = failures.first else { return .success }
    if total == 1 { throw first }
    Console.error("diffcut: \(failures.count) of \(total) \(noun) failed\n")
    if !isTotal { return .someInputsFailed }
    return failures.allSatisfy { $0.code == first.code } ? first.code : .badInput
  }
}
