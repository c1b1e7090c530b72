// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Image in, segments out: encoder → affinity → recursive normalized cut (or another clustering) → labels,
/// refined if that is asked for.
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
  /// - Parameters:
  ///   - image: upright, at its own size.
  ///   - willBegin: told a stage's name before it is computed: the encoder's, then `affinity`, `cuts`, `upsampling` and, with
  ///     a refinement, `refinement`.
  /// - Throws: the encoder's errors; `EigensolverError` when an eigenproblem does not converge;
  ///   `ClusteringError`, also for DiffSeg with an encoder that has no attention; `RefinementError`.
  public func segment(
    _ image: Image, willBegin: @escaping (_ stage: String) -> Void = { _ in }
  ) throws -> Segmentation {
    let clock = StageClock(encoder.stages)
    func begin(_ stage: String) {
      clock.begin(stage)
      willBegin(stage)
    }
    let start = Platform.monotonicSeconds
    let encoded = try encoder.encode(image, for: options.method, willBegin: begin)
    let encodedAt = Platform.monotonicSeconds
    let partition = try encoded.partition(
      by: options.method, tau: tau, alpha: alpha, floor: encoder.similarityFloor, willBegin: begin)
    begin(ClusteringStage.upsampling)
    let cutAt = Platform.monotonicSeconds
    var map = partition.classMap(
      height: image.height, width: image.width, upsampling: options.upsampling, fine: encoded.fine)
    let assignedAt = Platform.monotonicSeconds
    if let refinement = options.refinement {
      begin(ClusteringStage.refinement)
      let classes = map.ranked().values
      map = try map.refined(on: image, by: refinement).renamed(classes)
    }
    let refinedAt = Platform.monotonicSeconds
    if let area = options.minimumArea { map = map.mergingPieces(smallerThan: area.pixels(of: map.labels.count)) }
    let order = map.labelsByArea()
    let ranked = map.renumbered(by: order)
    let stages = clock.stop()
    return Segmentation(
      labelMap: ranked, features: encoded.nodes, partition: partition, classes: order.map(Int.init),
      seconds: (
        encodedAt - start, cutAt - encodedAt, assignedAt - cutAt + (Platform.monotonicSeconds - refinedAt),
        refinedAt - assignedAt
      ),
      stages: stages)
  }
}
