// SPDX-License-Identifier: Apache-2.0
import Foundation
import Segment
import Tensor
import TestSupport
import Testing

/// Features and photographs, without labels.
@Suite struct SweepCommandTests {
  private static let chelsea = Fixture.path("ncut/chelsea-tau0.25.safetensors")

  private func rows(_ data: Data) -> [[String]] {
    String(decoding: data, as: UTF8.self).split(separator: "\n")
      .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
  }

  /// The text of an SVG's elements.
  private func texts(_ data: Data) throws -> [String] {
    try SVGElements(data).texts()
  }

  @Test func everyRowIsACut() throws {
    let folder = try TemporaryFolder()
    let outcome = try BuiltTool.run([
      "sweep", Self.chelsea, "--tau", "0.05:0.4:0.05,0.33", "--alpha", "5,10", "-o", folder.file("out.csv"),
    ])
    #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.error)")
    #expect(outcome.text.contains("chelsea-tau0.25.safetensors: 32x32 nodes, 18 settings, "))
    let rows = try rows(folder.contents("out.csv"))
    try #require(rows.count == 19)
    #expect(rows[0] == ["input", "timestep", "alpha", "tau", "segments", "largest_ncut", "next_ncut"])
    let taus = ["0.05", "0.1", "0.15", "0.2", "0.25", "0.3", "0.33", "0.35", "0.4"]
    #expect(rows[1...9].map { $0[3] } == taus && rows[10...].map { $0[3] } == taus)
    #expect(rows[1...9].allSatisfy { $0[2] == "5.0" && $0[1].isEmpty && $0[0] == Self.chelsea })
    for row in rows[1...] {
      let cut = try BuiltTool.run([
        "cut", Self.chelsea, "--tau", row[3], "--alpha", row[2], "-o", folder.file("labels.npy"), "--nodes",
        folder.file("nodes.npy"),
      ])
      #expect(cut.text.contains(", \(row[4]) segments, "), "\(row) \(cut.text)")
      let nodes = try NPY.parse([UInt8](folder.contents("nodes.npy"))).doubles()
      #expect("\(Set(nodes).count)" == row[4])
      // The next cut's Ncut as tau cuts no more, a little above it does.
      #expect(row[5].isEmpty == (row[4] == "1") && Double(row[6]) ?? 9 >= Double(row[3]) ?? 0)
    }
  }

  @Test func tablesAndLinesOfJSON() throws {
    let table = try BuiltTool.run(["sweep", Self.chelsea, "--tau", "0.1,0.25"])
    #expect(table.status == 0 && table.error.isEmpty)
    let lines = table.text.split(separator: "\n")
    #expect(lines.count == 4 && lines[1] == "  tau   alpha  segments  largest Ncut  next Ncut")
    #expect(lines[3].hasPrefix("  0.25   10.0        19"))

    let json = try BuiltTool.run([
      "sweep", Self.chelsea, Fixture.path("ncut/rocket-32x1.safetensors"), "--grid", "32x1", "--json",
    ])
    // A grid is one for all.
    #expect(json.status == 2 && json.error.contains("a grid of 32x1 has 32 nodes, the array has 1024"))
    let both = try BuiltTool.run([
      "sweep", Self.chelsea, Fixture.path("ncut/rocket-tau0.3.safetensors"), "--json", "-q",
    ])
    let objects = try both.objects
    try #require(objects.count == 2)
    for object in objects {
      let rows = try #require(object["rows"] as? [[String: Any]])
      #expect(rows.count == 19 && object["grid"] as? [Int] == [32, 32])
      #expect(rows[9]["tau"] as? Double == 0.5 && rows[9]["timestep"] is NSNull && rows[9]["alpha"] as? Double == 10)
      let segments = rows.compactMap { $0["segments"] as? Int }
      #expect(segments == segments.sorted() && segments[18] > segments[0])
      for (row, following) in zip(rows, rows.dropFirst()) {
        let next = try #require(row["nextNcut"] as? Double)
        let isReached = next < (following["tau"] as? Double ?? 0)
        #expect(isReached == ((row["segments"] as? Int ?? 0) < (following["segments"] as? Int ?? 0)))
      }
    }
  }

  @Test func theSameBytesForAnyNumberOfThreads() throws {
    let folder = try TemporaryFolder()
    var results: [[Data]] = []
    for threads in ["1", "3"] {
      let (table, plot) = ("\(threads).csv", "\(threads).svg")
      let outcome = try BuiltTool.run([
        "sweep", Self.chelsea, "--alpha", "1,5,10,15", "-o", folder.file(table), "--plot", folder.file(plot), "-q",
        "--threads", threads,
      ])
      #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.error.isEmpty)
      results.append([try folder.contents(table), try folder.contents(plot)])
    }
    #expect(results[0] == results[1])
    let texts = try texts(results[0][1])
    #expect(texts.contains("Segments of chelsea-tau0.25.safetensors") && texts.contains("features"))
    for text in ["tau", "segments", "alpha 1", "alpha 5", "alpha 10", "alpha 15", "0.0", "1.0"] {
      #expect(texts.contains(text), "\(text)")
    }
  }

