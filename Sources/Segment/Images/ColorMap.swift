// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Colors for numbers, 256 of them, made in OKLab so that equal steps look equal.
///
/// - Source: Björn Ottosson, "A perceptual color space for image processing", 2020, for the space.
public enum ColorMap {
  /// From dark indigo over magenta and orange to pale yellow. Lightness rises evenly: the order survives in gray.
  public static let sequential: [RGBColor] = (0..<256).map { index in
    let t = Double(index) / 255
    // 280° to 455°, which is 95°.
    return color(lightness: 0.16 + 0.80 * t, chroma: 0.06 + 0.56 * t * (1 - t), degrees: 280 + 175 * t)
  }

  /// From blue over near white to orange: −1 at 0, 0 between 127 and 128, 1 at 255. Equal magnitudes are equally dark.
  public static let diverging: [RGBColor] = (0..<256).map { index in
    let t = (Double(index) - 127.5) / 127.5
    return color(lightness: 0.97 - 0.47 * abs(t), chroma: 0.15 * abs(t), degrees: t < 0 ? 255 : 50)
  }

  /// A number in 0 ... 1 as an index; what lies outside, or is no number, goes to an end.
  package static func index(_ value: Double) -> Int { value > 0 ? Int(min(value, 1) * 255 + 0.5) : 0 }

  /// The sRGB color of OKLab's polar coordinates, with the chroma reduced to fit into sRGB.
  private static func color(lightness: Double, chroma: Double, degrees: Double) -> RGBColor {
    let angle = degrees * Double.pi / 180
    var chroma = chroma
    while true {
      let (a, b) = (chroma * Platform.cosine(angle), chroma * Platform.sine(angle))
      let roots = (
        lightness + 0.3963377774 * a + 0.2158037573 * b, lightness - 0.1055613458 * a - 0.0638541728 * b,
        lightness - 0.0894841775 * a - 1.2914855480 * b
      )
      let l = roots.0 * roots.0 * roots.0
      let m = roots.1 * roots.1 * roots.1
      let s = roots.2 * roots.2 * roots.2
      let linear = [
        4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
        -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
        -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
      ]
      if chroma < 1e-3 || linear.allSatisfy({ (0...1).contains($0) }) {
        let bytes = linear.map { UInt8(min(max(gamma($0), 0), 1) * 255 + 0.5) }
        return RGBColor(red: bytes[0], green: bytes[1], blue: bytes[2])
      }
      chroma *= 0.97
    }
  }

  private static func gamma(_ value: Double) -> Double {
    value <= 0.0031308 ? 12.92 * value : 1.055 * Platform.power(value, 1 / 2.4) - 0.055
  }
}
