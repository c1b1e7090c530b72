// SPDX-License-Identifier: Apache-2.0
import Tensor

public struct BuiltInEncoder: FeatureEncoder {
  public let name = "built-in"
  public let defaultTau = 0.25
  public let defaultAlpha = 30.0
  public let size: Int
  public init(size: Int = 480) { self.size = size }
  public func encode(_ image: Image) throws -> EncodedImage {
    let h = min(32, image.height), w = min(32, image.width)
    let t = Tensor([image.height, image.width, 3], values: image.pixels.map { Float($0) / 255 + 0.1 }).resized(
      height: h, width: w)
    return EncodedImage(
      nodes: try FeatureMap(
        grid: Grid(height: h, width: w), channels: 3, values: ContiguousArray(t.values.map { Double($0) })))
  }
}
