// SPDX-License-Identifier: Apache-2.0
import Formats
import Foundation
import Segment
import Tensor
import TestSupport
import Testing

@Suite struct HeatmapCommandTests {
  private let coffee = Fixture.path("images/coffee.png")
  private let features = Fixture.path("ncut/coffee-tau0.3.safetensors")
  private let others = Fixture.path("ncut/chelsea-tau0.25.safetensors")

  private func run(_ arguments: [String], in folder: TemporaryFolder) throws -> BuiltTool.Outcome {
    try BuiltTool.run(["coherence", "heatmap"] + arguments, directory: folder.path)
  }

  private func image(_ folder: TemporaryFolder, _ name: String) throws -> Image {
    try Image.decode([UInt8](folder.contents(name)))
  }

  private func values(_ folder: TemporaryFolder, _ name: String) throws -> (shape: [Int], values: [Double]) {
    let array = try NPY.parse([UInt8](folder.contents(name)))
    #expect(array.type == .float32)
    return (array.shape, Array(array.doubles()))
  }

  @Test func cosinesOfFeaturesAndTheirPicture() throws {
    let folder = try TemporaryFolder()
    let outcome = try run([features, "--patch", "3,20", "-o", "map.png", "--values", "map.npy"], in: folder)
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    #expect(outcome.text.contains("patch 3,20: 32x32 patches, cosines -0.1"))
    #expect(outcome.text.hasSuffix("to 1.0000 -> map.png, map.npy\n"))
    let map = try SimilarityMap(row: 3, column: 20, of: FeatureMap(contentsOf: features))
    let (shape, cosines) = try values(folder, "map.npy")
    #expect(shape == [32, 32] && cosines == map.cosines.map { Double(Float($0)) })
    // 16 pixels a patch.
    #expect(try image(folder, "map.png") == map.picture(height: 512, width: 512))
    _ = try run(
      [features, "--patch", "3,20", "-o", "small.png", "--picture-size", "40x70", "--range", "-1,1"], in: folder)
    #expect(try image(folder, "small.png") == map.picture(height: 40, width: 70, range: -1...1))
  }

  @Test func thePatchOfAPixel() throws {
    let folder = try TemporaryFolder()
    let common = [features, "--image", coffee]
    // 600 x 400 pixels on 32 x 32 patches: column 20 begins at 375, row 3 at 37.5.
    for (index, place) in [["--point", "375,38"], ["--point", "393,49"], ["--patch", "3,20"]].enumerated() {
      let outcome = try run(common + place + ["--values", "\(index).npy", "-o", "\(index).png", "--json"], in: folder)
      #expect(outcome.status == 0)
      let object = try #require(outcome.objects.first)
      #expect(object["patch"] as? [Int] == [3, 20] && object["grid"] as? [Int] == [32, 32])
      #expect(object["point"] as? [Int] == [[375, 38], [393, 49], [384, 43]][index])
      #expect(object["maximum"] as? Double ?? 0 > 0.999)
      #expect((object["outputs"] as? [String: String])?["values"] == "\(index).npy")
    }
    #expect(try folder.contents("0.npy") == folder.contents("1.npy"))
    #expect(try folder.contents("0.npy") == folder.contents("2.npy"))
    let picture = try image(folder, "0.png")
    #expect(picture.width == 600 && picture.height == 400)
    // The middle, with and without a photograph.
    _ = try run(common + ["--values", "a.npy"], in: folder)
    _ = try run([features, "--values", "b.npy"], in: folder)
    _ = try run([features, "--patch", "16,16", "--values", "c.npy"], in: folder)
    #expect(try folder.contents("a.npy") == folder.contents("b.npy"))
    #expect(try folder.contents("b.npy") == folder.contents("c.npy"))
  }

  /// The picture over a photograph is that of `segment -f heatmap`.
  @Test func photographsAreEncoded() throws {
    let folder = try TemporaryFolder()
    let common = ["--point", "300,120", "--size", "128"]
    let outcome = try run([coffee] + common + ["--overlay", "-o", "map.png", "--values", "map.npy"], in: folder)
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    let segment = try BuiltTool.run(["segment", coffee, "-f", "heatmap", "-o", folder.path, "-q"] + common)
    #expect(segment.status == 0)
    #expect(try folder.contents("map.png") == folder.contents("coffee.heatmap.png"))
    // Features that the tool has written know their grid; they are rounded to single precision.
    _ = try BuiltTool.run([
      "features", coffee, "--model", "built-in", "--size", "128", "-q", "-o", folder.file("coffee.safetensors"),
    ])
    let again = try run(
      ["coffee.safetensors", "--image", coffee, "--point", "300,120", "--values", "again.npy"], in: folder)
    #expect(again.status == 0)
    let (first, second) = (try values(folder, "map.npy"), try values(folder, "again.npy"))
    #expect(first.shape == second.shape && first.shape[0] < first.shape[1])
    #expect(zip(first.values, second.values).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test func anotherImageIsComparedWith() throws {
    let folder = try TemporaryFolder()
    let chelsea = Fixture.path("images/chelsea.png")
    let outcome = try run(
      [
        features, "--image", coffee, "--patch", "3,20", "--in", others, "--in-image", chelsea, "--overlay", "-o",
        "map.png",
      ], in: folder)
    #expect(outcome.status == 0 && outcome.text.contains("patch 3,20 in "))
    let map = try SimilarityMap(
      row: 3, column: 20, of: FeatureMap(contentsOf: features), in: FeatureMap(contentsOf: others))
    // No ring: the patch is of the other image.
    #expect(try image(folder, "map.png") == map.overlay(on: Image(contentsOf: chelsea)))
    let photographs = try run(
      [coffee, "--in", chelsea, "--size", "128", "-o", "b.png", "--values", "b.npy"], in: folder)
    #expect(photographs.status == 0)
    #expect(try image(folder, "b.png").width == 451)
    let own = try run([chelsea, "--in", chelsea, "--size", "128", "--values", "own.npy"], in: folder)
    _ = try run([chelsea, "--size", "128", "--values", "same.npy"], in: folder)
    #expect(try own.status == 0 && folder.contents("own.npy") == folder.contents("same.npy"))
  }

