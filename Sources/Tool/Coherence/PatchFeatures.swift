// SPDX-License-Identifier: Apache-2.0
import Segment

/// Where `coherence roc` has its features from: files, or an encoder.
final class PatchFeatures {
  private enum Kind {
    case files(ParsedArguments)
    case encoder(any EncoderSource)
  }

  private let kind: Kind
  private var opened: (any FeatureEncoder)?

  /// Takes `--grid` and `--tensor` where `--features` or `--manifest` is given, else the encoder's options.
  init(_ arguments: ParsedArguments) throws {
    guard let option = ["features", "manifest"].first(where: arguments.has) else {
      try arguments.reject(["grid", "tensor"], "without --features DIR or --manifest FILE")
      kind = .encoder(try EncoderFamilies.source(arguments))
      return
    }
    try arguments.reject(EncoderFamilies.options, "with --\(option)", hint: "leave out one of the two")
    // Bad values are reported before a file is read.
    _ = try FeatureSource(arguments, path: option)
    kind = .files(arguments)
  }

  /// In words.
  var text: String {
    switch kind {
    case .files: "given features"
    case .encoder(let encoder): "\(encoder.name) encoder"
    }
  }

  /// Everything features depend on but the images, as far as it is known.
  func settings() throws(ToolError) -> [String] {
    guard case .encoder(let encoder) = kind else { return [text] }
    return [encoder.name, encoder.settings, try encoder.weightsHash() ?? "no weights"]
  }

  /// - Throws: `ToolError`: exit code 3 for features and weights, 4 for a photograph.
  func features(of sample: PatchSample, image: Image?, progress: Progress) throws -> FeatureMap {
    switch kind {
    case .files(let arguments):
      guard let path = sample.features else { preconditionFailure("no features of \(sample.id)") }
      return try FeatureSource(arguments, path: path).read().image.nodes
    case .encoder(let source):
      guard let image else { preconditionFailure("no photograph of \(sample.id)") }
      let encoder = try opened ?? source.open(observer: progress.observer())
      opened = encoder
      return try encoder.encode(image, named: sample.id, observer: progress.observer()).nodes
    }
  }
}
