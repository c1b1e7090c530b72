// SPDX-License-Identifier: Apache-2.0
import Experiments
import Foundation
import Segment
import Tensor
import TestSupport
import Testing

private struct Scores: Decodable {
  struct Class: Decodable {
    let name: String
    let iou: Double?
    let tp, fp, fn: Int
  }
  let dataset: String
  let `protocol`: String
  let images, pixels: Int
  let miou, accuracy: Double?
  let classes: [Class]
}

@Suite struct EvalCommandTests {
  private func scores(_ arguments: [String]) throws -> Scores {
    let outcome = try BuiltTool.run(arguments + ["--json"])
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.isEmpty)
    return try JSONDecoder().decode(Scores.self, from: outcome.output)
  }

  /// Ten images; predictions are the labels, under other numbers.
  private func folderSet() throws -> SyntheticSet {
    let set = try SyntheticSet()
    for index in 0..<10 {
      let values: [UInt8] = [UInt8(index % 3), 3, index == 4 ? 255 : 4]
      try set.addLabels("labels/\(index).png", values)
      try set.files.write(SyntheticSet.labels([2, UInt8(index == 7 ? 2 : 0), 9]), "predictions/\(index).png")
    }
    return set
  }

  @Test func predictionsOfAFolder() throws {
    let set = try folderSet()
    let common = [
      "eval", "--dataset", "folder", "--root", set.root, "--classes", "6", "--predictions",
      set.folder.file("predictions"),
    ]
    let strict = try scores(common + ["--protocol", "strict"])
    #expect(strict.images == 10 && strict.protocol == "strict" && strict.classes.count == 6)
    // 900 pixels a band; image 4 has two bands that count.
    #expect(strict.pixels == 10 * 2700 - 900)
    #expect(strict.classes[3].tp == 9 * 900 || strict.classes[3].tp == 10 * 900)
    #expect(strict.classes[4].tp == 9 * 900 && strict.classes[4].fn == 0)
    #expect(strict.classes.map { $0.tp + $0.fn }.reduce(0, +) == strict.pixels)
    let paper = try scores(common)
    #expect(paper.pixels == 10 * 128 * 128 - paper.classes[4].tp / 9)
    #expect(paper.accuracy ?? 0 > 0.9)

    let table = try BuiltTool.run(common + ["--csv", set.folder.file("scores.csv")])
    #expect(table.status == 0 && table.text.contains("folder, protocol paper, given label maps: 10 images, "))
    #expect(table.text.contains("over 5 of 6 classes, pixel accuracy "))
    let lines = String(decoding: try set.folder.contents("scores.csv"), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 7 && lines[0] == "class,name,iou,tp,fp,fn")
    #expect(lines[6].hasPrefix("5,5,,0,0,0") || lines[6].hasPrefix("5,5,0.0,0,"))
  }

  @Test func imagesAreLeftOut() throws {
    let set = try folderSet()
    let common = [
      "eval", "--dataset", "folder", "--root", set.root, "--classes", "5", "--predictions",
      set.folder.file("predictions"), "--json",
    ]
    for (name, text) in [("list", "4\n2\n7\n"), ("first", "4.png\n"), ("second", "2\n\n"), ("kept", "7\n")] {
      try set.add(Data(text.utf8), name)
    }
    let (list, kept) = (set.folder.file("set/list"), set.folder.file("set/kept"))
    let left = try BuiltTool.run(
      common + ["--list", list, "--exclude", set.folder.file("set/first"), "--exclude", set.folder.file("set/second")])
    #expect(left.status == 0, "\(left.error)")
    #expect(try left.output == BuiltTool.run(common + ["--list", kept]).output)
    #expect(try left.objects[0]["images"] as? Int == 1)
    let stranger = try BuiltTool.run(common + ["--list", kept, "--exclude", list])
    #expect(stranger.status == 4 && stranger.error.contains("list: '4' is not among the 1 images"))
    #expect(try BuiltTool.run(common + ["--list", kept, "--exclude", kept]).error.contains("--exclude excludes all"))
  }

  @Test func sharesAddUpToTheWhole() throws {
    let set = try folderSet()
    let common = [
      "eval", "--dataset", "folder", "--root", set.root, "--classes", "5", "--background", "--predictions",
      set.folder.file("predictions"), "-q",
    ]
    let parts = (0..<3).map { set.folder.file("part\($0).json") }
    for (index, part) in parts.enumerated() {
      let outcome = try BuiltTool.run(common + ["--shard", "\(index)/3", "--partial", part])
      #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.error.isEmpty)
    }
    let whole = try BuiltTool.run(common + ["--json"])
    let merged = try BuiltTool.run(["merge", "--json", "--partial", set.folder.file("all.json")] + parts)
    #expect(whole.status == 0 && merged.status == 0 && merged.error.isEmpty)
    #expect(whole.output == merged.output && whole.output.count > 100)
    // What was merged can be merged again.
    #expect(try BuiltTool.run(["merge", "--json", set.folder.file("all.json")]).output == whole.output)

    let twice = try BuiltTool.run(["merge", parts[0], parts[1], parts[0]])
    #expect(twice.status == 2 && twice.error.contains("image '0' is in another file too") && twice.output.isEmpty)
    let other = set.folder.file("other.json")
    _ = try BuiltTool.run(common + ["--protocol", "strict", "--shard", "1/3", "--partial", other])
    let mixed = try BuiltTool.run(["merge", parts[0], other])
    #expect(mixed.status == 2 && mixed.error.contains("protocol is 'strict', but 'paper' in the first file"))
  }

  /// Every set in its authors' folders, segmented by the encoder without weights.
  @Test(arguments: [
    (
      "voc", ["images/validation/a.jpg", "annotations_pascal20/validation/a.png"], [0, 255, 14] as [UInt8],
      ["aeroplane", "background", "person"]
    ),
    ("voc", ["JPEGImages/a.jpg", "SegmentationClass/a.png"], [1, 0, 15], ["aeroplane", "background", "person"]),
    (
      "context", ["images/validation/a.jpg", "annotations_ctx59/validation/a.png"], [0, 255, 58],
      ["aeroplane", "background", "wood piece"]
    ),
    (
      "coco-object", ["val2017/a.jpg", "annotations/val2017/a.png"], [0, 150, 89],
      ["person", "background", "toothbrush"]
    ),
    (
      "coco-stuff-27", ["images/val2017/a.jpg", "annotations/val2017/a.png"], [0, 91, 105],
      ["person-things", "textile-stuff", "sky-stuff"]
    ),
    (
      "cityscapes", ["leftImg8bit/val/ulm/a_leftImg8bit.png", "gtFine/val/ulm/a_gtFine_labelIds.png"], [7, 23, 33],
      ["road", "sky", "bicycle"]
    ),
    (
      "ade20k", ["images/validation/a.jpg", "annotations/validation/a.png"], [0, 1, 149], ["(other)", "wall", "clock"]
    ),
  ])
  func setsInTheirFolders(dataset: String, paths: [String], values: [UInt8], names: [String]) throws {
    let set = try SyntheticSet()
    try set.addPhotograph(paths[0])
    try set.addLabels(paths[1], values)
    try set.add(Data("a\n".utf8), "ImageSets/Segmentation/val.txt")
    try set.add(Data("\na.jpg\n".utf8), "list.txt")
    let list = dataset.hasPrefix("coco") ? ["--list", set.folder.file("set/list.txt")] : []
    for refine in ["none", "pamr"] {
      let result = try scores(
        ["eval", "--dataset", dataset, "--root", set.root, "--size", "128", "--refine", refine] + list)
      #expect(result.images == 1 && result.pixels == 128 * 128 && result.dataset == dataset)
      let present = result.classes.filter { $0.tp + $0.fn > 0 }.map(\.name)
      #expect(Set(present) == Set(names))
      // The largest of three equal bands is more than a third.
      #expect(result.accuracy ?? 0 > 0.45)
    }
  }

  /// Each method scores as its label maps do that 'segment' or 'cut' writes, and is named in the result.
  @Test(arguments: [
    (["--method", "kmeans", "--k", "3"], "built-in encoder, kmeans, k 3, concept"),
    (["--method", "kmeans", "--k", "3", "--upsample", "nearest"], "built-in encoder, kmeans, k 3, nearest"),
    (["--method", "maskcut", "--tau", "0.7"], "built-in encoder, maskcut, tau 0.7, k 3, corner"),
    (
      ["--method", "autosc", "--alphas", "1,15"], "built-in encoder, autosc, alpha of [1.0, 15.0], official, concept"
    ),
    (["--upsample", "bilinear", "--tau", "0.4"], "built-in encoder, tau 0.4, alpha 30.0, bilinear"),
    (
      ["--method", "diffseg", "--tau", "0.3", "--model", "MODEL"],
      "diffusion encoder, diffseg, tau 0.3, anchors 16, rounds 3, bilinear"
    ),
    (
      ["--method", "diffseg", "--tau", "0.3", "--kmeans", "--level", "32+64", "--model", "MODEL"],
      "diffusion encoder, diffseg, tau 0.3, anchors 16, rounds 3, kmeans, bilinear"
    ),
    (["--level", "64", "--model", "MODEL"], "diffusion encoder, tau 0.5, alpha 10.0, concept"),
  ])
  func methodsAreScored(options: [String], source: String) throws {
    let set = try SyntheticSet()
    try set.addPhotograph("images/a.png")
    try set.addLabels("labels/a.png", [0, 1, 2])
    let options = options.map { $0 == "MODEL" ? Fixture.path("diffusion/ssd-1b") : $0 } + ["--size", "128"]
    let common = ["eval", "--dataset", "folder", "--root", set.root, "--classes", "3", "--protocol", "strict"]
    let outcome = try BuiltTool.run(common + options + ["--partial", set.folder.file("sums.json")])
    #expect(outcome.status == 0 && outcome.text.contains("protocol strict, \(source): 1 image"), "\(outcome)")
    let found = try JSONSerialization.jsonObject(with: set.folder.contents("sums.json")) as? [String: Any]
    #expect(found?["source"] as? String == source)
    // The same segments from 'segment', scored as given maps.
    let maps = set.folder.file("maps")
    let segment = try BuiltTool.run(
      ["segment", set.folder.file("set/images/a.png"), "-o", maps, "-f", "labels"] + options)
    #expect(segment.status == 0, "\(segment.error)")
    let given = try scores(common + ["--predictions", maps])
    #expect(found?["tp"] as? [Int] == given.classes.map(\.tp))
    #expect(found?["fn"] as? [Int] == given.classes.map(\.fn))
  }

  @Test func bytesDoNotDependOnThreads() throws {
    let set = try SyntheticSet()
    for name in ["a", "b"] {
      try set.addPhotograph("images/\(name).ppm", seed: name.count, width: 90, height: 70)
      try set.addLabels("labels/\(name).png", [0, 1, 2], width: 90, height: 70)
    }
    let results = try (1...3).map { threads in
      try BuiltTool.run([
        "eval", "--dataset", "folder", "--root", set.root, "--classes", "3", "--refine", "pamr", "--protocol", "strict",
        "--partial", "-", "-q", "--threads", "\(threads)",
      ])
    }
    #expect(results.allSatisfy { $0.status == 0 && $0.output.count > 200 && $0.error.isEmpty })
    #expect(results[0].output == results[1].output && results[0].output == results[2].output)
  }

  /// Maps of the photograph's size are cropped as its labels are, square ones are of the square already.
  @Test func labelMapsOfBothSizes() throws {
    let set = try SyntheticSet()
    try set.addLabels("labels/a.png", [0, 1, 2])
    let labels = try LabelMap(decoding: [UInt8](SyntheticSet.labels([0, 1, 2])))
    let square = labels.cropped(to: try EvaluationSquare(height: 45, width: 60))
    let common = [
      "eval", "--dataset", "folder", "--root", set.root, "--classes", "3", "--predictions", set.folder.file("maps"),
    ]
    for map in [labels, square] {
      try set.files.write(Data(NPY.encode(Array(map.labels), shape: [map.height, map.width])), "maps/a.npy")
      #expect(try scores(common).accuracy ?? 0 > 0.97)
    }
    #expect(
      try BuiltTool.run(common + ["--protocol", "strict"]).error.contains("44x44, expected the photograph's 45x60\n"))
    try set.files.write(Data(NPY.encode([Int32](repeating: 0, count: 6), shape: [2, 3])), "maps/a.npy")
    let other = try BuiltTool.run(common)
    #expect(other.status == 3 && other.error.contains("2x3, expected the photograph's 45x60 or a square\n"))
    try set.files.write(Data(NPY.encode([-1] as [Int32], shape: [1, 1])), "maps/a.npy")
    #expect(try BuiltTool.run(common).error.contains("segment id -1, expected 0 to 65535\n"))
  }

  @Test func preparedLabelsOfVOCHaveNoBorders() throws {
    let set = try SyntheticSet()
    try set.addPhotograph("images/validation/a.jpg")
    try set.addLabels("annotations_pascal20/validation/a.png", [0, 1, 255])
    let outcome = try BuiltTool.run(["eval", "--dataset", "voc", "--root", set.root, "--protocol", "strict"])
    #expect(outcome.status == 2 && outcome.error.contains("mix borders with background"))
  }
}
