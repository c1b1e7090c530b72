// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing

@Suite struct NPYTests {
  /// A file of a given header text; the text is not padded.
  private func file(_ header: String, data: [UInt8] = [], version: UInt8 = 1, length: Int? = nil) -> [UInt8] {
    let count = length ?? header.utf8.count
    let bytes = (0..<(version == 1 ? 2 : 4)).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
    return [0x93] + "NUMPY".utf8 + [version, 0] + bytes + header.utf8 + data
  }

  private func header(descr: String = "'<f4'", order: String = "False", shape: String = "(2,)") -> String {
    "{'descr': \(descr), 'fortran_order': \(order), 'shape': \(shape), }\n"
  }

  // Files of NumPy

  @Test(arguments: NPY.ElementType.allCases)
  func everyTypeOfNumPy(_ type: NPY.ElementType) throws {
    let array = try NPY.parse(Fixture.bytes("npy/\(type.rawValue).npy"))
    #expect(array.type == type && array.shape == [2, 3] && !array.isFortranOrder && array.count == 6)
    let expected: [Double] =
      switch type {
      case .bool: [0, 0, 0, 1, 1, 1]
      case .uint8, .uint16, .uint32, .uint64: [0, 1, 2, 3, 4, 5]
      default: [-2, -1, 0, 1, 2, 3]
      }
    #expect(Array(array.doubles()) == expected)
  }

  @Test(arguments: ["big-endian", "big-endian-i8", "version1", "version2", "version3"])
  func variantsOfNumPy(_ name: String) throws {
    let array = try NPY.parse(Fixture.bytes("npy/\(name).npy"))
    #expect(array.shape == [2, 3] && Array(array.doubles()) == [-2, -1, 0, 1, 2, 3])
  }

  @Test func fortranOrderIsReadInRowMajorOrder() throws {
    let array = try NPY.parse(Fixture.bytes("npy/fortran.npy"))
    #expect(array.isFortranOrder && array.shape == [2, 3, 4])
    #expect(Array(array.doubles()) == (0..<24).map(Double.init))
  }

  @Test func scalarsAndNothing() throws {
    let scalar = try NPY.parse(Fixture.bytes("npy/scalar.npy"))
    #expect(scalar.shape == [] && Array(scalar.doubles()) == [2.5])
    let empty = try NPY.parse(Fixture.bytes("npy/empty.npy"))
    #expect(empty.shape == [0, 3] && empty.doubles().isEmpty)
  }

  // Round trips

  private func roundTrip<Element: FixedWidthInteger>(_: Element.Type) throws {
    let values: [Element] = [.min, 0, 1, 2, 100, .max]
    let bytes = NPY.encode(values, shape: [3, 2])
    let array = try NPY.parse(bytes)
    #expect(array.shape == [3, 2] && array.doubles().elementsEqual(values.map { Double($0) }), "\(Element.self)")
    #expect((bytes.count - values.count * MemoryLayout<Element>.size) % 64 == 0, "data starts at a multiple of 64")
  }

  @Test func integersSurvive() throws {
    try roundTrip(Int8.self)
    try roundTrip(Int16.self)
    try roundTrip(Int32.self)
    try roundTrip(Int64.self)
    try roundTrip(UInt8.self)
    try roundTrip(UInt16.self)
    try roundTrip(UInt32.self)
    try roundTrip(UInt64.self)
  }

  @Test func floatsSurvive() throws {
    let values: [Float] = [0, -0.0, 1.5, .infinity, -.greatestFiniteMagnitude, .leastNonzeroMagnitude]
    for shape in [[6], [1, 6], [3, 1, 2]] {
      let array = try NPY.parse(NPY.encode(values, shape: shape))
      #expect(array.shape == shape && array.type == .float32)
      expectIdentical(array.doubles().map { Float($0) }, values)
    }
    #expect(try NPY.parse(NPY.encode([Float](), shape: [0, 4])).shape == [0, 4])
    #expect(try Array(NPY.parse(NPY.encode([2.5 as Float], shape: [])).doubles()) == [2.5])
  }

  // Errors

  private static let unsupported = [
    "object": "|O", "structured": "structured", "text": "<U1", "complex": "<c8",
  ]

  @Test(arguments: unsupported.keys.sorted())
  func typesWithoutNumbers(_ name: String) throws {
    let bytes = try Fixture.bytes("npy/\(name).npy")
    #expect(throws: NPYError.unsupportedType(Self.unsupported[name] ?? "")) { try NPY.parse(bytes) }
  }

  private func expectFailure(_ bytes: [UInt8], _ error: NPYError, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(throws: error, sourceLocation: sourceLocation) { try NPY.parse(bytes) }
  }

  @Test func otherFiles() {
    expectFailure([], .notNPY(.empty))
    expectFailure([0x93] + "NUMPX\u{1}\u{0}\u{0}\u{0}".utf8, .notNPY(nil))
    expectFailure(Array("PK\u{3}\u{4} with arr_0.npy".utf8), .notNPY(.npz))
    expectFailure(Array("1.5,2.5\n".utf8), .notNPY(.text))
    expectFailure(file(header(), version: 0), .unsupportedVersion(major: 0, minor: 0))
    expectFailure(file(header(), version: 4), .unsupportedVersion(major: 4, minor: 0))
  }

