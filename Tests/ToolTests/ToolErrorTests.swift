// SPDX-License-Identifier: Apache-2.0
import Experiments
import Linalg
import Segment
import Tensor
import Testing
import Tool
import UNet

/// Messages and exit codes of library errors.
@Suite struct ToolErrorTests {
  private static let missing = FileError.system(operation: "open", path: "a", code: 2, reason: "No such file")

  @Test(
    arguments: [
      (missing, .badInput, ToolError(.badInput, "cannot open 'a': no such file")),
      (FileError.notAFile(path: "a"), .cannotWrite, ToolError(.cannotWrite, "\(FileError.notAFile(path: "a"))")),
      (CheckpointError.noSuchPath("a"), .badInput, ToolError(.badModel, "\(CheckpointError.noSuchPath("a"))")),
      (ImageError.emptyFile, .badInput, ToolError(.badInput, "f: the file is empty; write or download it again")),
      (LabelMapError.emptyFile, .badModel, ToolError(.badModel, "f: the file is empty; write or download it again")),
      (
        EncoderError.badTimestep(9, count: 5), .badModel, ToolError.usage("timestep 9 is out of range, expected 0 to 4")
      ),
      (
        RefinementError.empty, .badInput,
        ToolError(.badInput, "f: the label map has no pixels; pass one of at least 1x1")
      ),
      (RefinementError.side(0), .badInput, ToolError.usage("\(RefinementError.side(0))")),
      (
        FeatureError.notSquare(nodes: 3), .badModel,
        ToolError.usage(
          "f has 3 nodes and does not state its grid", hint: "pass --grid HEIGHTxWIDTH, for example --grid 1x3")
      ),
      (EvaluationError.overflow, .usage, ToolError.usage("f: the sums are too large to add; check the files of sums")),
      (ToolError.usage("own"), .badInput, ToolError.usage("own")),
    ] as [(any Error, ExitCode, ToolError)])
  func anErrorHasOneMessageAndOneExitCode(error: any Error, code: ExitCode, expected: ToolError) {
    #expect(ToolError(error, reading: "f", as: code) == expected)
  }

  @Test func aFileErrorThatMayPassIsTemporary() {
    let busy = FileError.system(operation: "open", path: "a", code: 16, reason: "Busy")
    #expect(ToolError(busy, reading: "a", as: .badInput).code == .temporary)
  }

  @Test func standardInputIsCalledByItsName() {
    #expect(
      ToolError(ImageError.emptyFile, reading: "-").message
        == "standard input: the file is empty; write or download it again")
  }

  @Test func anUnknownErrorIsABug() {
    struct Strange: Error {}
    let failure = ToolError(Strange(), reading: "f")
    #expect(failure.code == .internalError && failure.hint == "this is a bug: please report this message")
  }
}
