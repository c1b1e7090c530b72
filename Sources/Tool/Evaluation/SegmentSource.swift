// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import Tensor

/// Where `eval` has its segments from: label maps in a folder, or an encoder and the cut.
final class SegmentSource {
  private enum Kind {
    case predictions(FileIndex)
    case encoder(any EncoderSource, SegmentationOptions, Upsampling)
  }

  private let kind: Kind
  private var opened: Segmenter?
  /// Side at which the protocol encodes photographs, through which labels go.
  let labelSize: Int

  /// Takes `--predictions`, or the encoder's options and those of the cut.
  init(_ arguments: ParsedArguments) throws {
    let clusterer = try ClusteringChoice(arguments).clusterer(arguments)
    let upsampling = try arguments.choice("upsample", of: Upsampling.self) ?? clusterer.upsampling
    if let folder = arguments.string("predictions") {
      let kinds = FileIndex.Kind.labelMaps([".npy", ".labels.png", ".png"], prefersFirst: true)
      kind = .predictions(try FileIndex(kinds, in: folder, level: .both, as: .badModel))
      labelSize = try arguments.integer("size", in: 1...8192) ?? EncoderFamilies.publishedSize
      return
    }
    let encoder = try EncoderFamilies.source(arguments)
    try encoder.check(clusterer.request, for: "--method \(clusterer.name)")
    let cut = (clusterer as? DiffCut).map { CutSettings($0, encoder: encoder).clusterer }
    kind = .encoder(encoder, SegmentationOptions(clusterer: cut ?? clusterer), upsampling)
    labelSize = encoder.labelSize
  }

  var needsImages: Bool { if case .encoder = kind { true } else { false } }

  /// In words.
  var text: String {
    switch kind {
    case .predictions: "given label maps"
    case .encoder(let encoder, let options, let upsampling):
      "\(encoder.name) encoder, \(Self.text(options.clusterer)), \(upsampling.rawValue)"
    }
  }

  private static func text(_ clusterer: any Clusterer) -> String {
    guard let cut = clusterer as? DiffCut, let tau = cut.tau, let alpha = cut.alpha else { return "\(clusterer)" }
    return "tau \(tau), alpha \(alpha)"
  }

  /// Everything the segments depend on but the images, as far as it is known.
  func settings() throws(ToolError) -> String {
    guard case .encoder(let encoder, _, _) = kind else { return text }
    return "\(text) \(encoder.settings) \(try encoder.weightsHash() ?? "no weights")"
  }

  /// An image's segments, ids from 0.
  ///
  /// - Parameters:
  ///   - image: what is segmented: the square, or all of the photograph.
  ///   - square: the part of the photograph that is scored; nil for all.
  ///   - photograph: its size.
  ///   - size: of the result.
  func segments(
    of sample: EvaluationSample, image: Image?, square: EvaluationSquare?, photograph: Grid, at size: Grid,
    progress: Progress
  ) throws -> LabelMap {
    switch kind {
    case .predictions(let files):
      return try Self.segments(
        in: files.path(of: sample.id), square: square, photograph: photograph, at: size)
    case .encoder(let source, let options, let upsampling):
      guard let image else { preconditionFailure("no photograph of \(sample.id)") }
      let segmenter = try opened ?? Segmenter(encoder: source.open(observer: progress.observer()), options: options)
      opened = segmenter
      return try ToolError.reading(sample.id, as: .badInput) {
        try segmenter.partition(image, observer: progress.observer())
          .labelMap(height: size.height, width: size.width, upsampling: upsampling)
      }
    }
  }

  /// Returns the segments of a given label map. A map of the photograph's size is cropped to the square; a square map is one of
  /// the square. Pixels under the centers of the result's are taken.
  private static func segments(
    in path: String, square: EvaluationSquare?, photograph: Grid, at size: Grid
  ) throws(ToolError) -> LabelMap {
    var map = try InputFile.labelMap(path, as: .badModel, ids: LabelMap.anyIDs)
    let found = Grid(height: map.height, width: map.width)
    if found == photograph {
      if let square { map = map.cropped(to: square) }
    } else if square == nil || found.height != found.width {
      throw ToolError(
        .badModel,
        "\(path): the label map is \(found), expected the photograph's \(photograph)"
          + (square == nil ? "" : " or a square"))
    }
    for label in map.labels where !(0...Int32(SegmentMatching.segmentIDLimit)).contains(label) {
      throw ToolError(.badModel, "\(path): segment id \(label), expected 0 to \(SegmentMatching.segmentIDLimit)")
    }
    return map.resizedNearest(height: size.height, width: size.width)
  }
}
