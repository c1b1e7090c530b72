// SPDX-License-Identifier: Apache-2.0
import Tensor

/// `features.npy`: the encoder's features of the graph's nodes, float32 [height, width, channels], as `diffcut cut` reads them.
enum FeaturesFormat {
  static let suffix = "features.npy"

  static func file(of image: SegmentedImage) throws(OutputError) -> [UInt8] {
    let features = try image.segmentation.features
    return NPY.encode(
      features.values.map { Float($0) }, shape: [features.grid.height, features.grid.width, features.channels])
  }
}
