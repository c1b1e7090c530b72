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
      for name in ["grid", "tensor"] where arguments.has(name) {
        throw ToolError.usage("--\(name) is for files of features", hint: "--features DIR names their folder")
      }
      kind = .encoder(try EncoderFamilies.source(arguments))
      return
    }
    if let name = EncoderFamilies.options.first(where: arguments.has) {
      throw ToolError.usage("--\(name) does not go with --\(option), whose features are computed already")
    }
    // What is wrong with the values is told before a file is read.
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
