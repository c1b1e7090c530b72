// SPDX-License-Identifier: Apache-2.0
import UNet

/// A method that partitions the nodes of an image into classes: DiffCut, or a baseline.
///
/// The settings of a method are its stored properties. `description` contains the name and all settings.
public protocol Clusterer: Sendable, CustomStringConvertible {
  /// The name of the method, as `--method` has it.
  var name: String { get }
  /// How classes reach the pixels by default.
  var upsampling: Upsampling { get }
  /// The request to the encoder: the needs of the method besides features. None by default.
  var request: EncodingRequest { get }

  /// Partitions the nodes of an image.
  ///
  /// - Parameters:
  ///   - image: the features and the settings of their graph.
  ///   - observer: each stage is begun on it before it is computed: `affinity`, `cuts`.
  /// - Throws: `ClusteringError` for settings that cannot be used; `EigensolverError` when an eigenproblem does not
  ///   converge.
  func partition(_ image: EncodedImage, observer: StageObserver) throws -> NodePartition
}

extension Clusterer {
  public var upsampling: Upsampling { .concept }
  public var request: EncodingRequest { EncodingRequest() }

  /// Partitions the nodes of an image.
  ///
  /// - Throws: `ClusteringError`; `EigensolverError`.
  public func partition(_ image: EncodedImage) throws -> NodePartition {
    try partition(image, observer: StageObserver())
  }

  /// Partitions the nodes of a feature map, of which the paper's graph is built.
  ///
  /// - Throws: `ClusteringError`; `EigensolverError`.
  public func partition(_ features: FeatureMap) throws -> NodePartition { try partition(EncodedImage(features)) }
}

/// The names of the stages after the encoder.
enum ClusteringStage {
  static let affinity = "affinity"
  static let cuts = "cuts"
  static let upsampling = "upsampling"
  static let refinement = "refinement"
}

/// The reason why a clustering method cannot run: an invalid setting or a missing input.
public enum ClusteringError: Error, Equatable, Sendable, CustomStringConvertible {
  /// AutoSC without an exponent α to choose from.
  case noExponent
  /// An exponent α of AutoSC that is not above 0.
  case exponent(Double)
  /// A cosine threshold τ of MaskCut outside 0 to 1.
  case threshold(Double)
  /// A number of clusters or masks below 1.
  case count(Int)
  /// A distance threshold τ of DiffSeg that is negative or infinite.
  case distance(Double)
  /// A number of DiffSeg's anchors per side below 1.
  case anchors(Int)
  /// A number of DiffSeg's rounds below 1.
  case rounds(Int)
  /// DiffSeg without attention maps: the input is features, or the encoder has no attention.
  case noAttention

  public var description: String {
    switch self {
    case .noExponent: "autosc: the list of alphas is empty, expected at least one"
    case .exponent(let alpha): "autosc: alpha is \(alpha), expected a number above 0"
    case .threshold(let tau): "maskcut: tau is \(tau), expected a cosine from 0 to 1"
    case .count(let count): "the number of clusters or masks is \(count), expected at least 1"
    case .distance(let tau): "diffseg: tau is \(tau), expected a finite distance from 0"
    case .anchors(let count): "diffseg: the number of anchors per side is \(count), expected at least 1"
    case .rounds(let count): "diffseg: the number of rounds is \(count), expected at least 1"
    case .noAttention:
      "diffseg needs attention maps, which the input does not have; use a model or pass attention maps"
    }
  }
}
