// SPDX-License-Identifier: Apache-2.0
import Tensor
import UNet

/// One line on standard error that tells what is being done; nothing when standard error is no terminal.
package final class Progress {
  /// Part of an item's work.
  package struct Step: Equatable, Sendable {
    package let name: String
    /// In any unit that the steps of an item share.
    package let size: Int

    package init(_ name: String, size: Int) {
      self.name = name
      self.size = size
    }
  }

  private let isShown: Bool
  private let total: Int
  private let start = Platform.monotonicSeconds
  private var done = 0
  private var item = ""
  private var step: String?
  /// Size of the steps before the present one, of those before each one, and of all.
  private var finished = 0
  private var offsets: [String: Int] = [:]
  private var size = 0

  package init(total: Int = 1, isQuiet: Bool) {
    self.total = total
    let term = Platform.environment("TERM")
    isShown = !isQuiet && Platform.isTerminal(2) && term != nil && term != "dumb"
  }

  /// Goes on to another item: `done` are finished, `name` is next.
  ///
  /// - Parameter steps: what it consists of, in order, as far as it is known.
  package func show(done: Int = 0, name: String, steps: [Step] = []) {
    self.done = done
    item = name.split(separator: "/").last.map(String.init) ?? name
    step = nil
    (finished, size, offsets) = (0, 0, [:])
    for step in steps {
      offsets[step.name] = size
      size += step.size
    }
    update()
  }

  /// Goes on to a step of the item. One of unknown size stands where the last known one began.
  package func begin(_ step: String) {
    self.step = step
    if let offset = offsets[step] { finished = offset }
    update()
  }

  /// Removes the line.
  package func clear() {
    if isShown { Console.error("\r\u{1B}[K") }
  }

  private func update() {
    guard isShown else { return }
    // Carriage return, text, erase to the end of the line.
    Console.error("\r\(line(after: Platform.monotonicSeconds - start))\u{1B}[K")
  }

  private static let lineLength = 78
  private static let itemLength = 24

  /// The line's text: item, its share that is done, the time left once enough has passed to tell, and the step.
  package func line(after seconds: Double) -> String {
    var line = total > 1 ? "[\(done + 1)/\(total)] " : ""
    line += item.count > Self.itemLength ? printable(String(item.prefix(Self.itemLength - 1))) + "…" : printable(item)
    let share = size > 0 ? Double(finished) / Double(size) : 0
    if share > 0 { line += ", \(Int(share * 100)) %" }
    let overall = (Double(done) + share) / Double(total)
    if overall >= 0.05 && seconds >= 1 {
      line += ", about \(Int((seconds / overall * (1 - overall)).rounded(.up))) s left"
    }
    if let step { line += ": \(Self.title(of: step))" }
    return String(line.prefix(Self.lineLength))
  }

  /// A stage's name as people read it.
  private static func title(of stage: String) -> String {
    let titles = [
      ("vae.", "VAE "), ("unet.", "UNet "), ("text_encoder_2", "text encoder 2"), ("text_encoder", "text encoder"),
    ]
    guard let (prefix, title) = titles.first(where: { stage.hasPrefix($0.0) }) else { return printable(stage) }
    return title + printable(String(stage.dropFirst(prefix.count)))
  }
}

extension Progress.Step {
  /// A stage of an encoder. What bounds its time counts, so that shares are about those of the time.
  package init(_ work: StageWork) { self.init(work.stage, size: work.bound) }
}

extension Progress.Step {
  /// A tensor that is written.
  package init(_ tensor: SafetensorsFile.Planned) { self.init(tensor.name, size: tensor.byteCount) }
}
