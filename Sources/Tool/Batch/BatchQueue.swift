// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The images of a run one after the other: those known before it begins, then those that standard input names, each as soon
/// as its line has come.
struct BatchQueue {
  /// What is next, or what a line has in the place of an image.
  enum Item {
    case image(BatchInput, isStreamed: Bool)
    case failure(BatchInput, ImageFailure)
  }

  private var known: ArraySlice<BatchInput>
  /// What was waited for before the run.
  private var first: Item?
  private let shard: Shard
  private var stream: LineReader?
  private var manifest: Manifest
  /// Position in the whole list, over all shares.
  private var position: Int
  private var taken: ResultNames
  /// `OutputFile.key` of the images so far.
  private var imageKeys: Set<String> = []
  private let report: String?

  /// - Parameters:
  ///   - known: all of them, other shares' too, checked by `OutputPlan.check`.
  ///   - isStreamed: whether standard input is a list.
  ///   - report: the file of `--report`.
  init(
    _ known: [BatchInput], plan: OutputPlan, isStreamed: Bool, isNullSeparated: Bool, report: String?
  ) throws(ToolError) {
    shard = plan.shard
    self.report = report
    self.known = known.enumerated().filter { plan.shard.contains($0.offset) }.map(\.element)[...]
    position = known.count
    manifest = Manifest(name: "standard input", isNullSeparated: isNullSeparated)
    taken = ResultNames(plan: plan)
    guard isStreamed else { return }
    stream = LineReader(separator: manifest.separator)
    for input in known {
      try taken.claim(input)
      remember(input)
    }
    try taken.claimJoined()
  }

  /// How many there are; nil while that is not known.
  var count: Int? { stream == nil ? known.count : nil }

  /// Those that are known.
  var remaining: ArraySlice<BatchInput> { known }

  /// Waits until there is something to do; false if there is nothing.
  mutating func waitForFirst() throws(ToolError) -> Bool {
    if known.isEmpty && first == nil { first = try next() }
    return !known.isEmpty || first != nil
  }

  /// Waits for the next; nil at the end.
  ///
  /// - Throws: `ToolError` with exit code 4 when standard input cannot be read.
  mutating func next() throws(ToolError) -> Item? {
    if let first {
      self.first = nil
      return first
    }
    if let input = known.popFirst() { return .image(input, isStreamed: false) }
    while stream != nil {
      guard let line = try ToolError.reading("-", as: .badInput, { try stream?.next() }) else { return nil }
      if let item = item(line) { return item }
    }
    return nil
  }

  /// Nil for an empty line and for one of another share.
  private mutating func item(_ line: LineReader.Line) -> Item? {
    var result: Item
    do throws(ToolError) {
      guard let input = try manifest.entry(line.bytes[...]) else { return nil }
      guard line.isWhole else {
        throw ToolError(.badInput, "\(manifest.place): the line is longer than \(line.bytes.count) bytes")
      }
      result = .image(input, isStreamed: true)
      do throws(ToolError) {
        try claim(input)
      } catch {
        result = .failure(input, ImageFailure(.name, error))
      }
    } catch {
      let text = String(decoding: line.bytes.prefix(Self.quotedLength), as: UTF8.self)
      result = .failure(BatchInput(operand: text), ImageFailure(.list, error))
    }
    defer { position += 1 }
    return shard.contains(position) ? result : nil
  }

  /// How much of a line that cannot be used stands in for a name.
  private static let quotedLength = 4096

  /// What `OutputPlan.check` refuses before a run is refused line by line. An image that is named after a result has taken
  /// its place is the exception: nobody could know.
  private mutating func claim(_ input: BatchInput) throws(ToolError) {
    // Asked for again, by an engine that tries again: no fault.
    if taken.hasClaimed(input) { return }
    let plan = taken.plan
    if let name = taken.name(at: input.path) {
      throw .usage(
        "'\(input.path)' is a result of this run, \(plan.folder.file(name))", hint: "pass another folder with -o")
    }
    if let report, OutputFile.isSameFile(report, input.path) {
      throw .usage("'\(input.path)' is the file of --report", hint: "pass another file with --report")
    }
    for path in plan.names(of: input).map(plan.folder.file) {
      let key = OutputFile.key(of: path)
      if imageKeys.contains(key) || key == OutputFile.key(of: input.path) {
        throw .usage(
          "the result of '\(input.path)' would overwrite the image '\(path)'", hint: "pass another folder with -o")
      }
      if let report, OutputFile.isSameFile(report, path) {
        throw .usage(
          "--report would overwrite '\(report)', a result of '\(input.path)'", hint: "pass another file with --report")
      }
    }
    try taken.claim(input)
    remember(input)
  }

  private mutating func remember(_ input: BatchInput) {
    if input.path != "-" { imageKeys.insert(OutputFile.key(of: input.path)) }
  }
}
