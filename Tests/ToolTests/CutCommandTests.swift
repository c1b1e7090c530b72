// SPDX-License-Identifier: Apache-2.0
import Foundation
import Segment
import Tensor
import TestSupport
import Testing

private func npy(_ values: [Float], _ shape: [Int]) -> Data { Data(NPY.encode(values, shape: shape)) }

@Suite struct CutCommandTests {
  private let features = Fixture.path("ncut/coffee-tau0.3.safetensors")

  @Test func labelsOfAFileAreTheReferences() throws {
    let folder = try TemporaryFolder()
    let outcome = try BuiltTool.run([
      "cut", features, "--tau", "0.3", "-o", folder.file("labels.npy"), "--nodes", folder.file("nodes.npy"),
    ])
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    #expect(outcome.text.contains("8 segments"))
    let golden = try SafetensorsFile(path: features)
    let pixels = try NPY.parse([UInt8](folder.contents("labels.npy")))
    #expect(pixels.shape == [128, 128] && pixels.type == .int32)
    #expect(try pixels.doubles() == golden.doubles("pixels"))
    let nodes = try NPY.parse([UInt8](folder.contents("nodes.npy")))
    #expect(try nodes.doubles() == golden.doubles("nodes"))
  }

  @Test(arguments: InstructionSet.supported)
  func bytesDoNotDependOnThreadsNorLabelsOnInstructions(set: InstructionSet) throws {
    let folder = try TemporaryFolder()
    let file = Fixture.path("ncut/rocket-tau0.3.safetensors")
    var results: [Data] = []
    for threads in 1...3 {
      let outcome = try BuiltTool.run(
        ["cut", file, "--tau", "0.3", "--threads", "\(threads)", "-o", folder.file("\(threads).npy"), "-q"],
        environment: ["DIFFCUT_ISA": set.rawValue])
      #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.error.isEmpty)
      results.append(try folder.contents("\(threads).npy"))
    }
    #expect(results[0] == results[1] && results[0] == results[2])
    #expect(try NPY.parse([UInt8](results[0])).doubles() == SafetensorsFile(path: file).doubles("pixels"))
  }

  @Test func standardInputAndOutput() throws {
    let folder = try TemporaryFolder()
    let values = (0..<64).flatMap { $0 % 8 < 4 ? [1, 0] as [Float] : [0, 1] }
    let outcome = try BuiltTool.run(
      ["cut", "-", "-o", "-", "--mask-size", "8x8"], input: npy(values, [8, 8, 2]))
    #expect(outcome.status == 0)
    #expect(outcome.error.hasPrefix("-: 8x8 nodes, 2 segments"))
    let labels = try NPY.parse([UInt8](outcome.output))
    #expect(labels.shape == [8, 8])
    #expect(Set(labels.doubles()) == [0, 1])
    #expect(try folder.names() == [])
  }

  /// Arguments after `cut FEATURES`, the exit code, and what the message says.
  struct Refusal: Sendable, CustomTestStringConvertible {
    let features: Data
    let arguments: [String]
    let status: Int32
    let message: String
    var testDescription: String { message }
  }

