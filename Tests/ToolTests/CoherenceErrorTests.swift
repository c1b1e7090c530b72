// SPDX-License-Identifier: Apache-2.0
import Foundation
import Segment
import Tensor
import TestSupport
import Testing

/// Mistakes of `coherence`, and of `merge` with its sums.
@Suite struct CoherenceErrorTests {
  /// Options, the exit code and what the message says. One image has features and labels, `b` labels alone.
  @Test(
    arguments: [
      (["coherence"], 2, "coherence needs roc|heatmap|plot"),
      (["coherence", "rok"], 2, "unknown action 'rok' for coherence"),
      (["coherence", "roc"], 2, "coherence roc needs labels"),
      (["coherence", "roc", "a.npy"], 2, "unexpected argument 'a.npy' for coherence roc"),
      (["coherence", "roc", "--labels", "L"], 2, "--labels needs --features DIR"),
      (["coherence", "roc", "--labels", "L", "--dataset", "voc"], 2, "--labels has no effect with --dataset"),
      (["coherence", "roc", "--dataset", "folder"], 2, "coherence needs --root DIR"),
      (
        ["coherence", "roc", "--dataset", "folder", "--root", "L", "--void", "1"], 2,
        "--void has no effect with --dataset"
      ),
      (
        ["coherence", "roc", "--labels", "L", "--features", "F", "--classes", "3"], 2,
        "--classes has no effect without --dataset folder"
      ),
      (
        ["coherence", "roc", "--labels", "L", "--features", "F", "--model", "x"], 2,
        "--model has no effect with --features"
      ),
      (["coherence", "roc", "--labels", "L", "--features", "F", "--void", "a"], 2, "--void is 'a', expected whole"),
      (["coherence", "roc", "--labels", "L", "--features", "F", "--across", "0"], 2, "--across is '0', expected a"),
      (["coherence", "roc", "--labels", "L", "--features", "F", "--grid", "5"], 2, "--grid is '5', expected HEIGHT"),
      (
        ["coherence", "roc", "--labels", "L", "--features", "F", "--overlay"], 2,
        "--overlay has no effect with 'coherence roc'"
      ),
      (["coherence", "roc", "--labels", "L", "--features", "F", "--plot", "x.png"], 2, "unknown format"),
      (["coherence", "roc", "--labels", "L", "--features", "F", "--csv", "OUT", "--partial", "OUT"], 2, "both name"),
      (["coherence", "roc", "--labels", "L", "--features", "F", "--csv", "-", "--json"], 2, "both write to standard"),
      (["coherence", "roc", "--labels", "L", "--features", "F"], 3, "no features of 'b' in "),
      (["coherence", "roc", "--labels", "F", "--features", "F"], 3, "elements, expected integer ids"),
      (["coherence", "roc", "--labels", "NONE", "--features", "F"], 3, "none': no such file"),
      (["coherence", "roc", "--labels", "L", "--features", "F", "--list", "LIST"], 3, "no label map of 'c' in "),
      (
        ["coherence", "roc", "--labels", "L", "--features", "F", "--list", "ONE"], 4,
        "no two patches have the same class"
      ),
      (["coherence", "roc", "--labels", "L", "--features", "NAN", "--list", "ONE"], 3, "a.npy: node 1"),
      (
        ["coherence", "roc", "--labels", "L", "--features", "WIDE", "--across", "1"], 3,
        "b.npy: the features have 3 channels"
      ),
      (["coherence", "roc", "--manifest", "LIST"], 4, "line 1: invalid JSON: "),
      (["coherence", "roc", "--manifest", "EMPTY"], 4, "the list is empty"),
      (["coherence", "roc", "--manifest", "HALF"], 4, "line 1: \"features\" or \"labels\" is missing"),
      (["coherence", "roc", "--manifest", "LIST", "--features", "F"], 2, "--features has no effect with --manifest"),
      (["coherence", "plot", "-o", "OUT"], 2, "coherence plot needs CURVE..."),
      (["coherence", "plot", "LIST"], 2, "coherence plot needs -o FILE"),
      (["coherence", "plot", "LIST", "-o", "x.png"], 2, "unknown format of 'x.png'"),
      (["coherence", "plot", "LIST", "--csv", "OUT"], 2, "--csv has no effect with 'coherence plot'"),
      (["coherence", "plot", "x=CURVE.svg", "-o", "CURVE.svg"], 2, "the plot would overwrite "),
      (["merge", "SUMS", "--plot", "OUT", "--plot-x", "tau"], 2, "--plot-x has no effect with sums of 'coherence'"),
      (["merge", "SUMS", "LIST"], 3, "list: not sums, a report or a COCO file (looks like text); pass files of "),
    ] as [([String], Int32, String)])
  func mistakesAreExplained(arguments: [String], status: Int32, message: String) throws {
    let set = try PatchSet()
    let row = Grid(height: 1, width: 2)
    try set.add("a", FeatureMap(grid: row, channels: 2, values: [1, 0, 0, 1]), [0, 1])
    try set.files.write(Data(NPY.encode([0, 0] as [Int32], shape: [1, 2])), "labels/b.npy")
    for (name, values) in [("nan/a", [1, 0, .nan, 1]), ("wide/a", [1, 0, 0, 1]), ("wide/b", [1, 0, 0, 1, 0, 0])] {
      try set.files.write(
        Data(NPY.encode(values.map { Float($0) }, shape: [1, 2, values.count / 2])), "\(name).npy")
    }
    try set.files.write(Data("a\nb\n".utf8), "one")
    for (name, text) in [("list", "c\n"), ("one", "a\n"), ("empty", "\n"), ("half", "{\"features\":\"a\"}\n")] {
      try set.files.write(Data(text.utf8), name)
    }
    try set.files.write(Data("fpr,tpr\n0,0\n1,1\n".utf8), "curve.svg")
    _ = try BuiltTool.run(
      set.common + ["--list", set.folder.file("one"), "--partial", set.folder.file("sums"), "-q"])
    let before = try tree(set.folder.path)
    let paths = [
      "L": "labels", "F": "features", "NONE": "none", "NAN": "nan", "WIDE": "wide", "LIST": "list", "ONE": "one",
      "EMPTY": "empty", "HALF": "half", "OUT": "out.svg", "CURVE.svg": "curve.svg", "x=CURVE.svg": "curve.svg",
      "SUMS": "sums",
    ]
    let outcome = try BuiltTool.run(
      arguments.map { word in
        paths[word].map { (word.hasPrefix("x=") ? "x=" : "") + set.folder.file($0) } ?? word
      }, directory: set.folder.path)
    outcome.expectRefusal(status, message)
    #expect(try tree(set.folder.path) == before)
  }

  @Test func sumsOfTwoKindsAreNotAdded() throws {
    let set = try PatchSet()
    try set.addImages(1)
    let (sums, other) = (set.folder.file("sums"), set.folder.file("other"))
    _ = try BuiltTool.run(set.common + ["--partial", sums, "-q"])
    try set.files.write(Data(SyntheticSet.sums.utf8), "other")
    let outcome = try BuiltTool.run(["merge", sums, other])
    #expect(
      outcome.status == 3
        && outcome.error.contains("other: not sums of coherence; 'diffcut coherence roc --partial FILE' writes them\n"))
    #expect(
      try BuiltTool.run(["merge", other, sums]).error.contains(
        "sums: not sums of an evaluation; 'diffcut eval --partial FILE' writes them\n"))
    let plot = try BuiltTool.run(["merge", other, "--plot", set.folder.file("x.svg")])
    #expect(plot.status == 2 && plot.error.contains("--plot has no effect with sums of 'eval'"))
  }
}
