// SPDX-License-Identifier: Apache-2.0

/// The color map of the PASCAL VOC segmentation challenge: 256 colors, of which neighbors differ strongly and
/// entry 0 is black.
///
/// Bits 0, 1 and 2 of the index give the highest bits of red, green and blue, bits 3, 4 and 5 the next, and so on.
///
/// - Source: `VOClabelcolormap.m` of the VOC 2012 development kit, restated.
public enum VOCPalette {
  public static let colors: [RGBColor] = (0..<256).map { index in
    var channels: [UInt8] = [0, 0, 0]
    for bit in 0..<8 where index >> bit & 1 == 1 {
      channels[bit % 3] |= 0x80 >> UInt8(bit / 3)
    }
    return RGBColor(red: channels[0], green: channels[1], blue: channels[2])
  }
}
