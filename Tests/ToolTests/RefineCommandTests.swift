// SPDX-License-Identifier: Apache-2.0
import Foundation
import Segment
import Tensor
import TestSupport
import Testing

@Suite struct RefineCommandTests {
  private let photograph = Fixture.path("images/coffee.png")

  /// Bands 30 pixels wide: labels 2, 5, 300 and so on.
  private func bands(_ height: Int, _ width: Int, _ labels: [Int32]) -> Data {
    Data(
      NPY.encode((0..<height * width).map { labels[$0 % width / 30 % labels.count] }, shape: [height, width]))
  }

  @Test func aGoldenByTheCommandLine() throws {
    let folder = try TemporaryFolder()
    let golden = try SafetensorsFile(path: Fixture.path("pamr/chelsea-eval.safetensors"))
    let image = Image(width: 128, height: 128, pixels: ContiguousArray(try golden.doubles("image").map { UInt8($0) }))
    try folder.write(Data(PNGImage(image).encoded()), "image.png")
    try folder.write(
      Data(NPY.encode(try golden.doubles("labels").map { Int64($0) }, shape: [1, 128, 128])), "labels.npy")
    let outcome = try BuiltTool.run([
      "refine", folder.file("image.png"), folder.file("labels.npy"), "-o", folder.file("out.npy"), "--ranks",
      "--iterations", "10", "--dilations", "1,2,4,8", "--size", "own",
    ])
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    #expect(outcome.text.contains("128x128, "))
    let refined = try NPY.parse([UInt8](folder.contents("out.npy")))
    #expect(refined.shape == [128, 128] && refined.type == .int32)
    #expect(try refined.doubles() == golden.doubles("refined"))
  }

