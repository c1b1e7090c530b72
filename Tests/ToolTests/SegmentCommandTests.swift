// SPDX-License-Identifier: Apache-2.0
import Foundation
import Segment
import Tensor
import TestSupport
import Testing

@Suite struct SegmentCommandTests {
  private let coffee = Fixture.path("images/coffee.png")

  @Test func aPhotographGivesLabelsAndOverlay() throws {
    let folder = try TemporaryFolder()
    let outcome = try BuiltTool.run(["segment", coffee, "-o", folder.file("a/b")])
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    #expect(outcome.text.hasPrefix("\(coffee): 600x400, "))
    #expect(outcome.text.contains("(built-in encoder)"))
    #expect(try folder.names() == ["a"])
    let labels = try PNGImage(decoding: [UInt8](folder.contents("a/b/coffee.labels.png")))
    #expect(labels.width == 600 && labels.height == 400 && labels.colorType == .indexed)
    guard case .uint8(let ids) = labels.samples else {
      Issue.record("labels of more than eight bits")
      return
    }
    // Ids from 1 without a gap, by decreasing area.
    let areas = ids.reduce(into: [UInt8: Int]()) { $0[$1, default: 0] += 1 }
    #expect(areas.keys.sorted() == (1...UInt8(areas.count)).map { $0 })
    #expect(areas.count >= 2)
    #expect(areas.sorted { $0.key < $1.key }.map(\.value) == areas.values.sorted(by: >))
    let overlay = try Image.decode([UInt8](folder.contents("a/b/coffee.overlay.png")))
    #expect(overlay.width == 600 && overlay.height == 400)
  }

  @Test(arguments: ["autosc", "maskcut", "kmeans"])
  func otherMethodsSegmentPhotographs(method: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try BuiltTool.run(
      ["segment", coffee, "-o", folder.path, "--method", method, "-f", "labels,embeddings", "--size", "200", "--json"])
    #expect(outcome.status == 0 && outcome.text.contains("\"method\":\"\(method), "))
    let map = try LabelMap(decoding: [UInt8](folder.contents("coffee.labels.png")))
    #expect(map.width == 600 && map.height == 400 && Set(map.labels) == Set(1...(map.labels.max() ?? 0)))
  }

