// SPDX-License-Identifier: Apache-2.0
import Images
import TestSupport
import Testing

/// Files cut off anywhere and files damaged at random: an error or a picture, never a trap, and soon.
@Suite struct JPEGRobustnessTests {
  /// Every prefix is an error until the data of the last scan are complete.
  @Test(arguments: ["plain", "quality-10", "scans-bits", "scans-sequential-2x2", "restart-progressive-2", "color-ycck"])
  func everyPrefixIsAnError(name: String) {
    let parts = JPEGParts(fixture: name)
    let bytes = parts.bytes
    for count in 3..<bytes.count - 2 {
      #expect {
        try JPEGImage(decoding: Array(bytes[..<count]))
      } throws: { error in
        switch error as? ImageError {
        case .truncated(.jpeg, _, let offset, let needed, let available):
          return offset + available == count && needed > available
        case .jpeg(.scan(.endsEarly(marker: nil, let offset), _, let unit, let unitCount)):
          return offset == count && unit < unitCount
        case .jpeg(.missingSegment(let name)):
          return name == (count <= parts.offset(of: JPEGParts.sof) ? "SOF" : "SOS") || name == "SOS"
        case .jpeg(.missingScans): return parts.parts.count { $0.marker == JPEGParts.sos } > 1
        default: return false
        }
      }
    }
  }

  @Test func tellsWhereTheFileEnds() {
    let bytes = Fixture.contents("jpeg/photograph.jpg")
    let parts = JPEGParts(fixture: "photograph")
    let start = parts.offset(of: JPEGParts.sos)
    #expect {
      try Image.decode(Array(bytes[..<(bytes.count / 2)]))
    } throws: { error in
      "\(error)".hasPrefix("damaged JPEG file: truncated, the file ends at byte \(bytes.count / 2), at unit ")
        && "\(error)".hasSuffix(" of 70 in the scan at byte \(start); copy or download the file again")
    }
  }

  /// 1 to 4 changes of a bit, a byte, or the length, anywhere behind the SOI.
  @Test(arguments: [
    "plain", "size-7x9-2x2", "size-17x33-progressive", "scans-bits", "scans-late", "scans-sequential-two-2x2",
    "restart-3",
    "restart-progressive-2", "color-ycck-progressive", "orientation-8-big", "noise-optimized", "sampling-4x1-2x1-1x1",
  ])
  func survivesMutations(name: String) {
    let original = Fixture.contents("jpeg/\(name).jpg")
    var generator = SeededGenerator(seed: 2026)
    let limits = DecodingLimits(maximumPixelCount: 1 << 16, maximumScanCount: 100)
    var decoded = 0
    for _ in 0..<1500 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let index = Int.random(in: 3..<bytes.count, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: bytes[index] = [0, 0xFF, 0x7F, 0x80, 0xD9].randomElement(using: &generator) ?? 0
        case 2: bytes[index] = UInt8.random(in: 0...255, using: &generator)
        case 3: bytes.remove(at: index)
        default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
        }
      }
      if let image = try? Image.decode(bytes, limits: limits) {
        decoded += 1
        #expect(image.pixels.count == 3 * image.width * image.height)
      }
    }
    #expect(decoded > 0, "no mutation reached the pixels")
  }

  /// A frame of 65,000² in a file of a few hundred bytes must fail before memory for it is taken.
  @Test(arguments: ["plain", "scans-bits", "scans-sequential-1x1"]) func doesNotBelieveSizes(name: String) {
    let parts = JPEGParts(fixture: name).with(JPEGParts.sof) { part in
      part.data.replaceSubrange(1...4, with: [0xFD, 0xE8, 0xFD, 0xE8])
    }
    let unlimited = DecodingLimits(maximumPixelCount: 1 << 40)
    #expect {
      try JPEGImage(decoding: parts.bytes, limits: unlimited)
    } throws: { error in
      guard case .jpeg(.scan) = error as? ImageError else { return false }
      return true
    }
  }
}
