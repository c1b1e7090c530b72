// SPDX-License-Identifier: Apache-2.0
import UNet

/// Image in, segments out: encoder → partition of the nodes → labels of the pixels, refined on request.
public struct Segmenter: Sendable {
  public let encoder: any FeatureEncoder
  public let options: SegmentationOptions

  public init(encoder: any FeatureEncoder = BuiltInEncoder(), options: SegmentationOptions = SegmentationOptions()) {
    self.encoder = encoder
    self.options = options
  }

  /// Encodes an image and partitions its nodes.
  ///
  /// - Parameters:
  ///   - image: upright, at its own size.
  ///   - observer: each stage is begun on it: the encoder's, then `affinity` and `cuts`.
  /// - Throws: the encoder's errors; `EigensolverError` when an eigenproblem does not converge; `ClusteringError`, also for
  ///   DiffSeg with an encoder that has no attention.
  public func partition(_ image: Image, observer: StageObserver = StageObserver()) throws -> NodePartition {
    let encoded = try encoder.encode(image, options.clusterer.request, observer: observer)
    return try options.clusterer.partition(encoded, observer: observer)
  }

  /// Segments an image at its own size.
  ///
  /// - Parameters:
  ///   - image: upright, at its own size.
  ///   - observer: each stage is begun on it: the encoder's, then `affinity`, `cuts`, `upsampling` and, with a refinement,
  ///     `refinement`.
  /// - Throws: as `partition`; `RefinementError`.
  public func segment(_ image: Image, observer: StageObserver = StageObserver()) throws -> Segmentation {
    let partition = try partition(image, observer: observer)
    observer.begin(ClusteringStage.upsampling)
    var map = partition.classMap(height: image.height, width: image.width, upsampling: options.upsampling)
    if let refinement = options.refinement {
      observer.begin(ClusteringStage.refinement)
      let classes = map.ranked().values
      map = try map.refined(on: image, by: refinement).renamed(classes)
    }
    if let area = options.minimumArea { map = map.mergingComponents(smallerThan: area.pixels(of: map.labels.count)) }
    let order = map.labelsByArea()
    return Segmentation(
      labelMap: map.renumbered(by: order), partition: partition, classes: order.map(Int.init),
      stages: observer.finish(work: encoder.stages))
  }
}
