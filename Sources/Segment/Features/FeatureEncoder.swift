// SPDX-License-Identifier: Apache-2.0
import UNet

/// Turns an image into the feature vectors that the graph is built from.
public protocol FeatureEncoder: Sendable {
  /// What results are labelled with.
  var name: String { get }
  /// τ and α that suit these features.
  var defaultTau: Double { get }
  var defaultAlpha: Double { get }
  /// Scaled cosines below it count as it; 0 keeps the reference's graph.
  var similarityFloor: Double { get }

  /// The stages whose work is known, in the order of their computation; none by default.
  var stages: [StageWork] { get }

  /// - Throws: errors of the encoder, naming what is wrong with image or weights.
  func encode(_ image: Image) throws -> EncodedImage

  /// The same, followed stage by stage; by default there is one, named as the encoder.
  ///
  /// - Parameters:
  ///   - image: upright, at its own size.
  ///   - willBegin: told a stage's name before it is computed, on the thread of the caller.
  func encode(_ image: Image, willBegin: @escaping (_ stage: String) -> Void) throws -> EncodedImage

  /// Whether the features come from an attention whose weights can be told; no by default.
  var hasAttention: Bool { get }

  /// The same, with the weights of the attention that features come from, by default without.
  func encodeWithAttention(
    _ image: Image, willBegin: @escaping (_ stage: String) -> Void
  ) throws -> EncodedImage
}

extension FeatureEncoder {
  public var stages: [StageWork] { [] }
  public var hasAttention: Bool { false }

  public func encodeWithAttention(
    _ image: Image, willBegin: @escaping (_ stage: String) -> Void
  ) throws -> EncodedImage {
    try encode(image, willBegin: willBegin)
  }

  /// What a method of clustering needs of an image.
  ///
  /// - Throws: `ClusteringError.noAttention`, before anything is computed, where the encoder has none; its own errors.
  package func encode(
    _ image: Image, for method: ClusteringMethod, willBegin: @escaping (_ stage: String) -> Void
  ) throws -> EncodedImage {
    guard method.needsAttention else { return try encode(image, willBegin: willBegin) }
    guard hasAttention else { throw ClusteringError.noAttention }
    return try encodeWithAttention(image, willBegin: willBegin)
  }

  public func encode(_ image: Image, willBegin: @escaping (_ stage: String) -> Void) throws -> EncodedImage {
    willBegin(name)
    return try encode(image)
  }
}

/// An image as an encoder sees it.
public struct EncodedImage: Sendable {
  /// One node of the graph for every cell.
  public let nodes: FeatureMap
  /// Features on a finer grid with the same channels, if the encoder has them: pixels are then assigned by these.
  public let fine: FeatureMap?
  /// The weights of the attention that the features come from, one map for each layer; none unless they were asked for.
  public let attention: [AttentionMap]

  public init(nodes: FeatureMap, fine: FeatureMap? = nil, attention: [AttentionMap] = []) {
    precondition(fine == nil || fine?.channels == nodes.channels, "fine features of other channels than the nodes'")
    self.nodes = nodes
    self.fine = fine
    self.attention = attention
  }
}
