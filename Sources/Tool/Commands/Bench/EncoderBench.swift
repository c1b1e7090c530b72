// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import UNet

/// The whole encoder, stage by stage: the first image of the process, and later ones.
struct EncoderBench {
  let arguments: ParsedArguments
  /// Only stages with it in their names.
  let stage: String?
  /// Images after the first.
  let laterImages: Int
  let isJSON: Bool

  func run() throws {
    let progress = Progress(total: 1 + laterImages, isQuiet: isJSON || arguments.has("quiet"))
    defer { progress.clear() }
    var peaks: [Double] = []
    let start = Platform.monotonicSeconds
    let source = try EncoderFamilies.source(arguments, default: nil)
    let encoder = try source.open(showing: progress)
    let opening = Platform.monotonicSeconds - start
    if let stage, !encoder.stages.isEmpty, !encoder.stages.contains(where: { $0.stage.contains(stage) }) {
      throw ToolError.usage("no stage of the encoder has '\(stage)' in its name", hint: "try vae, unet or attentions")
    }
    let image = Self.picture(height: source.size.height, width: source.size.width)
    var images: [[StageTime]] = []
    for index in 0...laterImages {
      progress.show(done: index, name: "image", steps: encoder.stages.map { Progress.Step($0) })
      let observer = StageObserver { stage in
        peaks.append(PeakSpeed.measure(runs: 1))
        progress.begin(stage)
      }
      _ = try encoder.encode(image, named: "the image", observer: observer)
      images.append(observer.finish(work: encoder.stages))
    }
    progress.clear()
    try report(
      Self.rows(images), peak: Peak(best: peaks.max() ?? 0, median: Stopwatch.median(peaks)), opening: opening,
      size: source.size)
  }

  /// Multiply-adds a second in the first-level cache, measured before every stage. The best is the processor's own; a median
  /// far below it tells that the machine was busy with other things, and the stages were too.
  private struct Peak {
    let best: Double
    let median: Double
  }

  /// A stage, or several together.
  private struct Row {
    let stage: String
    let first: Double
    /// The median of later images; nil for what happens once.
    let later: Double?
    let work: StageWork?

    /// The multiply-adds of the sums as written, and as executed.
    var written: Int { work?.total ?? 0 }
    var bound: Int { work?.bound ?? 0 }
  }

  private static func rows(_ images: [[StageTime]]) -> [Row] {
    let first = images.first ?? []
    return first.map { stage in
      let later = images.dropFirst().compactMap { image in image.first { $0.stage == stage.stage }?.seconds }
      return Row(
        stage: stage.stage, first: stage.seconds, later: later.isEmpty ? nil : Stopwatch.median(later),
        work: stage.work)
    }
  }

  private func report(_ rows: [Row], peak: Peak, opening: Double, size: (height: Int, width: Int)) throws {
    let shown = rows.filter { stage == nil || $0.stage.contains(stage ?? "") }
    let groups = [("vae", "vae."), ("unet", "unet."), ("vit", "vit."), ("all", "")]
    let sums = groups.map { name, prefix in (name, shown.filter { $0.stage.hasPrefix(prefix) }) }.filter { !$1.isEmpty }
    let lines =
      shown.map { Line(stage: $0.stage, rows: [$0], peak: peak) }
      + sums.map { Line(stage: $0.0, rows: $0.1, peak: peak) }
    if isJSON {
      let common: OrderedJSON =
        ["kernel": "encoder", "size": .integer(size.height), "width": .integer(size.width)]
        + BenchCommand.machine
      let model: OrderedJSON = common + ["stage": "model", "firstSeconds": .number(opening)]
      _ = try Tool.write(model.line + lines.map { (common + $0.json).line }.joined())
      return
    }
    _ = try Tool.write(
      "  multiply-adds in the first-level cache: \(fixed(2 * peak.best / 1e9, 1)) GFLOP/s, the peak; "
        + "in the median \(fixed(2 * peak.median / 1e9, 1))\n"
        + "  opening the model: \(milliseconds(opening))\n"
        + TextTable.text(
          [["stage", "first", laterImages == 1 ? "second" : "later", "GFLOP/s", "bound", "reached"]]
            + lines.map(\.cells)))
  }

  /// What is printed of one or several rows.
  private struct Line {
    let stage: String
    let first: Double
    /// nil for what happens once.
    let later: Double?
    let gigaflops: Double?
    /// The seconds of the executed multiply-adds at the peak.
    let bound: Double?
    let peak: Peak

    init(stage: String, rows: [Row], peak: Peak) {
      self.stage = stage
      self.peak = peak
      first = rows.reduce(0) { $0 + $1.first }
      let counted = rows.compactMap(\.later)
      let later = counted.isEmpty ? nil : counted.reduce(0, +)
      self.later = later
      let (written, least) = (rows.reduce(0) { $0 + $1.written }, rows.reduce(0) { $0 + $1.bound })
      let seconds = later ?? first
      gigaflops = written > 0 && seconds > 0 ? 2 * Double(written) / seconds / 1e9 : nil
      bound = least > 0 ? Double(least) / peak.best : nil
    }

    /// The bound as a share of the time.
    var share: Double? {
      let seconds = later ?? first
      return bound.flatMap { seconds > 0 ? $0 / seconds : nil }
    }

    var cells: [String] {
      [
        stage, fixed(first, 3), later.map { fixed($0, 3) } ?? "", gigaflops.map { fixed($0, 1) } ?? "",
        bound.map { fixed($0, 3) } ?? "", share.map { "\(fixed(100 * $0, 1)) %" } ?? "",
      ]
    }

    var json: OrderedJSON {
      let numbers: [(String, Double?)] = [
        ("firstSeconds", first), ("seconds", later), ("gflops", gigaflops), ("boundSeconds", bound), ("share", share),
        ("peakGflops", 2 * peak.best / 1e9), ("medianPeakGflops", 2 * peak.median / 1e9),
      ]
      return numbers.reduce(["stage": .string(stage)]) { json, number in
        number.1.map { json + [number.0: .number($0)] } ?? json
      }
    }
  }

  /// Slopes and waves under noise: an encoder's time does not depend on what it sees.
  private static func picture(height: Int, width: Int) -> Image {
    let noise = BenchData.tensor([height, width, 3]).values
    let pixels = ContiguousArray(
      noise.indices.map { index in
        let (x, y) = (index / 3 % width, index / 3 / width)
        let value = 96 + 64 * (x + (1 + index % 3) * y) / (2 * max(height, width)) + Int(24 * noise[index])
        return UInt8(clamping: value)
      })
    return Image(width: width, height: height, pixels: pixels)
  }
}
