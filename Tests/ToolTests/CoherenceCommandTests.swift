// SPDX-License-Identifier: Apache-2.0
import Foundation
import Segment
import Tensor
import TestSupport
import Testing

private struct Summary: Decodable, Equatable {
  let dataset: String
  let `protocol`: String
  let source: String
  let across, images, pairs, positives: Int
  let area: Double?
}

private func summary(_ arguments: [String]) throws -> Summary {
  let outcome = try BuiltTool.run(arguments + ["--json"])
  #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.error)")
  return try JSONDecoder().decode(Summary.self, from: outcome.output)
}

/// Columns of a table of numbers, by their names.
private func table(_ data: Data) -> [String: [Double]] {
  let rows = String(decoding: data, as: UTF8.self).split(separator: "\n").map {
    $0.split(separator: ",").map(String.init)
  }
  return Dictionary(
    uniqueKeysWithValues: (rows.first ?? []).enumerated().map { column, name in
      (name, rows.dropFirst().map { Double($0[column]) ?? .nan })
    })
}

@Suite struct CoherenceCommandTests {
  @Test func theCurveIsThatOfTheGolden() throws {
    let golden = try SafetensorsFile(path: Fixture.path("evaluation/coherence.safetensors"))
    let set = try PatchSet()
    let classes = try golden.doubles("within.classes").map { Int32($0) }
    try set.files.write(
      Data(try MappedFile.contents(of: Fixture.path("baselines/coffee-16.safetensors"))), "features/a.safetensors")
    try set.files.write(Data(NPY.encode(classes, shape: [16, 16])), "labels/a.npy")
    let (csv, plot) = (set.folder.file("curve.csv"), set.folder.file("curve.svg"))
    let result = try summary(set.common + ["--csv", csv, "--plot", plot, "--series", "a <b>"])
    let positives = try golden.doubles("within.positives")
    let negatives = try golden.doubles("within.negatives")
    #expect(result.positives == Int(positives.reduce(0, +)) && result.images == 1 && result.across == 0)
    #expect(result.pairs == result.positives + Int(negatives.reduce(0, +)))
    #expect(result.dataset == "labels" && result.protocol == "strict" && result.source == "a <b>")
    let area = try #require(result.area)
    #expect(try abs(area - golden.doubles("within.areas")[1]) < 1e-5)
    let columns = try table(set.folder.contents("curve.csv"))
    let (fpr, tpr) = (try #require(columns["fpr"]), try #require(columns["tpr"]))
    #expect(fpr.count == 4097 && columns["threshold"]?.prefix(2) == [.infinity, 1 - 1.0 / 2048])
    // Rates from the highest bin on, exactly.
    var (above, below) = (0.0, 0.0)
    for bin in 0..<4096 {
      above += positives[4095 - bin]
      below += negatives[4095 - bin]
      #expect(tpr[bin + 1] == above / Double(result.positives))
      #expect(fpr[bin + 1] == below / Double(result.pairs - result.positives))
    }
    let texts = try SVGElements(set.folder.contents("curve.svg")).elements.map(\.text)
    #expect(texts.contains("\(String(format: "%.3f", area))  a <b>"))
    #expect(texts.contains("labels, protocol strict, pairs within 1 image"))

    let text = try BuiltTool.run(set.common)
    #expect(text.status == 0)
    #expect(
      text.text.contains("labels, protocol strict, pairs within 1 image, given features: \(result.pairs) pairs, "))
    #expect(text.text.contains("\narea under the ROC curve 0.58"))
  }

  @Test(arguments: [[], ["--across", "1"], ["--across", "2"], ["--across", "256"]])
  func sharesAddUpToTheWhole(pairing: [String]) throws {
    let set = try PatchSet()
    try set.addImages(5)
    let common = set.common + pairing
    let whole = try BuiltTool.run(common + ["--csv", "-", "-q"])
    #expect(whole.status == 0 && whole.error.isEmpty)
    let parts = (0..<3).map { set.folder.file("part\($0)") }
    for (index, part) in parts.enumerated() {
      let outcome = try BuiltTool.run(common + ["--shard", "\(index)/3", "--partial", part, "-q"])
      #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.error.isEmpty)
    }
    let both = set.folder.file("all")
    let merged = try BuiltTool.run(["merge", "--csv", "-", "-q", "--partial", both] + parts)
    #expect(merged.status == 0 && merged.error.isEmpty && merged.output == whole.output)
    let json = try BuiltTool.run(["merge", "--json", both])
    #expect(try json.output == BuiltTool.run(common + ["--json"]).output)
    let count = Int(pairing.last ?? "") ?? 0
    let expected = try JSONDecoder().decode(Summary.self, from: json.output)
    #expect(expected.across == count && expected.images == 5)
    // Patches with a class in each image.
    let kept = [18, 18, 30, 24, 30]
    let pairs = kept.indices.map { first in
      count == 0
        ? kept[first] * (kept[first] - 1) / 2
        : kept[(first + 1)...].prefix(count).map { kept[first] * $0 }.reduce(0, +)
    }
    #expect(expected.pairs == pairs.reduce(0, +))

    let twice = try BuiltTool.run(["merge", parts[0], parts[0]])
    #expect(twice.status == 2 && twice.error.contains("image '0' is in another file too"))
    let other = set.folder.file("other")
    _ = try BuiltTool.run(set.common + ["--across", "3", "--shard", "1/3", "--partial", other, "-q"])
    let mixed = try BuiltTool.run(["merge", parts[0], other])
    #expect(mixed.status == 2 && mixed.error.contains("across is '3', but '\(count)' in the first file"))
  }

