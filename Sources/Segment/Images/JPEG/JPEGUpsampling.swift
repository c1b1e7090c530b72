// SPDX-License-Identifier: Apache-2.0

/// Brings a component to the resolution of the image.
///
/// T.81 leaves the method open. Here it is that of libjpeg-turbo with its default settings ("fancy upsampling"), rounding
/// included: where a component has half the samples in a direction, each output is 3/4 of the nearer and 1/4 of the
/// farther sample, halves rounded down and up in turn; at the border the nearest sample counts alone. Components of at
/// most two columns, and other ratios, are replicated.
struct JPEGUpsampler {
  enum Method: Equatable {
    case none
    /// Half the columns; half the rows; half of both.
    case triangleAcross, triangleDown, triangleBoth
    case nearest
  }

  let method: Method
  private let component: JPEGComponent
  private let maximumHorizontal: Int
  private let maximumVertical: Int

  init(_ component: JPEGComponent, in frame: JPEGFrame) {
    self.component = component
    maximumHorizontal = frame.maximumHorizontal
    maximumVertical = frame.maximumVertical
    let halvesColumns = 2 * component.horizontal == frame.maximumHorizontal
    let halvesRows = 2 * component.vertical == frame.maximumVertical
    let fullColumns = component.horizontal == frame.maximumHorizontal
    let fullRows = component.vertical == frame.maximumVertical
    method =
      if fullColumns && fullRows {
        .none
      } else if fullColumns && halvesRows {
        .triangleDown
      } else if halvesColumns && fullRows && component.width > 2 {
        .triangleAcross
      } else if halvesColumns && halvesRows && component.width > 2 {
        .triangleBoth
      } else {
        .nearest
      }
  }

  /// Writes row `row` of the image.
  ///
  /// - Shapes: `output` [at least the image's width, rounded up to even].
  func write(row: Int, of plane: JPEGPlane, into output: inout ContiguousArray<UInt8>, width: Int) {
    let samples = plane.samples.span
    /// Row `index` of the component, or the nearest there is.
    func line(_ index: Int) -> Range<Int> {
      let start = min(max(index, 0), component.height - 1) * plane.stride
      return start..<start + component.width
    }
    // Rows 2·i and 2·i + 1 are nearest to i, then to i − 1 and i + 1.
    let (near, far) = (line(row / 2), line(row / 2 + (row % 2 == 0 ? -1 : 1)))
    var target = output.mutableSpan
    switch method {
    case .none:
      let source = samples.extracting(line(row))
      for column in 0..<min(width, source.count) { target[column] = source[column] }
    case .triangleAcross:
      Self.triangleAcross(samples.extracting(line(row)), &target)
    case .triangleDown:
      Self.triangleDown(samples.extracting(near), samples.extracting(far), bias: row % 2 == 0 ? 1 : 2, &target)
    case .triangleBoth:
      Self.triangleBoth(samples.extracting(near), samples.extracting(far), &target)
    case .nearest:
      let source = samples.extracting(line(row * component.vertical / maximumVertical))
      var (column, fraction) = (0, 0)
      for index in 0..<width {
        target[index] = source[column]
        fraction += component.horizontal
        if fraction >= maximumHorizontal { (column, fraction) = (column + 1, fraction - maximumHorizontal) }
      }
    }
  }

  private static func triangleAcross(_ source: Span<UInt8>, _ target: inout MutableSpan<UInt8>) {
    let last = source.count - 1
    var (before, here) = (UInt32(source[0]), UInt32(source[0]))
    for column in 0..<last {
      let after = UInt32(source[column &+ 1])
      target[2 &* column] = UInt8(truncatingIfNeeded: (3 &* here &+ before &+ 1) &>> 2)
      target[2 &* column &+ 1] = UInt8(truncatingIfNeeded: (3 &* here &+ after &+ 2) &>> 2)
      (before, here) = (here, after)
    }
    target[2 * last] = UInt8(truncatingIfNeeded: (3 &* here &+ before &+ 1) &>> 2)
    target[2 * last + 1] = UInt8(truncatingIfNeeded: here)
  }

  private static func triangleDown(
    _ near: Span<UInt8>, _ far: Span<UInt8>, bias: UInt32, _ target: inout MutableSpan<UInt8>
  ) {
    for column in 0..<min(near.count, far.count) {
      target[column] = UInt8(truncatingIfNeeded: (3 &* UInt32(near[column]) &+ UInt32(far[column]) &+ bias) &>> 2)
    }
  }

  /// Down first, in quarters, then across, in sixteenths.
  private static func triangleBoth(_ near: Span<UInt8>, _ far: Span<UInt8>, _ target: inout MutableSpan<UInt8>) {
    let last = near.count - 1
    var here = 3 &* UInt32(near[0]) &+ UInt32(far[0])
    var before = here
    for column in 0..<last {
      let after = 3 &* UInt32(near[column &+ 1]) &+ UInt32(far[column &+ 1])
      target[2 &* column] = UInt8(truncatingIfNeeded: (3 &* here &+ before &+ 8) &>> 4)
      target[2 &* column &+ 1] = UInt8(truncatingIfNeeded: (3 &* here &+ after &+ 7) &>> 4)
      (before, here) = (here, after)
    }
    target[2 * last] = UInt8(truncatingIfNeeded: (3 &* here &+ before &+ 8) &>> 4)
    target[2 * last + 1] = UInt8(truncatingIfNeeded: (4 &* here &+ 7) &>> 4)
  }
}
