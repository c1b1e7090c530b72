// SPDX-License-Identifier: Apache-2.0
import Segment

/// `labels.png`: an indexed picture of the segments' ids, or a gray one of 16 bits where there are more than 254.
enum LabelsFormat: FileFormat {
  static let suffix = "labels.png"
  private static let largestID = Int32(UInt16.max)

  static func file(of image: SegmentedImage, options: OutputOptions) throws(OutputError) -> [UInt8] {
    let map = image.labelMap
    for id in [map.labels.min() ?? 0, map.labels.max() ?? 0] where !(0...largestID).contains(id) {
      throw .idOutOfRange(id, limit: largestID)
    }
    return map.encodedPNG()
  }
}