  /// One image against another, both ways: what `across` counts, and no pair within one image.
  @Test func pairsAcrossImages() throws {
    let set = try PatchSet()
    let row = Grid(height: 1, width: 3)
    try set.add("a", FeatureMap(grid: row, channels: 2, values: [1, 0, 0, 1, 1, 1]), [0, 1, 255])
    try set.add("b", FeatureMap(grid: row, channels: 2, values: [2, 0, 0, 3, -1, 0]), [0, 1, 1])
    let (within, across) = (try summary(set.common), try summary(set.common + ["--across", "1"]))
    #expect(within.pairs == 1 + 3 && within.positives == 1)
    // Cosines of one class: 1; 1, 0. Of two: 0, −1; 0.
    #expect(across.pairs == 6 && across.positives == 3 && across.area == (2 * 3 + 2 * 0.5 + 1) / 9)
    // The class of the patch between both does not count once it is void.
    #expect(try summary(set.common + ["--void", "255,1"] + ["--across", "1", "--partial", "/dev/null"]).pairs == 1)
  }

  @Test func aSetIsEncodedOrHasFeaturesGiven() throws {
    let set = try SyntheticSet()
    for name in ["a", "b"] {
      try set.addPhotograph("images/\(name).ppm", seed: name == "a" ? 1 : 2)
      try set.addLabels("labels/\(name).png", [0, 1, 255])
      let outcome = try BuiltTool.run([
        "features", set.folder.file("set/images/\(name).ppm"), "--model", "built-in", "--size", "128", "-q", "-o",
        set.folder.file("\(name).safetensors"),
      ])
      #expect(outcome.status == 0)
    }
    let folder = ["coherence", "roc", "--dataset", "folder", "--root", set.root, "--classes", "2"]
    let encoded = try summary(folder + ["--protocol", "strict", "--size", "128"])
    let given = try summary(folder + ["--protocol", "strict", "--features", set.folder.path])
    #expect(encoded.source == "built-in encoder" && given.source == "given features" && encoded.images == 2)
    #expect(encoded.pairs == given.pairs && encoded.positives == given.positives && encoded.dataset == "folder")
    // Features were rounded to single precision.
    let (area, other) = (try #require(encoded.area), try #require(given.area))
    #expect(abs(area - other) < 1e-4 && area > 0.6)
    let square = try summary(folder + ["--size", "128"])
    #expect(square.protocol == "paper" && square.pairs != encoded.pairs)

    // The same by names, and by a list.
    let labels = ["--labels", set.folder.file("set/labels")]
    let named = try summary(["coherence", "roc", "--features", set.folder.path] + labels)
    #expect(named.pairs == given.pairs && named.positives == given.positives && named.area == given.area)
    let lines = ["a", "b"].map {
      """
      {"id":"\($0)","features":"\(set.folder.file("\($0).safetensors"))","labels":"\(set.root)/labels/\($0).png"}
      """
    }
    let outcome = try BuiltTool.run(
      ["coherence", "roc", "--manifest", "-", "--json"], input: Data((lines.joined(separator: "\n") + "\n\n").utf8))
    #expect(try JSONDecoder().decode(Summary.self, from: outcome.output) == named)
    let cropped = try summary(
      ["coherence", "roc", "--features", set.folder.path, "--protocol", "paper"] + labels)
    #expect(cropped.protocol == "paper" && cropped.pairs != named.pairs)
  }

  @Test func countsAloneMayLackPairs() throws {
    let set = try PatchSet()
    let row = Grid(height: 1, width: 2)
    try set.add("a", FeatureMap(grid: row, channels: 1, values: [1, 2]), [0, 1])
    let partial = set.folder.file("partial")
    for extra in [[], ["--csv", "-"], ["--partial", partial, "--plot", set.folder.file("plot.svg")]] {
      let outcome = try BuiltTool.run(set.common + extra)
      #expect(outcome.status == 4 && outcome.output.isEmpty)
      #expect(outcome.error.contains("no ROC curve: no two patches have the same class; add labeled images; to keep"))
    }
    #expect(try set.folder.names() == ["features", "labels"])
    let counts = try BuiltTool.run(set.common + ["--partial", partial])
    #expect(counts.status == 0 && counts.text.contains("1 pairs, 0 of one class\narea under the ROC curve undefined\n"))
    #expect(try summary(set.common + ["--partial", partial]).area == nil)
    #expect(try BuiltTool.run(["merge", partial]).status == 4)
    let plot = try BuiltTool.run(["coherence", "plot", partial, "-o", "-"])
    #expect(plot.status == 3 && plot.error.contains("partial: no ROC curve: no two patches have the same class"))
    try set.add("a", FeatureMap(grid: row, channels: 1, values: [1, 2]), [7, 7])
    #expect(try BuiltTool.run(set.common).error.contains("all patches have the same class"))
    try set.add("a", FeatureMap(grid: row, channels: 1, values: [1, 2]), [7, -1])
    #expect(try BuiltTool.run(set.common).error.contains("fewer than two patches have a class"))
  }

  @Test func bytesDoNotDependOnThreads() throws {
    let set = try PatchSet()
    var generator = SeededGenerator(seed: 5)
    for id in ["a", "b"] {
      let features = try FeatureMap(
        grid: Grid(height: 20, width: 13), channels: 40, values: ContiguousArray(generator.doubles(20 * 13 * 40)))
      try set.add(id, features, (0..<260).map { Int32($0 / 40) })
    }
    for pairing in [[], ["--across", "1"]] {
      let results = try (1...3).map { threads in
        try BuiltTool.run(set.common + pairing + ["--partial", "-", "-q", "--threads", "\(threads)"])
      }
      #expect(results.allSatisfy { $0.status == 0 && $0.output.count > 16384 && $0.error.isEmpty })
      #expect(results[0].output == results[1].output && results[0].output == results[2].output)
    }
  }

  @Test func severalCurvesInOnePicture() throws {
    let set = try PatchSet()
    try set.addImages(2)
    let (sums, csv) = (set.folder.file("sums.json"), set.folder.file("one.csv"))
    let result = try summary(set.common + ["--series", "first", "--partial", sums, "--csv", csv])
    try set.files.write(Data("x,tpr,fpr\r\n9,0,0\r\n8,0.5,0.25\r\n7,1,1\r\n".utf8), "other.csv")
    let plot = set.folder.file("plot.svg")
    let outcome = try BuiltTool.run([
      "coherence", "plot", sums, csv, "A & B=\(csv)", "third=\(set.folder.file("other.csv"))", "-o", plot,
    ])
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    let area = try #require(result.area)
    let text = String(format: "%.4f", area)
    #expect(outcome.text == "\(text)  first\n\(text)  one\n\(text)  A & B\n0.6250  third\n")
    let elements = try SVGElements(set.folder.contents("plot.svg")).elements
    for name in ["first", "one", "A & B"] {
      #expect(elements.map(\.text).contains("\(String(format: "%.3f", area))  \(name)"))
    }
    #expect(elements.map(\.text).contains("0.625  third"))
    let standard = try BuiltTool.run(["coherence", "plot", csv, "-o", "-"])
    #expect(standard.status == 0 && standard.text.hasPrefix("<svg ") && standard.error == "\(text)  one\n")

    for (content, message) in [
      ("", "expected sums of coherence, or a table"), ("a,b\n0,0\n", "expected sums of coherence, or a table"),
      ("fpr,tpr\n0,0\n1\n", "curve, line 3: fpr and tpr must be numbers"),
      ("fpr,tpr\n0,0\n1,x\n", "curve, line 3: fpr and tpr must be numbers"),
      ("fpr,tpr\n0,0\n0.5,1\n", "point 2 does not fit an ROC curve"),
      ("{}", "curve: not sums of coherence"), ("{", "curve: invalid JSON: "),
      (
        try String(contentsOfFile: sums, encoding: .utf8).replacing("\"images\":[\"0\",\"1\"]", with: "\"images\":[1]"),
        "'images' is missing or wrong"
      ),
      (
        try String(contentsOfFile: sums, encoding: .utf8).replacing("\"across\":0", with: "\"across\":-1"),
        "the sums contradict each other"
      ),
    ] {
      try set.files.write(Data(content.utf8), "curve")
      let outcome = try BuiltTool.run(["coherence", "plot", set.folder.file("curve"), "-o", "-"])
      #expect(outcome.status == 3 && outcome.error.contains(message) && outcome.output.isEmpty, "\(outcome.error)")
    }
  }
}