  @Test func truncatedFiles() {
    expectFailure([0x93] + "NUMPY".utf8 + [1, 0], .truncated(expected: 10, found: 8))
    expectFailure([0x93] + "NUMPY".utf8 + [2, 0, 1, 0, 0], .truncated(expected: 12, found: 11))
    let text = header()
    let count = text.utf8.count
    expectFailure(file(text, length: count + 5), .truncated(expected: 10 + count + 5, found: 10 + count))
    expectFailure(
      file(text, version: 2, length: 0xffff_ffff), .truncated(expected: 12 + 0xffff_ffff, found: 12 + count))
    expectFailure(
      file(text, data: [1, 2, 3, 4, 5, 6, 7]), .truncated(expected: 10 + count + 8, found: 10 + count + 7))
  }

  @Test func impossibleShapes() {
    expectFailure(file(header(shape: "(-1,)")), .badHeader("shape contains '-1', expected whole numbers"))
    expectFailure(file(header(shape: "(+1,)")), .badHeader("shape contains '+1', expected whole numbers"))
    expectFailure(file(header(shape: "(3 4)")), .badHeader("shape contains '3 4', expected whole numbers"))
    expectFailure(file(header(shape: "(3,,4)")), .badHeader("shape contains '', expected whole numbers"))
    expectFailure(file(header(shape: "(2.0,)")), .badHeader("shape contains '2.0', expected whole numbers"))
    expectFailure(file(header(shape: "5")), .badHeader("shape is not a tuple"))
    expectFailure(file(header(shape: "(5, ")), .badHeader("the value of 'shape' is not terminated"))
    expectFailure(
      file(header(shape: "(99999999999999999999,)")),
      .badHeader("shape contains '99999999999999999999', expected whole numbers"))
    expectFailure(
      file(header(shape: "(4611686018427387904, 4)")), .badHeader("shape [4611686018427387904, 4] is too large"))
    // As many bytes as an Int counts: their sum with the header's does not.
    let bytes = file(header(descr: "'|u1'", shape: "(9223372036854775807,)"))
    expectFailure(bytes, .truncated(expected: .max, found: bytes.count))
  }

  /// Text of a header takes 16 bytes a letter, and every axis is gone through for every element.
  @Test func headersWithoutEnd() {
    let padding = String(repeating: " ", count: 1 << 16)
    let count = header().utf8.count + padding.utf8.count
    expectFailure(
      file(header() + padding, data: [UInt8](repeating: 0, count: 8), version: 2),
      .badHeader("\(count) bytes, expected at most 65536"))
    let ones = Array(repeating: "1", count: 65)
    expectFailure(
      file(header(shape: "(\(ones.joined(separator: ",")))")), .badHeader("65 dimensions, expected at most 64"))
    let shape = "(\(ones.dropFirst().joined(separator: ",")))"
    #expect(throws: Never.self) { try NPY.parse(file(header(shape: shape), data: [0, 0, 0, 0])) }
  }

  @Test func brokenHeaders() {
    expectFailure(file(""), .badHeader("'descr' is missing"))
    expectFailure(file("{'descr': '<f4', 'shape': (2,)}"), .badHeader("'fortran_order' is missing"))
    expectFailure(file("{'descr': '<f4', 'fortran_order': False}"), .badHeader("'shape' is missing"))
    expectFailure(file("{'descr' '<f4'}"), .badHeader("':' is missing after 'descr'"))
    expectFailure(file("{'descr': '<f4"), .badHeader("the value of 'descr' is not terminated"))
    expectFailure(file("{'descr':"), .badHeader("'descr' is missing"))
    expectFailure(file(header(order: "Maybe")), .badHeader("fortran_order is 'Maybe', expected True or False"))
    expectFailure(file(header(descr: "'?f4'")), .unsupportedType("?f4"))
    expectFailure(file(header(descr: "''")), .unsupportedType(""))
  }

  @Test func messages() {
    #expect("\(NPYError.notNPY(nil))" == "not a .npy file; save the array with numpy.save")
    #expect("\(NPYError.notNPY(.text))" == "not a .npy file (looks like text); save the array with numpy.save")
    #expect(
      "\(NPYError.notNPY(.npz))" == ".npz archives are not supported; extract one array and pass the .npy")
    #expect(
      "\(NPYError.truncated(expected: 10, found: 8))"
        == "the .npy file is truncated: it has 8 bytes, its header requires 10; write or copy it again")
    #expect(
      "\(NPYError.badHeader("'shape' is missing"))"
        == "invalid .npy header: 'shape' is missing; save the array again with numpy.save")
  }

  /// Nothing in a file may stop the process: every prefix fails, every changed byte fails or is read.
  @Test(arguments: ["f4", "fortran", "version2", "structured"])
  func damagedFiles(_ name: String) throws {
    let bytes = try Fixture.bytes("npy/\(name).npy")
    for count in bytes.indices { #expect(throws: NPYError.self) { try NPY.parse(Array(bytes.prefix(count))) } }
    for index in bytes.indices {
      for value in [0, 0x20, 0x27, 0x28, 0x2c, 0x39, 0x7f, 0xff] as [UInt8] {
        var damaged = bytes
        damaged[index] = value
        if let array = try? NPY.parse(damaged) { #expect(array.doubles().count == array.count) }
      }
    }
  }
}