  @Test(arguments: [
    Refusal(
      features: npy([1, 2, 3, 4, 5, 6, .nan, 8], [4, 2]), arguments: [], status: 3,
      message: "node 3, channel 0 is NaN or infinite"),
    Refusal(
      features: npy([1, 2, 3, 4, 5, 6, 7, 8], [4, 2]), arguments: ["--grid", "3x2"], status: 2,
      message: "a grid of 3x2 has 6 nodes, the array has 4"),
    Refusal(
      features: npy([1, 2, 3, 4, 5, 6], [3, 2]), arguments: [], status: 2,
      message: "has 3 nodes and does not state its grid"),
    Refusal(features: npy([1, 2, 3], [3]), arguments: [], status: 3, message: "shape [3], expected [nodes, channels]"),
    Refusal(features: npy([], [0, 4]), arguments: [], status: 3, message: "the array has no nodes or no channels"),
    Refusal(
      features: Data("not an array".utf8), arguments: [], status: 3,
      message: "not a .npy file (looks like text); save the array with numpy.save"),
    Refusal(
      features: npy([1, 2], [1, 2]).dropLast(3), arguments: [], status: 3, message: "the .npy file is truncated: it has"
    ),
    Refusal(features: Data(), arguments: [], status: 3, message: "the file is empty; write or download it again"),
    Refusal(features: npy([1, 2], [1, 2]), arguments: ["--tau", "3"], status: 2, message: "--tau is '3'"),
    Refusal(features: npy([1, 2], [1, 2]), arguments: ["--alpha", "0"], status: 2, message: "--alpha is '0'"),
    Refusal(
      features: npy([1, 2], [1, 2]), arguments: ["--method", "maskcut", "--tau=-0.1"], status: 2,
      message: "--tau is '-0.1', expected a number from 0.0 to 1.0"),
    Refusal(
      features: npy([1, 2], [1, 2]), arguments: ["--method", "kmeans", "--k", "0"], status: 2, message: "--k is '0'"),
    Refusal(
      features: npy([1, 2], [1, 2]), arguments: ["--method", "autosc", "--alphas", "1,nan"], status: 2,
      message: "--alphas is '1,nan', expected up to 16 numbers above 0"),
    Refusal(
      features: npy([1, 2], [1, 2]), arguments: ["--k", "3"], status: 2,
      message: "--k has no effect without --method kmeans or maskcut"),
    Refusal(
      features: npy([1, 2], [1, 2]), arguments: ["--method", "kmeans", "--alpha", "3"], status: 2,
      message: "it applies to --method diffcut"),
    Refusal(
      features: npy([1, 2], [1, 2]), arguments: ["--method", "diffseg"], status: 3,
      message: "the attention map has shape [1, 2], expected [heads, cells, cells] or [cells, cells]"),
    Refusal(
      features: npy([1, 2, 3, 4], [2, 2]), arguments: ["--method", "diffseg"], status: 2,
      message: "has 2 cells and does not state its grid; pass --grid HEIGHTxWIDTH, for example --grid 1x2\n"),
    Refusal(
      features: npy([1, 2, 3, 4], [2, 2]), arguments: ["--method", "diffseg", "--grid", "3x1"], status: 2,
      message: "has 2 cells and does not state its grid"),
    Refusal(
      features: npy([-1], [1, 1]), arguments: ["--method", "diffseg"], status: 3,
      message: "the attention weight of query 0 and key 0 is -1.0, expected a finite number from 0"),
    Refusal(
      features: npy([1, 1, 0, 0], [2, 2]), arguments: ["--method", "diffseg", "--grid", "1x2"], status: 3,
      message: "the attention weights of query 1 have the sum 0.0"),
    Refusal(
      features: npy([1], [1, 1]), arguments: ["--method", "diffseg", "--tau=-1"], status: 2,
      message: "--tau is '-1', expected a number from 0.0 to 100.0"),
    Refusal(
      features: npy([1], [1, 1]), arguments: ["--method", "diffseg", "--anchors", "0"], status: 2,
      message: "--anchors is '0', expected a whole number from 1 to 128"),
    Refusal(
      features: npy([1], [1, 1]), arguments: ["--method", "diffseg", "--rounds", "0"], status: 2,
      message: "--rounds is '0', expected a whole number from 1 to 100"),
    Refusal(
      features: npy([1, 2], [1, 2]), arguments: ["--kmeans"], status: 2,
      message: "--kmeans has no effect without --method diffseg\n"),
    Refusal(
      features: npy([1, 2], [1, 2]), arguments: ["other.npy"], status: 2,
      message: "cut takes one file of features; 2 were given; --method diffseg takes several"),
    Refusal(
      features: npy([1, .nan], [1, 2]), arguments: ["--method", "kmeans"], status: 3,
      message: "node 0, channel 1 is NaN or infinite"),
  ])
  func badInputIsOneLineAndNoFile(refusal: Refusal) throws {
    let folder = try TemporaryFolder()
    try folder.write(refusal.features, "features.npy")
    let outcome = try BuiltTool.run(
      ["cut", folder.file("features.npy"), "-o", folder.file("out.npy")] + refusal.arguments)
    outcome.expectRefusal(refusal.status, refusal.message)
    #expect(try folder.names() == ["features.npy"])
  }

  /// An option that contradicts a sound file is wrong usage; a file that contradicts itself is a bad file.
  @Test func gridsThatDoNotFitAreRefused() throws {
    let folder = try TemporaryFolder()
    let cells = try FeatureMap(grid: Grid(height: 2, width: 3), channels: 1, values: [0, 1, 2, 3, 4, 5])
    let image = EncodedImage(cells, graph: GraphOptions(nodeStride: 2))
    try folder.write(Data(image.encoded()), "sound.safetensors")
    let other = SafetensorsFile.encode(["features": Tensor(zeros: [4, 2])], metadata: ["grid": "5x5"])
    try folder.write(Data(other), "bad.safetensors")
    for (name, options, status, message) in [
      ("sound", ["--grid", "2x1"], 2, "a grid of 2x1 was requested, but the file states 1x2; leave out the grid"),
      ("sound", ["--grid", "2x2"], 2, "a grid of 2x2 has 4 nodes, the array has 2; pass the grid of the features"),
      ("bad", [], 3, "a grid of 5x5 has 25 nodes, the array has 4; pass the grid of the features"),
    ] as [(String, [String], Int32, String)] {
      let file = folder.file("\(name).safetensors")
      let outcome = try BuiltTool.run(["cut", file, "-o", folder.file("out.npy")] + options)
      #expect(outcome.status == status && outcome.error == "diffcut: error: \(file): \(message)\n")
    }
    #expect(try folder.names() == ["bad.safetensors", "sound.safetensors"])
  }

