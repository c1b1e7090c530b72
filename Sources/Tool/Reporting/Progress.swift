// SPDX-License-Identifier: Apache-2.0
import Tensor

/// One line on standard error that tells what is being done; nothing when standard error is no terminal.
package struct Progress {
  private let isShown: Bool
  private let total: Int
  private let start = Platform.monotonicSeconds

  package init(total: Int, isQuiet: Bool) {
    self.total = total
    let term = Platform.environment("TERM")
    isShown = !isQuiet && Platform.isTerminal(2) && term != nil && term != "dumb"
  }

  /// Replaces the line: `done` items are finished, `name` is next.
  package func show(done: Int, name: String) {
    guard isShown else { return }
    var line = "[\(done + 1)/\(total)] \(printable(name))"
    if done > 0 {
      let rest = (Platform.monotonicSeconds - start) / Double(done) * Double(total - done)
      line += ", about \(Int(rest.rounded(.up))) s left"
    }
    // Carriage return, text, erase to the end of the line.
    Console.error("\r\(String(line.prefix(78)))\u{1B}[K")
  }

  /// Removes the line.
  package func clear() {
    if isShown { Console.error("\r\u{1B}[K") }
  }
}