  @Test func labelsKeepTheirNumbersAndTheImageItsSize() throws {
    let folder = try TemporaryFolder()
    try folder.write(bands(40, 60, [2, 300]), "labels.npy")
    let common = ["refine", photograph, folder.file("labels.npy"), "--size", "90", "--iterations", "3"]
    var outcome = try BuiltTool.run(common + ["-o", folder.file("out.png"), "--json", "-v"])
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    for member in [
      "\"status\":\"ok\"", "\"width\":600", "\"height\":400", "\"iterations\":3", "\"size\":90", "\"median\":true",
      "\"dilations\":[1,2,4,8,12,24,32,64]", "\"labels\":2", "\"stages\":[{\"stage\":\"read\"",
    ] { #expect(outcome.text.contains(member)) }
    let picture = try PNGImage(decoding: [UInt8](folder.contents("out.png")))
    #expect(picture.width == 600 && picture.height == 400 && picture.bitDepth == 16)
    guard case .uint16(let samples) = picture.samples else {
      Issue.record("no 16-bit picture")
      return
    }
    #expect(Set(samples) == [2, 300])

    // The picture is read back, as labels.
    outcome = try BuiltTool.run(
      ["refine", photograph, folder.file("out.png"), "-o", "-", "--iterations", "0", "--size", "own", "--no-median"])
    #expect(outcome.status == 0 && outcome.error.contains("2 labels, 2 after refinement"))
    #expect(try NPY.parse([UInt8](outcome.output)).doubles().map { UInt16($0) } == Array(samples))
  }

  @Test func bytesDoNotDependOnThreads() throws {
    let folder = try TemporaryFolder()
    try folder.write(bands(200, 300, [0, 1, 2, 3, 4]), "labels.npy")
    let results = try (1...3).map { threads in
      let outcome = try BuiltTool.run([
        "refine", photograph, folder.file("labels.npy"), "-o", "-", "-q", "--size", "200", "--iterations", "4",
        "--threads", "\(threads)",
      ])
      #expect(outcome.status == 0 && outcome.error.isEmpty)
      return outcome.output
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }

  @Test func labelsOfMorePixelsThanAnyPictureAreRefused() throws {
    let folder = try TemporaryDirectory()
    let description = "{'descr': '|u1', 'fortran_order': False, 'shape': (16385, 16384), }"
    let header = description.padding(toLength: 117, withPad: " ", startingAt: 0) + "\n"
    let beginning = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
    let labels = try folder.writeSparse(beginning, byteCount: beginning.count + 16385 * 16384, to: "labels.npy")
    let outcome = try BuiltTool.run(["refine", photograph, labels, "-o", folder.file("out.npy")])
    #expect(outcome.status == 3 && outcome.output.isEmpty)
    #expect(
      outcome.error
        == "diffcut: error: \(labels): the pixel count is 268451840, the limit is 268435456; "
        + "scale the image down or split it into tiles\n")
    #expect(try folder.names() == ["labels.npy"])
  }

  /// What LABELS holds, arguments, the exit code, and what the message says.
  struct Refusal: Sendable, CustomTestStringConvertible {
    let labels: Data
    var name = "labels.npy"
    var arguments: [String] = []
    let status: Int32
    let message: String
    var testDescription: String { message }
  }

  private static let good = Data(NPY.encode([0, 1, -1, 1] as [Int32], shape: [2, 2]))

  @Test(arguments: [
    Refusal(labels: Data(), status: 3, message: "labels.npy: the file is empty"),
    Refusal(
      labels: Data("text".utf8), status: 3, message: "not a label map (looks like text); export the label map as .npy"),
    Refusal(labels: good.dropLast(3), status: 3, message: "the .npy file is truncated: it has"),
    Refusal(
      labels: Data(NPY.encode([0, 1] as [Float], shape: [1, 2])), status: 3,
      message: "the array has float32 elements, expected integer ids"),
    Refusal(
      labels: Data(NPY.encode([0, 1] as [Int32], shape: [2])), status: 3,
      message: "the array has shape [2], expected [height, width] or [1, height, width]"),
    Refusal(
      labels: Data(NPY.encode([Int32](), shape: [0, 4])), status: 3, message: "the array has shape [0, 4], expected"),
    Refusal(
      labels: Data(NPY.encode([1 << 40] as [Int64], shape: [1, 1])), status: 3,
      message: "id 1099511627776 at row 0, column 0, expected -2147483648 to 2147483647"),
    Refusal(
      labels: Data(PNGImage(width: 1, height: 1, rgb: [1, 2, 3]).encoded()), name: "labels.png", status: 3,
      message: "the PNG has rgb pixels, but a label map has one id per pixel"),
    Refusal(
      labels: Data(PNGImage(width: 1, height: 1, grayscale: [1] as ContiguousArray<UInt8>).encoded()).dropLast(20),
      name: "labels.png", status: 3, message: "labels.png: the PNG file is truncated"),
    Refusal(
      labels: good, arguments: ["--dilations", "1,0"], status: 2, message: "--dilations is '1,0', expected up to"),
    Refusal(labels: good, arguments: ["--dilations", "1,,2"], status: 2, message: "--dilations is '1,,2'"),
    Refusal(labels: good, arguments: ["--dilations", ""], status: 2, message: "--dilations is ''"),
    Refusal(
      labels: good, arguments: ["--iterations", "-1"], status: 2,
      message: "--iterations is '-1', expected a whole number from 0 to 1000"),
    Refusal(
      labels: good, arguments: ["--size", "0"], status: 2,
      message: "--size is '0', expected a whole number from 1 to 8192, or own"),
    Refusal(
      labels: good, arguments: ["--median", "--no-median"], status: 2,
      message: "--no-median has no effect with --median"),
  ])
  func badInputIsOneLineAndNoFile(refusal: Refusal) throws {
    let folder = try TemporaryFolder()
    try folder.write(refusal.labels, refusal.name)
    let outcome = try BuiltTool.run(
      ["refine", photograph, folder.file(refusal.name), "-o", folder.file("out.npy")] + refusal.arguments)
    outcome.expectRefusal(refusal.status, refusal.message)
    #expect(try folder.names() == [refusal.name])
  }

  @Test func filesThatAreNotThereAreNamed() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.good, "labels.npy")
    let (labels, output) = (folder.file("labels.npy"), ["-o", folder.file("out.npy")])
    #expect(try BuiltTool.run(["refine", folder.file("none.png"), labels] + output).status == 4)
    #expect(try BuiltTool.run(["refine", photograph, folder.file("none.npy")] + output).status == 3)
    #expect(try BuiltTool.run(["refine", labels, labels] + output).status == 4)
    #expect(
      try BuiltTool.run(["refine", "-", "-"] + output).error.contains("IMAGE and LABELS are both standard input"))
    #expect(try BuiltTool.run(["refine", photograph, labels]).error.contains("refine needs -o FILE"))
    #expect(try BuiltTool.run(["refine", photograph, labels, "-o", "out.tif"]).status == 2)
    try folder.write(try Data(contentsOf: URL(fileURLWithPath: photograph)), "photo.png")
    let overwriting = try BuiltTool.run(["refine", folder.file("photo.png"), labels, "-o", folder.file("photo.png")])
    #expect(overwriting.status == 2 && overwriting.error.contains("would overwrite the image"))
    let inPlace = try BuiltTool.run(["refine", photograph, labels, "-o", labels])
    #expect(inPlace.status == 2 && inPlace.error.contains("would overwrite the label map"))
    #expect(try folder.names() == ["labels.npy", "photo.png"])
    #expect(try Data(contentsOf: URL(fileURLWithPath: labels)) == Self.good)
  }

  @Test func aNegativeLabelIsNoPicture() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.good, "labels.npy")
    let common = ["refine", photograph, folder.file("labels.npy"), "--size", "32", "-o", folder.file("out.png")]
    let outcome = try BuiltTool.run(common)
    #expect(outcome.status == 2 && outcome.error.contains("label -1 exceeds the 16 bits of a PNG"))
    #expect(try folder.names() == ["labels.npy"])
    #expect(try BuiltTool.run(common + ["--ranks"]).status == 0)
  }

  @Test func segmentRefines() throws {
    let folder = try TemporaryFolder()
    func labels(_ name: String, _ arguments: [String]) throws -> (map: [UInt8], text: String) {
      let outcome = try BuiltTool.run(
        ["segment", photograph, "--size", "128", "-o", folder.file(name), "-v"] + arguments)
      #expect(outcome.status == 0)
      let picture = try PNGImage(decoding: [UInt8](folder.contents("\(name)/coffee.labels.png")))
      guard case .uint8(let samples) = picture.samples else { return ([], outcome.text) }
      return (Array(samples), outcome.text)
    }
    let plain = try labels("plain", ["--refine", "none"])
    let refined = try labels(
      "refined", ["--refine", "pamr", "--pamr-size", "150", "--pamr-iterations", "6", "--pamr-dilations", "1,2,4"])
    #expect(refined.map.count == 600 * 400 && refined.map != plain.map)
    #expect(refined.map.min() == 1)
    #expect(refined.text.contains(", refine ") && !plain.text.contains(", refine "))
    // What `refine` does to the written map, but for the median, which depends on the labels' numbers.
    let outcome = try BuiltTool.run([
      "refine", photograph, folder.file("plain/coffee.labels.png"), "-o", "-", "-q", "--size", "150", "--iterations",
      "6", "--dilations", "1,2,4",
    ])
    let map = try NPY.parse([UInt8](outcome.output)).doubles()
    func isBorder<Label: Equatable>(_ labels: some RandomAccessCollection<Label>) -> [Bool] {
      zip(labels, labels.dropFirst()).map { $0 != $1 }
    }
    let different = zip(isBorder(map), isBorder(refined.map)).count { $0 != $1 }
    #expect(different < map.count / 200)
  }

  @Test(arguments: [
    (["--pamr-size", "64"], "--pamr-size has no effect without --refine pamr"),
    (["--refine", "crf"], "--refine is 'crf', expected one of none, pamr"),
    (["--refine", "pamr", "--pamr-dilations", "x"], "--pamr-dilations is 'x'"),
    (["--refine", "pamr", "--pamr-size", "big"], "--pamr-size is 'big'"),
    (["--refine", "pamr", "--pamr-iterations", "1001"], "--pamr-iterations is '1001'"),
  ])
  func segmentRefusesOtherSettings(arguments: [String], message: String) throws {
    let outcome = try BuiltTool.run(["segment", photograph] + arguments)
    #expect(outcome.status == 2 && outcome.error.contains(message))
  }

  @Test func benchMeasuresBothParts() throws {
    let outcome = try BuiltTool.run(["bench", "pamr", "--size", "64", "--masks", "3", "--repeat", "1", "--json"])
    #expect(outcome.status == 0)
    let lines = outcome.text.split(separator: "\n")
    #expect(lines.count == 2 && lines[0].contains("\"stage\":\"affinity\""))
    #expect(lines[1].contains("\"shape\":[3,64,64,64]") && !outcome.text.contains("\"error\":null"))
    let refusal = try BuiltTool.run(["bench", "gemm", "--masks", "3"])
    #expect(refusal.status == 2 && refusal.error.contains("--masks has no effect with 'bench gemm'"))
  }
}