  @Test func standardStreams() throws {
    let folder = try TemporaryFolder()
    let npy = Data(NPY.encode([1, 0, 0, 1] as [Float], shape: [1, 2, 2]))
    let picture = try BuiltTool.run(["coherence", "heatmap", "-", "-o", "-"], input: npy)
    #expect(picture.status == 0 && picture.error.hasPrefix("-: patch 0,1: 1x2 patches, cosines 0.0000 to 1.0000\n"))
    let image = try Image.decode([UInt8](picture.output))
    #expect(image.width == 32 && image.height == 16 && image[0, 0] == ColorMap.sequential[0])
    let values = try BuiltTool.run(["coherence", "heatmap", "-", "--values", "-", "-q"], input: npy)
    #expect(try values.error.isEmpty && NPY.parse([UInt8](values.output)).doubles() == [0, 1])
    #expect(try folder.names().isEmpty)
  }

  @Test(
    arguments: [
      ([], 2, "coherence heatmap needs IMAGE or FEATURES"),
      (["F"], 2, "coherence heatmap needs -o FILE"),
      (["F", "G", "-o", "x.png"], 2, "unexpected argument "),
      (["F", "-o", "x.npy"], 2, "unknown format of 'x.npy'"),
      (["F", "--values", "x.png"], 2, "--values is 'x.png', expected a .npy file"),
      (["F", "--values", "x.npy", "--overlay"], 2, "--overlay has no effect without --output FILE"),
      (["F", "-o", "-", "--values", "-"], 2, "both name '-'"),
      (["F", "-o", "-", "--json"], 2, "-o - and --json both write to standard output"),
      (["F", "-o", "x.png", "--overlay"], 2, "--overlay needs the photograph of "),
      (["F", "-o", "x.png", "--point", "3,4"], 2, "--point is a pixel, but "),
      (["F", "-o", "x.png", "--point", "3,4", "--patch", "1,1"], 2, "--patch has no effect with --point"),
      (["F", "-o", "x.png", "--patch", "32,0"], 2, "row 32, column 0 is outside the grid of 32x32 patches"),
      (
        ["F", "-o", "x.png", "--image", "I", "--patch", "0,9223372036854775807"], 2,
        "--patch: row 0, column 9223372036854775807 is outside"
      ),
      (["F", "-o", "x.png", "--patch", "1"], 2, "--patch is '1', expected ROW,COLUMN"),
      (["F", "-o", "x.png", "--range", "1,0"], 2, "--range is '1,0', expected LOW,HIGH within -1.0 to 1.0"),
      (["F", "-o", "x.png", "--range", "nan,0"], 2, "--range is 'nan,0'"),
      (["F", "-o", "x.png", "--model", "m"], 2, "--model has no effect with features"),
      (["F", "-o", "x.png", "--in-image", "I"], 2, "--in-image has no effect without --in FILE"),
      (
        ["F", "-o", "x.png", "--image", "I", "--overlay", "--picture-size", "3x3"], 2,
        "--picture-size has no effect with --overlay"
      ),
      (
        ["F", "-o", "x.png", "--picture-size", "65536x65536"], 2,
        "--picture-size has 4294967296 pixels; the limit is 268435456"
      ),
      (["I", "-o", "x.png", "--image", "I"], 2, "--image has no effect with the photograph"),
      (["I", "-o", "x.png", "--grid", "3x3"], 2, "--grid has no effect with photographs"),
      (["I", "-o", "x.png", "--point", "600,0"], 2, "--point: point 600,0 is outside the image of 600x400 pixels"),
      (["I", "-o", "x.png", "--labels", "x"], 2, "--labels has no effect with 'coherence heatmap'"),
      (["I", "-o", "x.png", "--in", "F", "--size", "128"], 3, "the features have 320 channels, expected "),
      (["none.jpg", "-o", "x.png"], 4, "none.jpg"),
      (["none.npy", "-o", "x.png"], 3, "none.npy"),
      (["-", "--in", "-", "-o", "x.png"], 2, "both inputs are standard input"),
    ] as [([String], Int32, String)])
  func mistakesAreExplained(arguments: [String], status: Int32, message: String) throws {
    let folder = try TemporaryFolder()
    let paths = ["F": features, "G": others, "I": coffee]
    let outcome = try run(arguments.map { paths[$0] ?? $0 }, in: folder)
    outcome.expectRefusal(status, message)
    #expect(try folder.names().isEmpty)
  }

  @Test func inputsAreNotOverwritten() throws {
    let folder = try TemporaryFolder()
    try folder.write(Data(NPY.encode([1, 0] as [Float], shape: [1, 2, 1])), "f.npy")
    let before = try folder.contents("f.npy")
    let outcome = try run(["f.npy", "--values", "./f.npy"], in: folder)
    #expect(outcome.status == 2 && outcome.error.contains("--values would overwrite 'f.npy'"))
    #expect(try folder.contents("f.npy") == before)
  }
}
