// SPDX-License-Identifier: Apache-2.0
import Tensor

/// `embeddings.npy`: the mean unit feature of every segment, float32 [segments, channels]; row id − 1 belongs to segment id.
enum EmbeddingsFormat: FileFormat {
  static let suffix = "embeddings.npy"
  static let input = AnnotationInput.segmentation

  static func file(of image: SegmentedImage, options: OutputOptions) throws(OutputError) -> [UInt8] {
    let segmentation = try image.segmentation
    let partition = segmentation.partition
    let means = partition.meanFeatures()
    let channels = partition.channels
    let rows = segmentation.classes.flatMap { means[$0 * channels..<($0 + 1) * channels].map { Float($0) } }
    return NPY.encode(rows, shape: [segmentation.classes.count, channels])
  }
}
