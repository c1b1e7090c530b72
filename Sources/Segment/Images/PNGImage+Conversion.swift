// SPDX-License-Identifier: Apache-2.0

extension PNGImage {
  /// The image as eight-bit RGB.
  ///
  /// Samples are scaled by round(255·v / (2^depth − 1)), palettes applied. Alpha and tRNS are dropped, not blended;
  /// gamma, color profiles and the orientation in eXIf are ignored. Pillow's `convert("RGB")` does the
  /// same for eight bits.
  public func rgb() -> Image {
    Image(width: width, height: height, pixels: expanded(includingAlpha: false))
  }

  /// The image as eight-bit RGBA, alpha not premultiplied; tRNS becomes alpha.
  ///
  /// - Shapes: result [height, width, 4].
  public func rgba() -> ContiguousArray<UInt8> {
    var result = expanded(includingAlpha: true)
    switch transparency {
    case .gray(let key):
      clearAlpha(of: &result) { self.samples[$0] == key }
    case .rgb(let red, let green, let blue):
      clearAlpha(of: &result) { pixel in
        self.samples[3 * pixel] == red && self.samples[3 * pixel + 1] == green && self.samples[3 * pixel + 2] == blue
      }
    case .palette, nil:
      break
    }
    return result
  }

  private func expanded(includingAlpha: Bool) -> ContiguousArray<UInt8> {
    if colorType == .indexed { return paletteApplied(includingAlpha: includingAlpha) }
    let scaled = samples.scaled(maximum: 1 << bitDepth - 1)
    let opaque = colorType.channelCount
    let colors = colorType == .grayscale || colorType == .grayscaleAlpha ? [0, 0, 0] : [0, 1, 2]
    guard includingAlpha else { return selectingChannels(colors, of: scaled, channelCount: opaque) }
    if colorType.hasAlpha { return selectingChannels(colors + [opaque - 1], of: scaled, channelCount: opaque) }
    var result = selectingChannels(colors + [0], of: scaled, channelCount: opaque)
    for index in stride(from: 3, to: result.count, by: 4) { result[index] = 255 }
    return result
  }

  private func paletteApplied(includingAlpha: Bool) -> ContiguousArray<UInt8> {
    guard case .uint8(let indices) = samples else { preconditionFailure("indexed samples of 16 bits") }
    var alpha: [UInt8] = []
    if case .palette(let values) = transparency { alpha = values }
    alpha += repeatElement(255, count: palette.count - alpha.count)
    let channelCount = includingAlpha ? 4 : 3
    var result = ContiguousArray<UInt8>(repeating: 0, count: channelCount * indices.count)
    var target = 0
    for index in indices {
      let color = palette[Int(index)]
      result[target] = color.red
      result[target + 1] = color.green
      result[target + 2] = color.blue
      if includingAlpha { result[target + 3] = alpha[Int(index)] }
      target += channelCount
    }
    return result
  }

  private func clearAlpha(of pixels: inout ContiguousArray<UInt8>, where isTransparent: (Int) -> Bool) {
    for pixel in 0..<width * height where isTransparent(pixel) { pixels[4 * pixel + 3] = 0 }
  }
}
