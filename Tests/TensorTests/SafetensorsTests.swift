// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing

@Suite struct SafetensorsTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func bytes(_ header: String, data: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
    let count = length ?? UInt64(header.utf8.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + header.utf8 + data
  }

  private func open(_ bytes: [UInt8]) throws -> SafetensorsFile {
    try SafetensorsFile(path: directory.write(bytes, to: "file.safetensors"))
  }

  // Files of the safetensors package

  /// The values of `element_types()` in `fixtures/generate/kernels.py`.
  private static let values: [Float] = [0, -0.0, 1, -1.5, 0.1, 3.14159, 65_504, 0x1p-24, .infinity]
  private static let integers: [Double] = [0, 1, -1, 127, -128]

  private func types() throws -> SafetensorsFile {
    try SafetensorsFile(path: Fixture.path("kernels/types.safetensors"))
  }

  @Test func floatingPointTypes() throws {
    let file = try types()
    let halves = Self.values.map { Float(Reference.widened(Reference.narrowed(Double($0), .half), .half)) }
    let brains = Self.values.map { Float(Reference.widened(Reference.narrowed(Double($0), .brainFloat), .brainFloat)) }
    for (name, expected) in [("f64", Self.values), ("f32", Self.values), ("f16", halves), ("bf16", brains)] {
      let tensor = try file.tensor(name)
      #expect(tensor.shape == [9])
      expectIdentical(tensor.values, expected, name)
      expectIdentical(Array(try file.doubles(name)), expected.map(Double.init), name)
    }
    let matrix = try file.tensor("matrix.f16")
    #expect(matrix.shape == [3, 4] && matrix.values == (0..<12).map { Float($0) / 8 })
  }

  @Test func integerTypes() throws {
    let file = try types()
    let scales: [(String, Double)] = [("i64", 0x1p40), ("i32", 0x1p20), ("i16", 100), ("i8", 1)]
    for (name, scale) in scales { #expect(try Array(file.doubles(name)) == Self.integers.map { $0 * scale }) }
    #expect(try Array(file.doubles("u8")) == Self.integers.map(abs))
    #expect(try Array(file.doubles("bool")) == Self.integers.map { $0 > 0 ? 1 : 0 })
    #expect(throws: SafetensorsError.unsupportedType("i64", "I64")) { try file.tensor("i64") }
  }

  @Test func emptyTensorsScalarsAndMetadata() throws {
    let file = try types()
    #expect(try file.tensor("empty").shape == [0, 4])
    #expect(try file.tensor("scalar").shape == [] && file.tensor("scalar").values == [2.5])
    #expect(file.metadata["generator"] == "fixtures/generate/kernels.py" && file.metadata["torch"] != nil)
    #expect(file.entries["__metadata__"] == nil && file.entries.count == 13)
  }

  @Test func missingTensor() throws {
    let file = try types()
    let error = SafetensorsError.missingTensor("f8", names: file.entries.keys.sorted())
    #expect(throws: error) { try file.tensor("f8") }
    #expect(throws: error) { try file.doubles("f8") }
    #expect(
      "\(error)"
        == "no tensor 'f8'; the file contains 'bf16', 'bool', 'empty', 'f16', 'f32' and 8 more")
  }

  /// Halves at an odd address take another path than aligned ones.
  @Test(arguments: [0, 1])
  func unalignedHalves(_ shift: Int) throws {
    let patterns: [UInt16] = [0x3c00, 0xc000, 0x0001, 0x7c00]
    let data = [UInt8](repeating: 9, count: shift) + patterns.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
    func entry(_ type: String) -> String {
      "{\"x\":{\"dtype\":\"\(type)\",\"shape\":[4],\"data_offsets\":[\(shift),\(shift + 8)]}}"
    }
    for (type, format) in [("F16", Reference.HalfFormat.half), ("BF16", .brainFloat)] {
      let header = entry(type) + String(repeating: " ", count: (8 - entry(type).utf8.count % 8) % 8)
      let tensor = try open(bytes(header, data: data)).tensor("x")
      expectIdentical(tensor.values, patterns.map { Float(Reference.widened($0, format)) }, "\(type) at \(shift)")
    }
  }

  // Round trip

  @Test func encodedFilesAreRead() throws {
    let tensors = [
      "weight": Tensor([2, 3], values: [1, -2, 3.5, -0.0, .infinity, .leastNonzeroMagnitude]),
      "a \"name\"\n\u{1}é": Tensor([1], values: [7]), "none": Tensor(zeros: [0]), "scalar": Tensor(zeros: []),
    ]
    let metadata = ["format": "test", "quote\\": "\"\t\r"]
    let encoded = SafetensorsFile.encode(tensors, metadata: metadata)
    let file = try open(encoded)
    #expect(file.metadata == metadata && file.entries.count == tensors.count)
    for (name, tensor) in tensors {
      let read = try file.tensor(name)
      #expect(read.shape == tensor.shape)
      expectIdentical(read.values, tensor.values, name)
    }
    #expect(encoded == SafetensorsFile.encode(tensors, metadata: metadata), "the same bytes every time")
    #expect(try open(SafetensorsFile.encode([:])).entries.isEmpty)
  }

  // Errors

  private func expectFailure(
    _ bytes: [UInt8], _ error: SafetensorsError, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(throws: error, sourceLocation: sourceLocation) { try open(bytes) }
  }

  @Test func truncatedFiles() {
    expectFailure([], .truncated(expected: 8, found: 0))
    expectFailure([1, 0, 0, 0, 0, 0, 0], .truncated(expected: 8, found: 7))
    expectFailure(bytes("{}", length: 3), .truncated(expected: 11, found: 10))
    expectFailure(
      bytes("{}", length: 100_000_001), .badHeader("its length is 100000001 bytes, expected at most 100000000"))
    expectFailure(
      bytes("{}", length: .max), .badHeader("its length is 18446744073709551615 bytes, expected at most 100000000"))
  }

  @Test func badHeaders() {
    expectFailure(bytes("[]"), .badHeader("not a JSON object"))
    expectFailure(bytes("{"), .badHeader("invalid JSON: expected '\"' at byte 1"))
    expectFailure(bytes(""), .badHeader("invalid JSON: unexpected end at byte 0"))
    expectFailure(bytes("{\"__metadata__\":[]}"), .badHeader("__metadata__ is not an object"))
    expectFailure(bytes("{\"__metadata__\":{\"a\":1}}"), .badHeader("__metadata__ 'a' is not a string"))
    let entry = "\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}"
    expectFailure(
      bytes("{\(entry),\(entry)}"),
      .badHeader("invalid JSON: duplicate key \"a\" at byte \(entry.utf8.count + 2)"))
  }

  private func header(_ type: String, _ shape: String, _ offsets: String) -> String {
    "{\"x\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}}"
  }

  @Test func badEntries() {
    let data = [UInt8](repeating: 0, count: 16)
    func expect(_ header: String, _ reason: String, sourceLocation: SourceLocation = #_sourceLocation) {
      expectFailure(bytes(header, data: data), .badEntry("x", reason), sourceLocation: sourceLocation)
    }
    let outside = "data_offsets are outside the file's 16 data bytes"
    expect(header("F32", "[4]", "[8,24]"), outside)
    expect(header("F32", "[4]", "[-8,8]"), outside)
    expect(header("F32", "[4]", "[16,0]"), outside)
    expect(header("F32", "[4]", "[0,16,32]"), outside)
    expect(header("F32", "[4]", "[0]"), outside)
    expect(header("F32", "[4]", "[0,1.5]"), outside)
    expect(header("F32", "[4]", "[0,9223372036854775807]"), outside)
    expect(header("F32", "[4]", "[0,99999999999999999999]"), outside)
    expect(header("F32", "[3]", "[0,16]"), "it has 16 bytes, which do not fit shape [3] of F32")
    expect(header("F64", "[]", "[0,16]"), "it has 16 bytes, which do not fit shape [] of F64")
    expect(header("F32", "[-4]", "[0,16]"), "'shape' is not a list of sizes")
    expect(header("F32", "[4.0]", "[0,16]"), "'shape' is not a list of sizes")
    expect(header("F32", "[4611686018427387904,4]", "[0,16]"), "'shape' is not a list of sizes")
    expect(header("F32", "4", "[0,16]"), "'shape' or 'data_offsets' is missing")
    expect(header("F32", "[4]", "16"), "'shape' or 'data_offsets' is missing")
    expect("{\"x\":{\"shape\":[4],\"data_offsets\":[0,16]}}", "'dtype' is missing")
    expect("{\"x\":7}", "'dtype' is missing")
    expectFailure(bytes(header("F7", "[4]", "[0,16]"), data: data), .unsupportedType("x", "F7"))
  }

  /// Of several faults the first by name is reported, every time.
  @Test func theErrorDoesNotDependOnHashing() {
    let entries = (0..<20).map { "\"t\($0)\":{\"dtype\":\"X\($0)\",\"shape\":[0],\"data_offsets\":[0,0]}" }
    for shift in 0..<5 {
      let text = "{" + (entries[shift...] + entries[..<shift]).joined(separator: ",") + "}"
      expectFailure(bytes(text), .unsupportedType("t0", "X0"))
    }
  }

  @Test func overlappingTensors() throws {
    func header(_ first: ClosedRange<Int>, _ second: ClosedRange<Int>) -> String {
      func entry(_ name: String, _ range: ClosedRange<Int>) -> String {
        "\"\(name)\":{\"dtype\":\"U8\",\"shape\":[\(range.count - 1)],"
          + "\"data_offsets\":[\(range.lowerBound),\(range.upperBound)]}"
      }
      return "{\(entry("a", first)),\(entry("b", second))}"
    }
    let data = [UInt8](repeating: 0, count: 16)
    expectFailure(
      bytes(header(0...9, 8...16), data: data), .badEntry("b", "data_offsets [8, 16] overlap those of 'a'"))
    expectFailure(
      bytes(header(4...8, 0...16), data: data), .badEntry("a", "data_offsets [4, 8] overlap those of 'b'"))
    expectFailure(
      bytes(header(0...8, 0...8), data: data), .badEntry("b", "data_offsets [0, 8] overlap those of 'a'"))
    for (first, second) in [(0...8, 8...16), (8...16, 0...8), (4...4, 0...16), (0...2, 9...9)] {
      #expect(try open(bytes(header(first, second), data: data)).entries.count == 2)
    }
  }

  @Test func filesThatCannotBeMapped() {
    let missing = directory.file("missing")
    #expect(throws: FileError.self) { try SafetensorsFile(path: missing) }
    #expect(throws: FileError.notAFile(path: directory.path)) { try SafetensorsFile(path: directory.path) }
  }

  /// Nothing in a file may stop the process.
  @Test func damagedFiles() throws {
    let original = try Fixture.bytes("kernels/types.safetensors")
    var generator = SeededGenerator(seed: 81)
    for _ in 0..<2000 {
      var damaged = original
      // Twice in the header, where it matters.
      for _ in 0..<2 {
        let index = Int(generator.next() % 900) + (generator.next() % 4 == 0 ? 0 : 8)
        damaged[index] = "{}[]\",:0123456789-eE\\x".utf8.randomElement(using: &generator) ?? 0
      }
      guard let file = try? open(damaged) else { continue }
      for name in file.entries.keys {
        _ = try? file.tensor(name)
        _ = try? file.doubles(name)
      }
    }
    for count in stride(from: 0, to: original.count - 1, by: 7) {
      #expect(throws: (any Error).self) { try open(Array(original.prefix(count))) }
    }
  }
}