  @Test(arguments: InstructionSet.supported)
  func otherMethodsGiveTheirReferencesLabels(set: InstructionSet) throws {
    let folder = try TemporaryFolder()
    let file = Fixture.path("baselines/coffee-16.safetensors")
    let golden = try SafetensorsFile(path: file)
    func run(_ arguments: [String]) throws -> [Double] {
      let outcome = try BuiltTool.run(
        ["cut", file, "-o", folder.file("l.npy"), "--nodes", folder.file("n.npy"), "-v"] + arguments,
        environment: ["DIFFCUT_ISA": set.rawValue])
      // The method with its settings, and no tree.
      #expect(outcome.status == 0 && outcome.error.hasPrefix("  \(arguments[1]), "))
      #expect(outcome.error.hasSuffix(", grid 16x16 (default)\n") && outcome.error.filter { $0 == "\n" }.count == 1)
      return try Array(NPY.parse([UInt8](folder.contents("n.npy"))).doubles())
    }
    #expect(try run(["--method", "kmeans", "--k", "15"]) == Array(golden.doubles("kmeans.15")))
    let masks = try run(["--method", "maskcut", "--tau", "0.35"])
    #expect(try masks == Array(golden.doubles("maskcut")))
    // A pixel's node is the one under its corner; 128 pixels are 8 to a node.
    let pixels = try NPY.parse([UInt8](folder.contents("l.npy"))).doubles()
    for row in 0..<128 {
      for column in 0..<128 {
        let node = row / 8 * 16 + column / 8
        #expect(pixels[row * 128 + column] == masks[node])
      }
    }
    let classes = try run(["--method", "autosc", "--alphas", "5,15", "--compat", "intended"])
    #expect(Set(classes).count >= 2)
  }

  /// One map, and two in one file or in two, from stdin too.
  @Test(arguments: InstructionSet.supported)
  func diffSegGivesItsReferencesLabels(set: InstructionSet) throws {
    let folder = try TemporaryFolder()
    let golden = try SafetensorsFile(path: Fixture.path("baselines/diffseg.safetensors"))
    func map(_ name: String) throws -> Tensor { try golden.tensor(name) }
    func run(_ arguments: [String], input: Data? = nil) throws -> [Double] {
      let outcome = try BuiltTool.run(
        ["cut"] + arguments + ["--method", "diffseg", "--mask-size", "64x64", "-o", folder.file("l.npy")],
        input: input, environment: ["DIFFCUT_ISA": set.rawValue])
      #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.error)")
      return try Array(NPY.parse([UInt8](folder.contents("l.npy"))).doubles())
    }
    let (fine, coarse) = (try map("ssd-1b-coffee.attention.16"), try map("ssd-1b-coffee.attention.8"))
    try folder.write(npy(fine.values, [256, 256]), "fine.npy")
    let expected = try Array(golden.doubles("one-map.labels"))
    #expect(try run([folder.file("fine.npy"), "--tau", "0.5"]) == expected)
    #expect(try run(["-", "--tau", "0.5"], input: npy(fine.values + fine.values, [2, 256, 256])) == expected)

    let both = try Array(golden.doubles("two-maps.labels"))
    try folder.write(npy(coarse.values, [64, 64]), "coarse.npy")
    let files = [folder.file("fine.npy"), folder.file("coarse.npy")]
    #expect(try run(files + ["--tau", "0.27", "--grid", "16x16"]) == both)
    try folder.write(
      Data(SafetensorsFile.encode(["attention.64": fine, "attention.32": coarse, "features": coarse])),
      "both.safetensors")
    #expect(try run([folder.file("both.safetensors"), "--tau", "0.27"]) == both)

    let other = try map("sd1.4-astronaut.attention.16")
    try folder.write(npy(other.values, [256, 256]), "other.npy")
    let clusters = try run([folder.file("other.npy"), "--anchors", "8", "--tau", "0.7", "--kmeans"])
    #expect(try clusters == Array(golden.doubles("kmeans.labels")))
  }

