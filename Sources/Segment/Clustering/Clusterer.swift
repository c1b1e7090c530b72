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

/// Settings with which no clustering is possible.
public enum ClusteringError: Error, Equatable, Sendable, CustomStringConvertible {
  case noExponent
  case exponent(Double)
  case threshold(Double)
  case count(Int)
  case distance(Double)
  case anchors(Int)
  case rounds(Int)
  /// DiffSeg without attention maps: features alone, or an encoder that has none.
  case noAttention

  public var description: String {
    switch self {
    case .noExponent: "autosc: no alpha to choose from"
    case .exponent(let alpha): "autosc: alpha is \(alpha), expected a number above 0"
    case .threshold(let tau): "maskcut: tau is \(tau), expected a cosine from 0 to 1"
    case .count(let count): "\(count) clusters or masks, expected at least 1"
    case .distance(let tau): "diffseg: tau is \(tau), expected a distance from 0"
    case .anchors(let count): "diffseg: \(count) anchors a side, expected at least 1"
    case .rounds(let count): "diffseg: \(count) rounds, expected at least 1"
    case .noAttention: "diffseg: it merges attention maps, and there are none"
    }
  }
}
