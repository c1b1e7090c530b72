// SPDX-License-Identifier: Apache-2.0
import UNet

/// Turns an image into the feature vectors that the graph is built from.
///
/// A conforming type provides a name and `encode`; all other requirements default to the paper's values.
public protocol FeatureEncoder: Sendable {
  /// The name that results are labeled with.
  var name: String { get }
  /// The τ that suits these features; 0.5 by default.
  var defaultTau: Double { get }
  /// The settings of the graph that suit these features; the paper's by default. `encode` returns them with the features.
  var graph: GraphOptions { get }
  /// The stages whose work is known, in the order of their computation; none by default.
  var stages: [StageWork] { get }

  /// Returns the features of an image.
  ///
  /// - Parameters:
  ///   - image: upright, at its own size.
  ///   - request: the timestep, and whether to return attention. An encoder ignores requests that it does not support.
  ///   - observer: each stage is begun on it before it is computed.
  /// - Throws: errors of the encoder, naming what is wrong with image or weights.
  func encode(_ image: Image, _ request: EncodingRequest, observer: StageObserver) throws -> EncodedImage
}

/// The settings of one call of `FeatureEncoder.encode`.
public struct EncodingRequest: Equatable, Sendable {
  /// Whether to return the weights of the attention that the features come from.
  public var attention: Bool
  /// The step of the diffusion process at which features are taken; nil takes the encoder's own.
  ///
  /// Requests for several timesteps of one image, one after the other, compute the part that they share once.
  public var timestep: Int?

  public init(attention: Bool = false, timestep: Int? = nil) {
    self.attention = attention
    self.timestep = timestep
  }
}

extension FeatureEncoder {
  public var defaultTau: Double { EncodedImage.publishedTau }
  public var graph: GraphOptions { GraphOptions() }
  public var stages: [StageWork] { [] }

  /// Returns the features of an image.
  ///
  /// - Parameters:
  ///   - image: upright, at its own size.
  ///   - request: the timestep, and whether to return attention.
  /// - Throws: errors of the encoder.
  public func encode(_ image: Image, _ request: EncodingRequest = EncodingRequest()) throws -> EncodedImage {
    try encode(image, request, observer: StageObserver())
  }
}
