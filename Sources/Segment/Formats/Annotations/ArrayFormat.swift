// SPDX-License-Identifier: Apache-2.0
import Tensor

/// `npy`: the segments' ids as an array, int32 [height, width].
enum ArrayFormat: FileFormat {
  static let suffix = "npy"

  static func file(of image: SegmentedImage, options: OutputOptions) -> [UInt8] {
    let map = image.labelMap
    return NPY.encode(Array(map.labels), shape: [map.height, map.width])
  }
}
