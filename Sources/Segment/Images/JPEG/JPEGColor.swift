// SPDX-License-Identifier: Apache-2.0

extension JPEGImage.ColorSpace {
  /// What the components mean, told as libjpeg does: three are YCbCr unless the Adobe marker (and no JFIF marker) or the
  /// identifiers R, G, B say otherwise; four are CMYK unless an Adobe marker says YCCK.
  ///
  /// - Source: ITU-T T.872, 6.5.3 (Adobe's transform: 0 none, 1 YCbCr, 2 YCCK); JFIF 1.02.
  init(_ components: [JPEGComponent], hasJFIF: Bool, adobeTransform: UInt8?) {
    switch components.count {
    case 1: self = .grayscale
    case 3:
      if hasJFIF {
        self = .yCbCr
      } else if let adobeTransform {
        self = adobeTransform == 0 ? .rgb : .yCbCr
      } else {
        self = components.map(\.identifier) == Array("RGB".utf8) ? .rgb : .yCbCr
      }
    default:
      self = adobeTransform.map { $0 == 0 ? .cmyk : .ycck } ?? .cmyk
    }
  }
}

/// Turns a row of samples into red, green and blue.
///
/// - Source: ITU-T T.871, 7 (YCbCr), in the fixed point of libjpeg: 16 fractional bits, rounded to nearest.
enum JPEGColor {
  typealias Samples = ContiguousArray<UInt8>

  /// Writes `width` pixels, three bytes each, from `pixels[start]`.
  static func write(
    _ rows: [Samples], _ colorSpace: JPEGImage.ColorSpace, into pixels: inout MutableSpan<UInt8>, at start: Int,
    width: Int
  ) {
    let (first, second, third, fourth) = (
      rows[0], rows.count > 1 ? rows[1] : rows[0], rows.count > 2 ? rows[2] : rows[0], rows.count > 3 ? rows[3] : []
    )
    switch colorSpace {
    case .grayscale, .rgb: interleave(first.span, second.span, third.span, &pixels, start, width)
    case .yCbCr: writeYCbCr(first.span, second.span, third.span, &pixels, start, width)
    case .cmyk:
      interleave(first.span, second.span, third.span, &pixels, start, width)
      applyBlack(fourth.span, &pixels, start, width)
    case .ycck:
      // YCbCr stand for the complements of what a CMYK file holds.
      writeYCbCr(first.span, second.span, third.span, &pixels, start, width)
      for index in start..<start + 3 * width { pixels[index] = 255 &- pixels[index] }
      applyBlack(fourth.span, &pixels, start, width)
    }
  }

  private static func interleave(
    _ red: Span<UInt8>, _ green: Span<UInt8>, _ blue: Span<UInt8>, _ pixels: inout MutableSpan<UInt8>, _ start: Int,
    _ width: Int
  ) {
    for column in 0..<width {
      pixels[start &+ 3 &* column] = red[column]
      pixels[start &+ 3 &* column &+ 1] = green[column]
      pixels[start &+ 3 &* column &+ 2] = blue[column]
    }
  }

  private static func writeYCbCr(
    _ luma: Span<UInt8>, _ blues: Span<UInt8>, _ reds: Span<UInt8>, _ pixels: inout MutableSpan<UInt8>, _ start: Int,
    _ width: Int
  ) {
    var at = start
    for column in 0..<width {
      let y = Int32(luma[column])
      let cb = Int32(blues[column]) &- 128
      let cr = Int32(reds[column]) &- 128
      // 1.402, 0.344136 and 0.714136, 1.772, times 65536. Blue first, so that one comparison with the end is enough.
      pixels[at &+ 2] = clamped(y &+ (116130 &* cb &+ 32768) &>> 16)
      pixels[at &+ 1] = clamped(y &+ (-22554 &* cb &- 46802 &* cr &+ 32768) &>> 16)
      pixels[at] = clamped(y &+ (91881 &* cr &+ 32768) &>> 16)
      at &+= 3
    }
  }

  @inline(__always)
  private static func clamped(_ value: Int32) -> UInt8 { UInt8(truncatingIfNeeded: min(max(value, 0), 255)) }

  /// Takes the light of the inks, as Adobe's programs store it (255 is no ink), down to what black lets through: k −
  /// k·(255 − c)/255, rounded as in Pillow's `convert("RGB")`.
  private static func applyBlack(_ black: Span<UInt8>, _ pixels: inout MutableSpan<UInt8>, _ start: Int, _ width: Int) {
    for column in 0..<width {
      let light = Int32(black[column])
      for index in start &+ 3 &* column..<start &+ 3 &* column &+ 3 {
        pixels[index] = clamped(light &- quotient255((255 &- Int32(pixels[index])) &* light))
      }
    }
  }

  /// value / 255, rounded to nearest, for values up to 255².
  @inline(__always)
  private static func quotient255(_ value: Int32) -> Int32 {
    let raised = value &+ 128
    return (raised &+ raised &>> 8) &>> 8
  }
}
