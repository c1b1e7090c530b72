// SPDX-License-Identifier: Apache-2.0
import Segment

/// The mean color of each cell of 32×32 pixels, as a direction from gray.
struct MeanColor: FeatureEncoder {
  let name = "mean color"

  func encode(_ image: Image, _ request: EncodingRequest, observer: StageObserver) throws -> EncodedImage {
    observer.begin(name)
    let grid = Grid(height: max(1, image.height / 32), width: max(1, image.width / 32))
    var values = ContiguousArray(repeating: 0.0, count: grid.count * 3)
    for y in 0..<image.height {
      for x in 0..<image.width {
        let cell = y * grid.height / image.height * grid.width + x * grid.width / image.width
        let color = image[y, x]
        values[3 * cell] += Double(color.red) - 128
        values[3 * cell + 1] += Double(color.green) - 128
        values[3 * cell + 2] += Double(color.blue) - 128
      }
    }
    return EncodedImage(try FeatureMap(grid: grid, channels: 3, values: values), encoder: name)
  }
}