  /// On a model's attention, with all formats that do not need a tree; the encoder without weights has no attention.
  @Test func diffSegSegmentsWithAModel() throws {
    let folder = try TemporaryFolder()
    let common = ["segment", coffee, "-o", folder.path, "--method", "diffseg", "--tau", "0.3"]
    let model = ["--model", Fixture.path("diffusion/ssd-1b"), "--size", "256"]
    for (options, method) in [
      ([], "tau 0.3, anchors 16, rounds 3"), (["--level", "32+64"], "tau 0.3, anchors 16, rounds 3"),
      (["--anchors", "5", "--rounds", "2", "--kmeans"], "tau 0.3, anchors 5, rounds 2, kmeans"),
    ] as [([String], String)] {
      let outcome = try BuiltTool.run(
        common + model + options + ["-f", "labels,embeddings,heatmap,eigenvectors,coco", "--json", "-v"])
      #expect(outcome.status == 0 && outcome.text.contains("\"method\":\"diffseg, \(method)\""), "\(outcome.error)")
      #expect(outcome.text.contains("\"attention\":"))
      let map = try LabelMap(decoding: [UInt8](folder.contents("coffee.labels.png")))
      let count = Int(map.labels.max() ?? 0)
      #expect(map.width == 600 && map.height == 400 && count > 1 && Set(map.labels) == Set(1...Int32(count)))
      let embeddings = try NPY.parse([UInt8](folder.contents("coffee.embeddings.npy")))
      #expect(embeddings.shape[0] == count && embeddings.doubles().allSatisfy(\.isFinite))
    }
    let builtIn = try BuiltTool.run(common.map { $0 == folder.path ? folder.file("none") : $0 })
    #expect(builtIn.status == 2)
    #expect(
      builtIn.error
        == "diffcut: error: --method diffseg needs attention maps, which the built-in encoder lacks; "
        + "pass a vision transformer or a diffusion model with --model\n")
    let large = try BuiltTool.run(common + model.dropLast() + ["4128"])
    #expect(
      large.status == 2
        && large.error.contains("--method diffseg: the attention map has 16641 cells; the limit is 16384"))
    let limited = try BuiltTool.run(
      common + model.dropLast() + ["2048", "--memory", "5500M", "--level", "64", "-n", "--overwrite"])
    #expect(limited.status == 6 && limited.error.contains("the limit is 5500M"))
    #expect(try !folder.names().contains("none"))
  }

  @Test func theTreeOfAnotherMethodIsRefused() throws {
    let folder = try TemporaryFolder()
    let outcome = try BuiltTool.run(
      ["segment", coffee, "-o", folder.file("out"), "--method", "kmeans", "-f", "labels,tree"])
    #expect(outcome.status == 2)
    #expect(outcome.error.contains("format tree: the tree of cuts is missing, only the method diffcut computes it"))
    #expect(try folder.names() == [])
  }

  /// A JPEG photograph and its pixels in a PNG file give the same labels; the name of a file says nothing of its format.
  @Test func jpegPhotographsAreSegmented() throws {
    let folder = try TemporaryFolder()
    let bytes = try Data(contentsOf: URL(fileURLWithPath: Fixture.path("jpeg/photograph.jpg")))
    try folder.write(bytes, "photo.jpg")
    try folder.write(bytes, "misnamed.png")
    let files = [folder.file("photo.jpg"), folder.file("misnamed.png"), Fixture.path("jpeg/photograph.png")]
    let outcome = try BuiltTool.run(["segment"] + files + ["-o", folder.file("out")])
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    #expect(outcome.text.hasPrefix("\(files[0]): 150x110, "))
    let labels = try ["photo", "misnamed", "photograph"].map { try folder.contents("out/\($0).labels.png") }
    #expect(labels[0] == labels[2] && labels[1] == labels[2])
  }

  /// The fixture lies on its side: 23 columns of 13 rows are shown as 13 of 23.
  @Test func orientationIsApplied() throws {
    let folder = try TemporaryFolder()
    let path = Fixture.path("jpeg/orientation-6.jpg")
    let outcome = try BuiltTool.run(["segment", path, "-o", folder.file("out")])
    #expect(outcome.status == 0 && outcome.text.hasPrefix("\(path): 13x23, "))
    let labels = try PNGImage(decoding: [UInt8](folder.contents("out/orientation-6.labels.png")))
    #expect(labels.width == 13 && labels.height == 23)
  }

  @Test(arguments: InstructionSet.supported)
  func outputsDoNotDependOnThreads(set: InstructionSet) throws {
    let folder = try TemporaryFolder()
    for threads in 1...3 {
      let outcome = try BuiltTool.run(
        ["segment", Fixture.path("images/chelsea.png"), "-q", "-t", "\(threads)", "-o", folder.file("\(threads)")],
        environment: ["DIFFCUT_ISA": set.rawValue])
      #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.error.isEmpty)
    }
    for name in ["chelsea.labels.png", "chelsea.overlay.png"] {
      #expect(try folder.contents("1/\(name)") == folder.contents("2/\(name)"))
      #expect(try folder.contents("1/\(name)") == folder.contents("3/\(name)"))
    }
  }

  @Test func instructionSetsAgreeOnThePhotograph() throws {
    var results: [Data] = []
    for set in InstructionSet.supported {
      let outcome = try BuiltTool.run(["segment", coffee, "-o", "-"], environment: ["DIFFCUT_ISA": set.rawValue])
      #expect(outcome.status == 0)
      results.append(outcome.output)
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test func pipesWork() throws {
    let input = try Data(contentsOf: URL(fileURLWithPath: coffee))
    let outcome = try BuiltTool.run(["segment", "-", "-o", "-", "--upsample", "nearest"], input: input)
    #expect(outcome.status == 0)
    #expect(outcome.error.hasPrefix("-: 600x400, "))
    #expect(try PNGImage(decoding: [UInt8](outcome.output)).width == 600)
  }

  @Test func largerTauGivesMoreSegments() throws {
    func segments(_ tau: String) throws -> Int {
      let text = try BuiltTool.run(["segment", coffee, "-o", "-", "--tau", tau]).error
      return try #require(
        text.split(separator: " ").firstIndex(of: "segments").map { text.split(separator: " ")[$0 - 1] }
          .flatMap { Int($0) })
    }
    let (few, many) = (try segments("0.05"), try segments("0.6"))
    #expect(few < many)
  }

  /// A cut of the features that `segment` writes makes the segments that `segment` makes, each node and each pixel, with and
  /// without options.
  @Test(arguments: ["astronaut", "chelsea", "coffee"], ["built-in", "ssd-1b"])
  func aCutOfWrittenFeaturesMakesTheSameSegments(name: String, encoder: String) throws {
    let folder = try TemporaryFolder()
    let photograph = Fixture.path("images/\(name).png")
    let image = try Image(contentsOf: photograph)
    let model = encoder == "built-in" ? [] : ["--model", Fixture.path("diffusion/\(encoder)"), "--size", "256"]
    for (place, options) in [[], ["--tau", "0.6", "--alpha", "15"]].enumerated() {
      let results = folder.file("\(place)")
      let outcome = try BuiltTool.run(
        ["segment", photograph, "-q", "-f", "features,tree,labels", "-o", results] + model + options)
      #expect(outcome.status == 0 && outcome.error.isEmpty)
      let stored = "\(place)/\(name).features.safetensors"
      let cut = try BuiltTool.run(
        [
          "cut", folder.file(stored), "--nodes", folder.file("nodes.npy"), "--mask-size",
          "\(image.height)x\(image.width)", "-o", folder.file("labels.png"),
        ] + options)
      #expect(cut.status == 0)
      let tree = try JSON.parse([UInt8](folder.contents("\(place)/\(name).tree.json"))[...])
      let nodes = try NPY.parse([UInt8](folder.contents("nodes.npy"))).doubles().map { Int($0) }
      #expect(tree["labels"]?.array?.compactMap(\.integer) == nodes)
      #expect(Set(nodes).count > 2 || options.isEmpty)
      let labels = try LabelMap(decoding: [UInt8](folder.contents("\(place)/\(name).labels.png")))
      #expect(try LabelMap(decoding: [UInt8](folder.contents("labels.png"))) == labels)
    }
  }

  /// `features` and `segment -f features` write the same file, and an array of the same numbers.
  @Test(arguments: ["built-in", "ssd-1b"]) func bothCommandsWriteTheSameFeatures(encoder: String) throws {
    let folder = try TemporaryFolder()
    let model =
      ["--model", encoder == "built-in" ? encoder : Fixture.path("diffusion/\(encoder)")]
      + (encoder == "built-in" ? [] : ["--size", "256"])
    #expect(try BuiltTool.run(["segment", coffee, "-q", "-f", "features", "-o", folder.path] + model).status == 0)
    for name in ["f.npy", "f.safetensors"] {
      #expect(try BuiltTool.run(["features", coffee, "-q", "-o", folder.file(name)] + model).status == 0)
    }
    #expect(try folder.contents("f.safetensors") == folder.contents("coffee.features.safetensors"))
    let array = try NPY.parse([UInt8](folder.contents("f.npy")))
    let image = try EncodedImage(contentsOf: folder.file("f.safetensors"))
    #expect(array.shape == [image.nodes.grid.height, image.nodes.grid.width, image.nodes.channels])
    #expect(array.doubles() == ContiguousArray(image.nodes.values.map { Double(Float($0)) }))
    #expect(image.encoder == (encoder == "built-in" ? encoder : "diffusion"))
  }

  @Test(arguments: [("2400", 2400), ("1%", 2400), ("0.5%", 1200)])
  func smallPiecesAreMerged(text: String, area: Int) throws {
    let arguments = ["segment", coffee, "--tau", "0.4", "-o", "-", "-f", "npy"]
    let plain = try LabelMap(decoding: [UInt8](BuiltTool.run(arguments).output))
    let merged = try LabelMap(decoding: [UInt8](BuiltTool.run(arguments + ["--min-area", text]).output))
    #expect(merged == plain.mergingComponents(smallerThan: area).rankedByArea())
    #expect(merged.labels.max() ?? 0 < plain.labels.max() ?? 0)
  }

  @Test(arguments: ["-1", "x", "1.5", "", "%", "101%", "-1%", "nan%"]) func areasThatAreNoneAreRefused(text: String)
    throws
  {
    let outcome = try BuiltTool.run(["segment", coffee, "-o", "-", "--min-area=\(text)"])
    #expect(outcome.status == 2 && outcome.output.isEmpty)
    #expect(
      outcome.error
        == "diffcut: error: --min-area is '\(text)', expected a number of pixels, such as 64, or a share of the "
        + "image, such as 0.1%\n")
  }

  @Test func jsonIsOneObjectALine() throws {
    let folder = try TemporaryFolder()
    let outcome = try BuiltTool.run(["segment", coffee, "--json", "-o", folder.path])
    let object = try #require(try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
    #expect(object["status"] as? String == "ok" && object["width"] as? Int == 600)
    #expect(object["outputs"] as? [String: String] != nil)
    #expect(outcome.text.count { $0 == "\n" } == 1)
  }

  @Test func verboseTellsWhereTheTimeWent() throws {
    let folder = try TemporaryFolder()
    let arguments = [
      "segment", coffee, "-v", "-o", folder.path, "--model", Fixture.path("diffusion/ssd-1b"), "--size", "128",
    ]
    let table = try BuiltTool.run(arguments).error.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(table.first == ["stage", "seconds", "share", "GFLOP/s"])
    let outcome = try BuiltTool.run(arguments + ["--json", "--overwrite"])
    #expect(outcome.error.isEmpty)
    let object = try #require(try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
    let stages = try #require(object["stages"] as? [[String: Any]])
    let names = stages.compactMap { $0["stage"] as? String }
    #expect(names.first == "image" && names.suffix(4) == ["features", "affinity", "cuts", "upsampling"])
    #expect(names.contains("vae.mid_block.attentions.0") && names.contains("unet.down_blocks.2.attentions.1"))
    #expect(table.dropFirst().map { String($0[0]) } == names + ["all"])
    #expect(stages.allSatisfy { ($0["seconds"] as? Double ?? -1) >= 0 })
    let counted = stages.filter { $0["gflops"] != nil }.compactMap { $0["stage"] as? String }
    #expect(
      counted
        == names.filter { name in
          (name.hasPrefix("vae.") || name.hasPrefix("unet.")) && !name.hasSuffix(".weights")
        })
  }

  @Test func helpAndVersion() throws {
    #expect(try BuiltTool.run(["--version"]).text.hasPrefix("diffcut "))
    #expect(try BuiltTool.run(["help", "cut"]).text == BuiltTool.run(["cut", "--help"]).text)
    #expect(try BuiltTool.run([]).status == 2)
    let typo = try BuiltTool.run(["segmnet"])
    #expect(typo.status == 2)
    #expect(typo.error == "diffcut: error: unknown command 'segmnet'; did you mean 'segment'?\n")
  }
}
