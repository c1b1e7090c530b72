// SPDX-License-Identifier: Apache-2.0
import Tensor
import UNet

/// One line on standard error that tells what is being done; nothing when standard error is no terminal, unless asked for.
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

  /// When there is a line.
  package enum Mode: String, CaseIterable, Sendable {
    case automatic = "auto"
    case always, never
  }

  /// How the line is shown.
  private enum Style {
    /// Drawn again and again in its place.
    case animated
    /// A line of its own every few seconds.
    case plain
    case none
  }

  private let style: Style
  /// Nil while it is not known.
  private let total: Int?
  private let start = Platform.monotonicSeconds
  private var lastPlainLine = Platform.monotonicSeconds
  private var done = 0
  /// Of those, the ones that took no time.
  private var skipped = 0
  private var item = ""
  private var step: String?
  /// Size of the steps before the present one, of those before each one, and of all.
  private var finished = 0
  private var offsets: [String: Int] = [:]
  private var size = 0

  package init(total: Int? = 1, isQuiet: Bool, mode: Mode = .automatic) {
    self.total = total
    let term = Platform.environment("TERM")
    let isAnimated = Platform.isTerminal(2) && term != nil && term != "dumb"
    switch mode {
    case _ where isQuiet: style = .none
    case .automatic: style = isAnimated ? .animated : .none
    case .always: style = isAnimated ? .animated : .plain
    case .never: style = .none
    }
  }

  /// Goes on to another item: `done` are finished, `name` is next.
  ///
  /// - Parameters:
  ///   - skipped: how many of the finished ones were no work; the time left is estimated from the others.
  ///   - steps: what the item consists of, in order, as far as it is known.
  package func show(done: Int = 0, skipped: Int = 0, name: String, steps: [Step] = []) {
    self.done = done
    self.skipped = skipped
    item = name.split(separator: "/").last.map(String.init) ?? name
    step = nil
    setSteps(steps)
    update()
  }

  /// Tells what the item consists of, once that is known.
  package func setSteps(_ steps: [Step]) {
    (finished, size, offsets) = (0, 0, [:])
    for step in steps {
      offsets[step.name] = size
      size += step.size
    }
  }

  /// Goes on to a step of the item. One of unknown size stands where the last known one began.
  package func begin(_ step: String) {
    self.step = step
    if let offset = offsets[step] { finished = offset }
    update()
  }

  /// Returns an observer of one computation whose stages are steps of the item.
  func observer() -> StageObserver { StageObserver(willBegin: begin) }

  /// Removes the line.
  package func clear() {
    if style == .animated { Console.error("\r\u{1B}[K") }
  }

  private static let plainInterval = 10.0

  private func update() {
    let now = Platform.monotonicSeconds
    switch style {
    case .none: break
    case .animated:
      // Carriage return, text, erase to the end of the line.
      Console.error("\r\(line(after: now - start))\u{1B}[K")
    case .plain:
      guard now - lastPlainLine >= Self.plainInterval else { return }
      lastPlainLine = now
      Console.error("diffcut: \(line(after: now - start))\n")
    }
  }

  private static let lineLength = 78
  private static let itemLength = 24
  private static let barLength = 12

  /// The line's text. For one item: its name, the share that is done, the time left once enough has passed to tell, and the
  /// step. For several a bar, their count and rate come first; for an unknown number what is done.
  package func line(after seconds: Double) -> String {
    let printed = printable(item)
    let name = printed.count > Self.itemLength ? printed.prefix(Self.itemLength - 1) + "…" : printed
    let share = size > 0 ? Double(finished) / Double(size) : 0
    let worked = Double(done - skipped) + share
    guard let total else {
      let line = "\(done) done, \(name)" + (step.map { ": \(Self.title(of: $0))" } ?? "")
      return String(line.prefix(Self.lineLength))
    }
    let left = Double(total - done) - share
    let showsEstimate = total > 1 ? worked > 0 && seconds >= 1 : share >= 0.05 && seconds >= 1
    let remaining = showsEstimate ? Self.duration(seconds / worked * left) : nil
    var line: String
    if total > 1 {
      let filled = Int(Double(Self.barLength) * (Double(done) + share) / Double(total))
      line =
        "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: Self.barLength - filled)
        + "] \(done)/\(total)"
      if showsEstimate { line += ", \(Self.rate(worked / seconds))" }
      line += remaining.map { ", \($0) left" } ?? ""
      line += ", \(name)"
    } else {
      line = name
      if share > 0 { line += ", \(Int(share * 100)) %" }
      line += remaining.map { ", about \($0) left" } ?? ""
    }
    if let step { line += ": \(Self.title(of: step))" }
    return String(line.prefix(Self.lineLength))
  }

  private static func rate(_ rate: Double) -> String {
    rate >= 1 ? "\(fixed(rate, 1))/s" : "\(fixed(1 / rate, 1)) s each"
  }

  private static func duration(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1e9).rounded(.up))
    if whole < 120 { return "\(whole) s" }
    if whole < 7200 { return "\((whole + 30) / 60) min" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
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