  /// Labels of nodes and of pixels have the same numbers, and a picture's ids go from 1.
  @Test func nodesAndPixelsOfDiffSegAgree() throws {
    let folder = try TemporaryFolder()
    let golden = try SafetensorsFile(path: Fixture.path("baselines/diffseg.safetensors"))
    try folder.write(npy(golden.tensor("ssd-1b-coffee.attention.8").values, [64, 64]), "a.npy")
    let common = [
      "cut", folder.file("a.npy"), "--method", "diffseg", "--tau", "0.2", "--rounds", "1", "--anchors", "4",
    ]
    let outcome = try BuiltTool.run(
      common + ["--mask-size", "8x8", "-o", folder.file("l.npy"), "--nodes", folder.file("n.npy")])
    let (pixels, nodes) = try (
      NPY.parse([UInt8](folder.contents("l.npy"))).doubles(), NPY.parse([UInt8](folder.contents("n.npy"))).doubles()
    )
    #expect(pixels == nodes && Set(pixels) == Set((0..<Set(pixels).count).map(Double.init)))
    #expect(outcome.text.contains("a.npy: 8x8 nodes, \(Set(pixels).count) segments, "))
    for threads in ["1", "3"] {
      let again = try BuiltTool.run(
        common + ["--mask-size", "8x8", "--kmeans", "-t", threads, "-o", folder.file("\(threads).npy")])
      #expect(again.status == 0)
    }
    #expect(try folder.contents("1.npy") == folder.contents("3.npy"))
    let twice = try BuiltTool.run(["cut", "-", "-", "--method", "diffseg", "-o", "-"])
    #expect(twice.status == 2 && twice.error == "diffcut: error: standard input is given twice\n")
  }

  @Test func outputsOfOneFileAreRefused() throws {
    let folder = try TemporaryFolder()
    let outcome = try BuiltTool.run(
      ["cut", features, "-o", folder.file("a.npy"), "--nodes", "\(folder.path)/./a.npy"])
    #expect(outcome.status == 2 && outcome.error.contains("-o and --nodes both name"))
    #expect(try BuiltTool.run(["cut", features, "-o", folder.file("a.npy"), "--nodes", "x.png"]).status == 2)
    #expect(try folder.names() == [])
  }

  @Test func absurdSizesAreRefusedBeforeWork() throws {
    let masks = try BuiltTool.run(["cut", features, "--mask-size", "65536x65536", "-o", "-"])
    #expect(masks.status == 2 && masks.error.contains("--mask-size has 4294967296 pixels; the limit is 268435456"))
    let nodes = try BuiltTool.run(
      ["cut", "-", "--grid", "200x200", "-o", "-"], input: npy([Float](repeating: 1, count: 40_000), [40_000, 1]))
    #expect(nodes.status == 3 && nodes.error.contains("40000 graph nodes, the limit is 32768"))
  }

  @Test func safetensorsNeedAFile() throws {
    let outcome = try BuiltTool.run(
      ["cut", "-", "-o", "-"], input: Data(contentsOf: URL(fileURLWithPath: features)))
    #expect(outcome.status == 3 && outcome.error.contains("only .npy can be read from a pipe"))
  }

  @Test func missingFeaturesAreExitCodeThree() throws {
    let outcome = try BuiltTool.run(["cut", "/nowhere/f.npy", "-o", "-"])
    #expect(outcome.status == 3)
    #expect(outcome.error == "diffcut: error: cannot open '/nowhere/f.npy': no such file or directory\n")
  }

  @Test func outputsThatCannotBeWrittenAreExitCodeFive() throws {
    let outcome = try BuiltTool.run(["cut", features, "-o", "/nowhere/labels.npy"])
    #expect(outcome.status == 5)
    #expect(outcome.error == "diffcut: error: cannot create '/nowhere/labels.npy': no such file or directory\n")
  }

  @Test func outputIsRequiredAndItsFormatKnown() throws {
    #expect(try BuiltTool.run(["cut", features]).status == 2)
    let outcome = try BuiltTool.run(["cut", features, "-o", "labels.tiff"])
    #expect(outcome.status == 2)
    #expect(outcome.error.contains("unknown format of 'labels.tiff'"))
  }

  @Test func aForcedInstructionSetMustExist() throws {
    let outcome = try BuiltTool.run(["cut", features, "-o", "-"], environment: ["DIFFCUT_ISA": "sse9"])
    #expect(outcome.status == 2)
    #expect(
      outcome.error
        == "diffcut: error: DIFFCUT_ISA is 'sse9', expected one of portable, avx2, avx512\n")
  }
}
