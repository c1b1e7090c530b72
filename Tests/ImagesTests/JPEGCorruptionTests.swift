// SPDX-License-Identifier: Apache-2.0
import Images
import TestSupport
import Testing

/// Good files with one fault each, and the exact error it must raise.
@Suite struct JPEGCorruptionTests {
  /// 23×13 pixels, 4:2:0: two MCUs.
  static let plain = JPEGParts(fixture: "plain")
  static let progressive = JPEGParts(fixture: "scans-bits")
  static let restarts = JPEGParts(fixture: "restart-1")

  struct Case: CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let error: ImageError
    var testDescription: String { name }

    init(_ name: String, _ parts: JPEGParts, _ error: JPEGError) {
      (self.name, bytes, self.error) = (name, parts.bytes, .jpeg(error))
    }

    init(_ name: String, _ bytes: [UInt8], _ error: ImageError) {
      (self.name, self.bytes, self.error) = (name, bytes, error)
    }
  }

  static func frame(_ change: (inout JPEGParts.Part) -> Void) -> JPEGParts { plain.with(JPEGParts.sof, 0, change) }

  static func invalid(
    _ field: String, _ segment: String, _ found: String, _ expected: String, _ marker: UInt8, _ number: Int = 0,
    in parts: JPEGParts = plain
  ) -> JPEGError {
    .invalidField(
      field, segment: segment, offset: parts.offset(of: marker, number), found: found, expected: expected)
  }

  static func refused(_ marker: UInt8, _ name: String, _ feature: String) -> Case {
    Case(
      name, frame { $0.marker = marker }, .unsupported(feature, segment: name, offset: plain.offset(of: JPEGParts.sof)))
  }

  static let refusals =
    [
      refused(0xC3, "SOF3", "lossless coding"), refused(0xC5, "SOF5", "hierarchical coding"),
      refused(0xC6, "SOF6", "hierarchical coding"), refused(0xC7, "SOF7", "hierarchical coding"),
      refused(0xC9, "SOF9", "arithmetic coding"), refused(0xCA, "SOF10", "arithmetic coding"),
      refused(0xCB, "SOF11", "lossless arithmetic coding"), refused(0xCD, "SOF13", "hierarchical arithmetic coding"),
      refused(0xCF, "SOF15", "hierarchical arithmetic coding"), refused(0xF7, "SOF55", "JPEG-LS"),
      refused(0xDE, "DHP", "hierarchical coding"), refused(0xCC, "DAC", "arithmetic coding"),
      Case(
        "12 bits", frame { $0.data[0] = 12 },
        .unsupported("samples of 12 bits", segment: "SOF0", offset: plain.offset(of: JPEGParts.sof))),
      Case(
        "DNL", frame { $0.data.replaceSubrange(1...2, with: [0, 0]) },
        .unsupported("a height given later, by DNL", segment: "SOF0", offset: plain.offset(of: JPEGParts.sof))),
    ]

  static let frames = [
    Case("no width", frame { $0.data.replaceSubrange(3...4, with: [0, 0]) }.bytes, .zeroSize(width: 0, height: 13)),
    Case("precision", frame { $0.data[0] = 7 }, invalid("precision", "SOF0", "7", "8", JPEGParts.sof)),
    Case(
      "two components", frame { $0.data[5] = 2 }, invalid("component count", "SOF0", "2", "1, 3 or 4", JPEGParts.sof)),
    Case(
      "component missing", frame { $0.data[5] = 4 },
      .invalidLength(segment: "SOF0", offset: plain.offset(of: JPEGParts.sof), found: 15, expected: "18")),
    Case(
      "short frame", frame { $0.data = [8, 0] },
      .invalidLength(segment: "SOF0", offset: plain.offset(of: JPEGParts.sof), found: 2, expected: "at least 6")),
    Case(
      "factor 5", frame { $0.data[7] = 0x51 }, invalid("sampling factors", "SOF0", "5x1", "1 to 4", JPEGParts.sof)),
    Case(
      "factor 0", frame { $0.data[10] = 0x10 }, invalid("sampling factors", "SOF0", "1x0", "1 to 4", JPEGParts.sof)),
    Case("table 4", frame { $0.data[8] = 4 }, invalid("quantization table", "SOF0", "4", "0 to 3", JPEGParts.sof)),
    Case(
      "equal components", frame { $0.data[9] = 1 },
      invalid("component 1", "SOF0", "twice", "different numbers", JPEGParts.sof)),
    Case(
      "two frames", plain.inserting(0xC1, plain.parts[plain.index(of: JPEGParts.sof)].data, before: JPEGParts.sos),
      .unexpectedSegment("SOF1", offset: plain.offset(of: JPEGParts.sos), reason: "more than once")),
    Case("no frame", plain.removing(JPEGParts.sof).removing(JPEGParts.sos), .missingSegment("SOF")),
    Case(
      "scan before frame", plain.removing(JPEGParts.sof),
      .unexpectedSegment("SOS", offset: plain.removing(JPEGParts.sof).offset(of: JPEGParts.sos), reason: "before SOF")),
    Case("no scan", plain.removing(JPEGParts.sos), .missingSegment("SOS")),
    Case("nothing", [0xFF, 0xD8, 0xFF, 0xD9], .jpeg(.missingSegment("SOF"))),
    Case(
      "second SOI", [0xFF, 0xD8, 0xFF, 0xD8], .jpeg(.unexpectedSegment("SOI", offset: 2, reason: "twice"))),
    Case("png", [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10], .unexpectedFormat(expected: .jpeg, found: .png)),
    Case("empty", [], .emptyFile),
    Case(
      "no marker", Array(plain.bytes[..<20]) + [0x12, 0x34, 0x56],
      .jpeg(.missingMarker(offset: 20, found: [0x12, 0x34]))),
    Case(
      "length 1", [0xFF, 0xD8, 0xFF, 0xE0, 0, 1],
      .jpeg(.invalidLength(segment: "APP0", offset: 2, found: 1, expected: "at least 2"))),
  ]

  static let tables = [
    Case(
      "quantization precision", plain.with(JPEGParts.dqt) { $0.data[0] = 0x20 },
      invalid("precision", "DQT", "2", "0 or 1", JPEGParts.dqt)),
    Case(
      "quantization table 4", plain.with(JPEGParts.dqt) { $0.data[0] = 4 },
      invalid("table", "DQT", "4", "0 to 3", JPEGParts.dqt)),
    Case(
      "divisor 0", plain.with(JPEGParts.dqt) { $0.data[9] = 0 },
      invalid("divisor 8 of table 0", "DQT", "0", "at least 1", JPEGParts.dqt)),
    Case(
      "short quantization", plain.with(JPEGParts.dqt) { $0.data.removeLast() },
      .invalidLength(segment: "DQT", offset: plain.offset(of: JPEGParts.dqt), found: 64, expected: "at least 65")),
    Case(
      "no quantization", plain.removing(JPEGParts.dqt),
      .undefinedTable(
        "quantization", number: 0, scanOffset: plain.removing(JPEGParts.dqt).offset(of: JPEGParts.sos))),
    Case(
      "Huffman class 2", plain.with(JPEGParts.dht) { $0.data[0] = 0x20 },
      invalid("table class", "DHT", "2", "0 or 1", JPEGParts.dht)),
    Case(
      "Huffman table 4", plain.with(JPEGParts.dht) { $0.data[0] = 4 },
      invalid("table", "DHT", "4", "0 to 3", JPEGParts.dht)),
    Case(
      "too many short codes",
      plain.with(JPEGParts.dht) { $0.data = [0, 3] + Array(repeating: 0, count: 15) + [1, 2, 3] },
      invalid("code lengths", "DHT", "of too many codes", "a prefix code without 1...1", JPEGParts.dht)),
    Case(
      "code of ones", plain.with(JPEGParts.dht) { $0.data = [0, 2] + Array(repeating: 0, count: 15) + [1, 2] },
      invalid("code lengths", "DHT", "of too many codes", "a prefix code without 1...1", JPEGParts.dht)),
    Case(
      "too many long codes",
      plain.with(JPEGParts.dht) { $0.data = [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 64] + Array(repeating: 0, count: 79) },
      invalid("code lengths", "DHT", "of too many codes", "a prefix code without 1...1", JPEGParts.dht)),
    Case(
      "257 codes", plain.with(JPEGParts.dht) { $0.data.replaceSubrange(15...16, with: [255, 2]) },
      invalid(
        "code count", "DHT",
        "\(257 + plain.parts[plain.index(of: JPEGParts.dht)].data[1...14].reduce(0) { $0 + Int($1) })",
        "at most 256", JPEGParts.dht)),
    Case(
      "DC category 16", plain.with(JPEGParts.dht) { $0.data[17] = 16 },
      invalid("DC category", "DHT", "16", "at most 15", JPEGParts.dht)),
    Case(
      "short codes", plain.with(JPEGParts.dht) { $0.data.removeLast() },
      .invalidLength(segment: "DHT", offset: plain.offset(of: JPEGParts.dht), found: 28, expected: "at least 29")),
    Case(
      "no Huffman", plain.removing(JPEGParts.dht),
      .undefinedTable(
        "DC Huffman", number: 0, scanOffset: plain.removing(JPEGParts.dht).offset(of: JPEGParts.sos))),
    Case(
      "no AC codes", plain.with(JPEGParts.sos) { $0.data[2] = 0x03 },
      .undefinedTable("AC Huffman", number: 3, scanOffset: plain.offset(of: JPEGParts.sos))),
    Case(
      "restart interval", plain.inserting(JPEGParts.dri, [1], before: JPEGParts.sos),
      .invalidLength(segment: "DRI", offset: plain.offset(of: JPEGParts.sos), found: 1, expected: "2")),
  ]

  @Test(arguments: refusals + frames + tables) func raisesTheError(fault: Case) {
    #expect(throws: fault.error) { try JPEGImage(decoding: fault.bytes) }
    let message = fault.error.description
    #expect(message.contains("; ") && !message.hasSuffix("."))
  }

  @Test func refusesAFileOfArithmeticCodes() {
    #expect {
      try Image.decode(Fixture.contents("jpeg/arithmetic.jpg"))
    } throws: { error in
      guard case .jpeg(.unsupported("arithmetic coding", "SOF9", _)) = error as? ImageError else { return false }
      return "\(error)".hasPrefix("JPEG with arithmetic coding (SOF9 at byte ")
    }
  }
}
