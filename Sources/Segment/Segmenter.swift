// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Image in, segments out: encoder → affinity → recursive normalized cut → labels.
public struct Segmenter: Sendable {
  public let encoder: any FeatureEncoder
  public let options: SegmentationOptions

  public init(encoder: any FeatureEncoder = BuiltInEncoder(), options: SegmentationOptions = SegmentationOptions()) {
    self.encoder = encoder
    self.options = options
  }

  /// τ and α in force.
  public var tau: Double { options.tau ?? encoder.defaultTau }
  public var alpha: Double { options.alpha ?? encoder.defaultAlpha }

  /// Segments an image at its own size.
  ///
  /// - Parameter willBegin: told a stage's name before it is computed: the encoder's, then `affinity`, `cuts` and `upsampling`.
  /// - Throws: the encoder's errors; `EigensolverError` when an eigenproblem does not converge.
  public func segment(
    _ image: Image, willBegin: @escaping (_ stage: String) -> Void = { _ in }
  ) throws -> Segmentation {
    let clock = StageClock(encoder.stages)
    func begin(_ stage: String) {
      clock.begin(stage)
      willBegin(stage)
    }
    let start = Platform.monotonicSeconds
    let encoded = try encoder.encode(image, willBegin: begin)
    let encodedAt = Platform.monotonicSeconds
    let partition = try encoded.nodes.partition(
      tau: tau, alpha: alpha, floor: encoder.similarityFloor, willBegin: begin)
    begin(ClusteringStage.upsampling)
    let cutAt = Platform.monotonicSeconds
    let map = partition.labelMap(
      height: image.height, width: image.width, upsampling: options.upsampling, fine: encoded.fine)
    let order = map.labelsByArea()
    let ranked = map.renumbered(by: order)
    let stages = clock.stop()
    return Segmentation(
      labelMap: ranked, partition: partition, classes: order.map(Int.init),
      seconds: (encodedAt - start, cutAt - encodedAt, Platform.monotonicSeconds - cutAt),
      stages: stages)
  }
}
