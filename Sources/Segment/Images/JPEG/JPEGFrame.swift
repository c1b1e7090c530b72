// SPDX-License-Identifier: Apache-2.0

/// One color channel of a frame.
struct JPEGComponent: Equatable {
  let identifier: UInt8
  /// Sampling factors, 1 to 4: blocks of this component in an MCU of all components.
  let horizontal: Int
  let vertical: Int
  let quantizationTable: Int
  /// Samples of the component that belong to the image (A.1.1).
  let width: Int
  let height: Int
  /// Blocks that hold them, which is what a scan of this component alone codes (A.2.2).
  let blockColumns: Int
  let blockRows: Int
}

/// The contents of SOF: the size of the image and of its components.
///
/// - Source: ITU-T T.81, B.2.2 and A.1.1.
struct JPEGFrame: Equatable {
  let width: Int
  let height: Int
  let isProgressive: Bool
  let components: [JPEGComponent]
  let maximumHorizontal: Int
  let maximumVertical: Int
  /// MCUs across and down when all components are interleaved.
  let unitColumns: Int
  let unitRows: Int

  init(_ segment: JPEGSegment, of bytes: [UInt8], limits: DecodingLimits) throws(ImageError) {
    if let unsupportedFeature = segment.marker.unsupportedFeature { throw segment.unsupported(unsupportedFeature) }
    guard segment.data.count >= 6 else { throw segment.invalidLength(expected: "at least 6") }
    let start = segment.data.lowerBound
    isProgressive = segment.marker.rawValue == 0xC2
    let precision = bytes[start]
    guard precision != 12 else { throw segment.unsupported("samples of 12 bits") }
    guard precision == 8 else { throw segment.invalid("precision", precision, expected: "8") }
    height = Int(bigEndian16(bytes, at: start + 1))
    width = Int(bigEndian16(bytes, at: start + 3))
    guard height > 0 || width == 0 else { throw segment.unsupported("a height given later, by DNL") }
    try limits.check(width: width, height: height)
    let count = Int(bytes[start + 5])
    guard count == 1 || count == 3 || count == 4 else {
      throw segment.invalid("component count", count, expected: "1, 3 or 4")
    }
    guard segment.data.count == 6 + 3 * count else { throw segment.invalidLength(expected: "\(6 + 3 * count)") }

    let fields = (0..<count).map { index in
      let at = start + 6 + 3 * index
      return (
        identifier: bytes[at], horizontal: Int(bytes[at + 1] >> 4), vertical: Int(bytes[at + 1] & 15),
        table: Int(bytes[at + 2])
      )
    }
    for (index, field) in fields.enumerated() {
      guard (1...4).contains(field.horizontal) && (1...4).contains(field.vertical) else {
        throw segment.invalid("sampling factors", "\(field.horizontal)x\(field.vertical)", expected: "1 to 4")
      }
      guard field.table < 4 else { throw segment.invalid("quantization table", field.table, expected: "0 to 3") }
      guard !fields[..<index].contains(where: { $0.identifier == field.identifier }) else {
        throw segment.invalid("component \(field.identifier)", "twice", expected: "different numbers")
      }
    }
    let horizontal = fields.map(\.horizontal).max() ?? 1
    let vertical = fields.map(\.vertical).max() ?? 1
    let (width, height) = (width, height)
    components = fields.map { field in
      let columns = ceilingQuotient(width * field.horizontal, horizontal)
      let rows = ceilingQuotient(height * field.vertical, vertical)
      return JPEGComponent(
        identifier: field.identifier, horizontal: field.horizontal, vertical: field.vertical,
        quantizationTable: field.table, width: columns, height: rows, blockColumns: ceilingQuotient(columns, 8),
        blockRows: ceilingQuotient(rows, 8))
    }
    maximumHorizontal = horizontal
    maximumVertical = vertical
    unitColumns = ceilingQuotient(width, 8 * horizontal)
    unitRows = ceilingQuotient(height, 8 * vertical)
  }
}

func ceilingQuotient(_ dividend: Int, _ divisor: Int) -> Int { (dividend + divisor - 1) / divisor }
