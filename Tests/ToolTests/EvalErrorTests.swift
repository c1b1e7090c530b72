// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Mistakes of `eval`, and of `merge` with its sums.
@Suite struct EvalErrorTests {
  @Test func filesThatHoldNoSumsAreRefused() throws {
    let folder = try TemporaryFolder()
    func merge(_ text: String) throws -> BuiltTool.Outcome {
      try folder.write(Data(text.utf8), "sums.json")
      return try BuiltTool.run(["merge", folder.file("sums.json"), "--csv", folder.file("out.csv")])
    }
    let good = SyntheticSet.sums
    #expect(try merge(good).text.contains("mIoU 0.1429 over 1 of 1 classes, pixel accuracy 0.3333"))
    for (text, message) in [
      ("", "sums.json: the file is empty; write or download it again\n"), ("{", "sums.json: invalid JSON: "),
      ("{}", "not sums of an evaluation"),
      (
        "# Title\n",
        "sums.json: not sums, a report or a COCO file (looks like text); "
          + "pass files of 'eval --partial', 'segment --report' or 'segment -f coco'\n"
      ),
      (
        "PK\u{3}\u{4}arr_0.npy",
        "sums.json: not sums, a report or a COCO file (looks like a zip archive); pass files of "
      ),
      ("\u{1}\u{2}", "sums.json: not sums, a report or a COCO file; pass files of "),
      (good.replacing("\"v\":1", with: "\"v\":2"), "another version"),
      (good.replacing("\"fn\":[2]", with: "\"fn\":[3]"), "the sums contradict each other"),
      (good.replacing("[\"1\"]", with: "[\"1\",\"1\"]"), "the sums contradict each other"),
      (good.replacing("\"tp\":[1]", with: "\"tp\":[0.5]"), "'tp' is missing or wrong"),
    ] {
      let outcome = try merge(text)
      #expect(outcome.status == 3 && outcome.error.contains(message) && outcome.output.isEmpty, "\(text)")
    }
    #expect(try BuiltTool.run(["merge", folder.file("none.json")]).status == 3)
  }

  /// Options, the exit code and what the message says; the set has one image.
  @Test(
    arguments: [
      ([], 2, "eval needs --dataset"),
      (["--dataset", "vok"], 2, "--dataset is 'vok', expected one of voc, "),
      (["--dataset", "ade20k"], 2, "eval needs --root DIR"),
      (["--dataset", "ade20k", "--root", "ROOT"], 4, "lacks the folder 'annotations/validation'"),
      (["--dataset", "ade20k", "--root", "ROOT/none"], 4, "none' is not a folder"),
      (["--dataset", "coco-object", "--root", "ROOT"], 2, "coco-object needs --list FILE"),
      (["--dataset", "folder", "--root", "ROOT"], 2, "--dataset folder needs --classes N"),
      (
        ["--dataset", "folder", "--root", "ROOT", "--classes", "256"], 2, "--classes is '256', expected a whole number"
      ),
      (["--dataset", "folder", "--root", "ROOT", "--classes", "1"], 4, "label 1 at row 0, column "),
      (["--dataset", "folder", "--root", "ROOT", "--classes", "3", "--predictions", "ROOT"], 3, "no label map of 'a'"),
      (
        ["--dataset", "folder", "--root", "ROOT", "--classes", "3", "--predictions", "ROOT", "--tau", "1"], 2,
        "--tau has no effect with --predictions"
      ),
      (
        ["--dataset", "folder", "--root", "ROOT", "--classes", "3", "--predictions", "ROOT", "--method", "kmeans"], 2,
        "--method has no effect with --predictions"
      ),
      (
        ["--dataset", "folder", "--root", "ROOT", "--classes", "3", "--method", "diffseg"], 2,
        "--method diffseg needs attention maps, which the built-in encoder lacks"
      ),
      (
        ["--dataset", "folder", "--root", "ROOT", "--classes", "3", "--method", "kmeans", "--alpha", "3"], 2,
        "--alpha has no effect with --method kmeans"
      ),
      (["--dataset", "folder", "--root", "ROOT", "--classes", "3", "--list", "ROOT/list"], 4, "no label map of 'b'"),
      (["--dataset", "folder", "--root", "ROOT", "--classes", "3", "--list", "ROOT/empty"], 4, "the list is empty"),
      (["--dataset", "folder", "--root", "ROOT", "--classes", "3", "--list", "ROOT/twice"], 4, "'a' is listed twice"),
      (
        ["--dataset", "folder", "--root", "ROOT/other", "--classes", "3"], 4,
        "1 of 1 photographs lack labels, such as 'b'"
      ),
      (["--dataset", "folder", "--root", "ROOT/size", "--classes", "3"], 4, "45x60 pixels, its labels"),
      (
        ["--dataset", "folder", "--root", "ROOT/more", "--classes", "3"], 4,
        "1 of 2 photographs lack labels, such as 'b'"
      ),
    ] as [([String], Int32, String)])
  func mistakesAreExplained(arguments: [String], status: Int32, message: String) throws {
    let set = try SyntheticSet()
    for root in ["", "size/", "more/"] { try set.addPhotograph("\(root)images/a.jpg") }
    try set.addPhotograph("more/images/b.jpg")
    try set.addPhotograph("other/images/b.jpg")
    for root in ["", "other/", "more/"] { try set.addLabels("\(root)labels/a.png", [0, 1, 2]) }
    try set.addLabels("size/labels/a.png", [0, 1, 2], width: 30)
    for (name, text) in [("list", "b\n"), ("empty", " \n"), ("twice", "a\n\na.png\n")] {
      try set.add(Data(text.utf8), name)
    }
    let outcome = try BuiltTool.run(
      ["eval"] + arguments.map { $0.replacing("ROOT", with: set.root) } + ["--partial", set.folder.file("sums")])
    outcome.expectRefusal(status, message)
    #expect(!FileManager.default.fileExists(atPath: set.folder.file("sums")))
  }

  @Test func aFolderThatLacksPhotographsIsExplained() throws {
    let set = try SyntheticSet()
    try set.addLabels("annotations/val2017/a.png", [0, 1, 255])
    try set.add(Data("a\n".utf8), "list")
    let outcome = try BuiltTool.run(
      ["eval", "--dataset", "coco-stuff-27", "--root", set.root, "--list", set.folder.file("set/list")])
    #expect(outcome.status == 4 && outcome.error.contains("set/val2017"))
    #expect(
      outcome.error.contains(
        "; the set should contain val2017/*.jpg or images/val2017/*.jpg and annotations/val2017/*.png\n"))
  }
}
