// SPDX-License-Identifier: Apache-2.0

/// The samples of one component at its own resolution, rows of whole blocks.
struct JPEGPlane {
  /// Samples from one row to the next.
  let stride: Int
  var samples: ContiguousArray<UInt8> = []
}

/// The components of a frame, which grow by a row of MCUs at a time.
struct JPEGPlanes {
  private let frame: JPEGFrame
  private let layout: JPEGBlockLayout
  private(set) var planes: [JPEGPlane]

  init(_ frame: JPEGFrame, _ layout: JPEGBlockLayout) {
    self.frame = frame
    self.layout = layout
    planes = frame.components.map { JPEGPlane(stride: 8 * $0.blockColumns) }
  }

  /// Transforms row `row` of MCUs, which is row `storedRow` of `coefficients`, and appends its samples.
  ///
  /// - Parameter divisors: A quantization table for each component.
  mutating func append(
    _ row: Int, of coefficients: JPEGCoefficients, storedRow: Int, divisors: [ContiguousArray<UInt16>]
  ) {
    let values = coefficients.values.span
    for (index, component) in frame.components.enumerated() {
      let plane = layout.planes[index]
      let stride = planes[index].stride
      let divisors = divisors[index]
      for y in 0..<min(plane.vertical, component.blockRows - row * plane.vertical) {
        let start = planes[index].samples.count
        planes[index].samples.append(contentsOf: repeatElement(0, count: 8 * stride))
        var samples = planes[index].samples.mutableSpan
        let first = storedRow * layout.blockCount + plane.firstBlock + y * plane.columns
        for column in 0..<component.blockColumns {
          JPEGTransform.inverse(
            values, at: 64 &* (first &+ column), divisors: divisors.span, into: &samples,
            at: start &+ 8 &* column, stride: stride)
        }
      }
    }
  }
}