  @Test func whatIsDrawnCanBeChosen() throws {
    let plot = try BuiltTool.run([
      "sweep", Self.chelsea, Self.chelsea, "--tau", "0.1,0.2", "--alpha", "5:15:5", "--plot", "-", "--plot-x", "alpha",
    ])
    #expect(plot.status == 0 && plot.error.contains("6 settings"))
    let texts = try texts(plot.output)
    for text in ["Segments, mean of 2 inputs", "tau 0.1", "tau 0.2", "alpha"] { #expect(texts.contains(text)) }
    let one = try BuiltTool.run(["sweep", Self.chelsea, "--tau", "0.1", "--plot", "-"])
    #expect(try self.texts(one.output).contains("features, alpha 10"))
  }

  /// Files that state an α are cut with it, and are lines of their own in a plot.
  @Test func eachFileIsCutWithItsOwnAlpha() throws {
    let folder = try TemporaryFolder()
    let golden = try FeatureMap(contentsOf: Self.chelsea)
    for alpha in [5, 20] {
      let image = EncodedImage(golden, graph: GraphOptions(alpha: Double(alpha)))
      try folder.write(Data(image.encoded()), "\(alpha).safetensors")
    }
    let files = [folder.file("5.safetensors"), folder.file("20.safetensors")]
    let own = try BuiltTool.run(
      ["sweep"] + files + ["--tau", "0.3", "-v", "-o", "-", "--plot", folder.file("p.svg"), "--plot-x", "tau"])
    #expect(own.status == 0 && own.error.contains("5.safetensors: alpha 5.0 (file), floor 0.0 (file)\n"))
    let rows = own.text.split(separator: "\n").dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(rows.map { $0[2] } == ["5.0", "20.0"])
    for (file, row) in zip(files, rows) {
      let cut = try BuiltTool.run(["cut", file, "--tau", "0.3", "-o", folder.file("l.npy")])
      #expect(cut.text.contains(", \(row[4]) segments, "))
    }
    let texts = try texts(folder.contents("p.svg"))
    #expect(texts.contains("alpha 5") && texts.contains("alpha 20"))
    let given = try BuiltTool.run(["sweep"] + files + ["--tau", "0.3", "--alpha", "10", "-o", "-"])
    #expect(given.text.split(separator: "\n").dropFirst().allSatisfy { $0.contains(",10.0,0.3,") })
  }

  @Test func photographsByTheEncoderWithoutWeights() throws {
    let photographs = try Photographs(["a.ppm", "b,\"2\".ppm"])
    let inputs = ["a.ppm", "b,\"2\".ppm"].map(photographs.folder.file)
    let outcome = try BuiltTool.run(["sweep"] + inputs + ["--tau", "0.1,0.25,0.5", "-o", "-"])
    #expect(outcome.status == 0 && outcome.error.contains("nodes, 3 settings"))
    let lines = outcome.text.split(separator: "\n")
    #expect(lines.count == 7 && lines[1].hasPrefix("\(inputs[0]),,30.0,0.1,"))
    #expect(lines[4].hasPrefix("\"\(photographs.folder.file("b,\"\"2\"\".ppm"))\",,30.0,0.1,"))
    let report = try BuiltTool.run(["report", inputs[0], "-o", photographs.folder.file("r.html"), "--tau", "0.25"])
    let segments = lines[2].split(separator: ",", omittingEmptySubsequences: false)[4]
    #expect(report.text.contains("\(segments) segments at tau 0.25"))

    try photographs.write(Data("no picture".utf8), "c.png")
    let broken = photographs.folder.file("c.png")
    let some = try BuiltTool.run(["sweep", inputs[0], broken, "--tau", "0.25", "-o", photographs.folder.file("o.csv")])
    #expect(some.status == 1 && some.error.contains("c.png") && some.error.hasSuffix("1 of 2 inputs failed\n"))
    #expect(try rows(photographs.folder.contents("o.csv")).count == 2)
    let none = try BuiltTool.run(["sweep", broken, broken, "-o", photographs.folder.file("n.csv")])
    #expect(none.status == 4 && none.error.hasSuffix("2 of 2 inputs failed\n") && none.output.isEmpty)
    #expect(!(try photographs.folder.names().contains("n.csv")))
  }

  /// The code of the photograph is computed once; the features of each timestep are those of `features`.
  @Test func timestepsOfADiffusionModel() throws {
    let folder = try TemporaryFolder()
    let model = ["--model", Fixture.path("diffusion/ssd-1b"), "--size", "256"]
    let coffee = Fixture.path("images/coffee.png")
    let outcome = try BuiltTool.run(
      ["sweep", coffee, "--timestep", "300,50,0", "--tau", "0.3,0.9,1.5", "--alpha", "2", "--json"] + model)
    #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.error)")
    let rows = try #require(try outcome.objects[0]["rows"] as? [[String: Any]])
    #expect(rows.map { $0["timestep"] as? Int } == [0, 0, 0, 50, 50, 50, 300, 300, 300])
    for row in rows {
      let timestep = try #require(row["timestep"] as? Int)
      let features = folder.file("\(timestep).npy")
      if !FileManager.default.fileExists(atPath: features) {
        _ = try BuiltTool.run(["features", coffee, "-o", features, "--timestep", "\(timestep)"] + model)
      }
      let cut = try BuiltTool.run([
        "cut", features, "--tau", "\(row["tau"] ?? "")", "--alpha", "2", "-o", folder.file("labels.npy"),
      ])
      #expect(cut.text.contains(", \(row["segments"] ?? "") segments, "), "\(row)")
    }
    let unknown = try BuiltTool.run(["sweep", coffee, "--timestep", "50,1000"] + model)
    #expect(unknown.status == 2 && unknown.error.contains("error: timestep 1000 is out of range, expected 0 to 999"))
  }

  /// Options, the exit code and what the message says.
  @Test(
    arguments: [
      ([], 2, "sweep needs FEATURES, IMAGE or --dataset SET"),
      (["F", "--tau", "0.5:0.1:0.1"], 2, "--tau: '0.5:0.1:0.1' ends before it begins"),
      (["F", "--tau", "0.1:2.5:0.1"], 2, "--tau: 0.1:2.5:0.1 is outside 0.0 to 2.0"),
      (["F", "--alpha", "0"], 2, "--alpha: 0 is outside 1e-06 to 1000000.0"),
      (["F", "--alpha", "1,,5"], 2, "--alpha: '' is not a number or range"),
      (["F", "--timestep", "50"], 2, "--timestep has no effect with features"),
      (["F", "--model", "built-in"], 2, "--model has no effect with features"),
      (["P", "--timestep", "10,50"], 2, "--timestep has no effect with the built-in encoder"),
      (["P", "--grid", "2x2"], 2, "--grid has no effect with photographs"),
      (["F", "P"], 2, "sweep features and photographs in two runs"),
      (["F", "--classes", "3"], 2, "--classes has no effect without --dataset"),
      (["F", "--tune", "3"], 2, "--tune has no effect without --dataset"),
      (["F", "--partial", "x"], 2, "--partial has no effect without --dataset"),
      (["P", "--upsample", "nearest"], 2, "--upsample has no effect without --dataset"),
      (["P", "--shard", "0/2"], 2, "--shard has no effect without --dataset"),
      (["P", "--dataset", "folder", "--root", "."], 2, "--dataset reads its photographs from --root"),
      (["F", "--plot", "out.png"], 2, "unknown format of 'out.png'"),
      (["F", "--plot-x", "tau"], 2, "--plot-x has no effect without --plot FILE"),
      (["F", "--plot", "OUT.svg", "--plot-y", "miou"], 2, "--plot-y miou needs labels"),
      (
        ["F", "--plot", "OUT.svg", "--plot-y", "iou"], 2, "--plot-y is 'iou', expected one of miou, accuracy, segments"
      ),
      (["F", "--plot", "OUT.svg", "--plot-x", "timestep"], 2, "--plot-x timestep needs a diffusion model"),
      (["F", "-o", "-", "--plot", "-"], 2, "-o and --plot both name '-'"),
      (["F", "-o", "-", "--json"], 2, "-o - and --json both write to standard output"),
      (["F", "-o", "F"], 2, "-o would overwrite"), (["F", "-o", ""], 2, "-o is an empty name"),
      (["none.npy"], 3, "none.npy"), (["none.png"], 4, "none.png"), (["F", "--grid", "5x5"], 2, "a grid of 5x5"),
    ] as [([String], Int32, String)])
  func mistakesAreExplained(arguments: [String], status: Int32, message: String) throws {
    let folder = try TemporaryFolder()
    let features = folder.file("f.npy")
    try folder.write(Data(NPY.encode((0..<48).map { Float($0 % 7) }, shape: [4, 4, 3])), "f.npy")
    let outcome = try BuiltTool.run(
      ["sweep"]
        + arguments.map {
          switch $0 {
          case "F": features
          case "P": Fixture.path("images/coffee.png")
          case "OUT.svg": folder.file("out.svg")
          default: $0
          }
        })
    outcome.expectRefusal(status, message)
    #expect(try folder.names() == ["f.npy"])
  }
}
