// SPDX-License-Identifier: Apache-2.0

/// Where the patches of a convolution lie in its input: an image [height, width, channels] and a window that moves over
/// it. Positions outside of the image count as zero.
public struct PatchLayout: Sendable {
  public let height: Int
  public let width: Int
  public let channels: Int
  public let kernelHeight: Int
  public let kernelWidth: Int
  public let stride: Int
  public let top: Int
  public let left: Int
  public let outputWidth: Int

  public init(
    height: Int, width: Int, channels: Int, kernelHeight: Int, kernelWidth: Int, stride: Int, top: Int, left: Int,
    outputWidth: Int
  ) {
    self.height = height
    self.width = width
    self.channels = channels
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.stride = stride
    self.top = top
    self.left = left
    self.outputWidth = outputWidth
  }
}

/// Packs the patches of consecutive output pixels as `packPanels` packs rows: panel p holds [depth, width] elements,
/// element (k, i) = element k of the patch of pixel `pixels.lowerBound + p·width + i`; missing pixels are zero.
///
/// A patch is [kernelHeight, kernelWidth, channels] flattened, of which `depth` is the range to pack. Since the image is
/// channels-last, a row of a patch is one run of memory, cut off at the image's border.
public func packPatches(
  _ image: UnsafePointer<Float>, _ layout: PatchLayout, pixels: Range<Int>, depth: Range<Int>, width: Int,
  into panels: UnsafeMutablePointer<Float>
) {
  // A constant distance between stores is worth a quarter of the time.
  switch width {
  case 14: packPatchPanels(image, layout, pixels: pixels, depth: depth, width: 14, into: panels)
  case 6: packPatchPanels(image, layout, pixels: pixels, depth: depth, width: 6, into: panels)
  default: packPatchPanels(image, layout, pixels: pixels, depth: depth, width: width, into: panels)
  }
}

@inline(__always)
private func packPatchPanels(
  _ image: UnsafePointer<Float>, _ layout: PatchLayout, pixels: Range<Int>, depth: Range<Int>, width: Int,
  into panels: UnsafeMutablePointer<Float>
) {
  let run = layout.kernelWidth &* layout.channels
  let rowLength = layout.width &* layout.channels
  let end = depth.upperBound
  var panel = panels
  var first = pixels.lowerBound
  while first < pixels.upperBound {
    let count = min(width, pixels.upperBound &- first)
    var i = 0
    while i < count {
      let pixel = first &+ i
      let y = pixel / layout.outputWidth
      let x = pixel &- y &* layout.outputWidth
      // The patch's first element, counted from the start of the image's row.
      let left = (x &* layout.stride &- layout.left) &* layout.channels
      var target = panel + i
      var k = depth.lowerBound
      while k < end {
        let kernelRow = k / run
        let lower = k &- kernelRow &* run
        let upper = min(run, lower &+ (end &- k))
        let row = y &* layout.stride &+ kernelRow &- layout.top
        var (inside, outside) = (upper, upper)
        if row >= 0 && row < layout.height {
          inside = min(max(lower, 0 &- left), upper)
          outside = min(max(inside, rowLength &- left), upper)
        }
        target = clear(inside &- lower, target, width)
        if inside < outside {
          target = scatter(image + (row &* rowLength &+ left &+ inside), outside &- inside, target, width)
        }
        target = clear(upper &- outside, target, width)
        k &+= upper &- lower
      }
      i &+= 1
    }
    while i < width {
      _ = clear(end &- depth.lowerBound, panel + i, width)
      i &+= 1
    }
    panel += width &* (end &- depth.lowerBound)
    first &+= width
  }
}

/// `count` elements, `width` apart; returns where the next one goes.
@inline(__always)
private func scatter(
  _ source: UnsafePointer<Float>, _ count: Int, _ target: UnsafeMutablePointer<Float>, _ width: Int
) -> UnsafeMutablePointer<Float> {
  var k = 0
  while k < count {
    target[k &* width] = source[k]
    k &+= 1
  }
  return target + count &* width
}

@inline(__always)
private func clear(
  _ count: Int, _ target: UnsafeMutablePointer<Float>, _ width: Int
) -> UnsafeMutablePointer<Float> {
  var k = 0
  while k < count {
    target[k &* width] = 0
    k &+= 1
  }
  return target + count &* width
}
