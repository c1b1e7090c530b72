// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import Tensor
import TestSupport
import Testing

/// A file of one stage, "stage", in a temporary folder.
private struct StageFile {
  private let folder: TemporaryDirectory
  private let path: String

  init(shape: String?, _ tensors: [String: Tensor]) throws {
    folder = try TemporaryDirectory()
    path = try folder.write(
      SafetensorsFile.encode(tensors, metadata: shape.map { ["stage.shape": $0] } ?? [:]), to: "golden.safetensors")
  }

  func stage() throws -> GoldenStage { try GoldenStage("stage", in: SafetensorsFile(path: path)) }
}

/// What a generator would store of a map: positions of a grid, and three statistics of every channel.
private func stored(_ map: Tensor, rows: [Int], columns: [Int]) -> [String: Tensor] {
  let (height, width, channels) = (map.shape[0], map.shape[1], map.shape[2])
  let values = map.values
  let grid = rows.flatMap { row in
    columns.flatMap { column in (0..<channels).map { values[(row * width + column) * channels + $0] } }
  }
  let statistics = (0..<3 * channels).map { index -> Float in
    let terms = (0..<height * width).map { position -> Double in
      let x = Double(values[position * channels + index % channels])
      return [x, x * x, String(position, radix: 2).count { $0 == "1" } % 2 == 0 ? x : -x][index / channels]
    }
    let mean = terms.reduce(0, +) / Double(height * width)
    return Float(index / channels == 1 ? mean.squareRoot() : mean)
  }
  return [
    "stage": Tensor([rows.count, columns.count, channels], values: grid),
    "stage.statistics": Tensor([3, channels], values: statistics),
  ]
}

@Suite struct GoldenStageFormatTests {
  /// [9, 7, 5]; rows 0, 2, 5, 8 and columns 0, 3, 6 are on a grid of 4×3.
  private let map: Tensor = {
    var generator = SeededGenerator(seed: 3)
    return Tensor([9, 7, 5], values: generator.floats(9 * 7 * 5))
  }()

  private func sampled() throws -> GoldenStage {
    try StageFile(shape: "9,7,5", stored(map, rows: [0, 2, 5, 8], columns: [0, 3, 6])).stage()
  }

  @Test func theSameMapHasNoError() throws {
    // The statistics are rounded once more in one of the two.
    #expect(try #require(try sampled().error(of: map)) < 1e-7)
    #expect(try StageFile(shape: "9,7,5", ["stage": map]).stage().error(of: map) == 0)
  }

  @Test func anErrorOnTheGridIsRelativeToItsPositions() throws {
    var changed = map
    changed.withMutableSpan { span in for index in 0..<span.count { span[index] *= 1.01 } }
    #expect(abs(try #require(try sampled().error(of: changed)) - 0.01) < 1e-6)
  }

  /// Position (1, 1) is on no row and no column of the grid.
  @Test func anErrorAwayFromTheGridIsSeen() throws {
    var changed = map
    changed.withMutableSpan { $0[(1 * 7 + 1) * 5 + 2] += 1 }
    #expect(try #require(try sampled().error(of: changed)) > 1e-3)
  }

  /// Neither mean nor root mean square of a channel changes.
  @Test func positionsThatChangedPlacesAreSeen() throws {
    var changed = map
    let (first, second) = (1 * 7 + 1, 1 * 7 + 2)  // 8 and 9: one bit and two
    changed.withMutableSpan { span in
      for channel in 0..<5 {
        (span[first * 5 + channel], span[second * 5 + channel]) = (
          span[second * 5 + channel], span[first * 5 + channel]
        )
      }
    }
    #expect(try #require(try sampled().error(of: changed)) > 1e-3)
  }

  @Test(arguments: [Float.nan, .infinity], [(0, 0), (1, 1)])
  func whatIsNotFiniteIsNoError(value: Float, position: (row: Int, column: Int)) throws {
    var changed = map
    changed.withMutableSpan { $0[(position.row * 7 + position.column) * 5] = value }
    let error = try #require(try sampled().error(of: changed))
    #expect(!error.isFinite)
    #expect(!StageComparison(stage: "stage", shape: [], error: error, limit: 1).isWithinLimit)
  }

  @Test func anotherShapeHasNoError() throws {
    #expect(try sampled().error(of: map.reshaped([7, 9, 5])) == nil)
    #expect(try sampled().error(of: map.reshaped([1, 9, 7, 5])) != nil)
    #expect(try sampled().error(of: map.reshaped([63, 5])) == nil)
  }

  @Test func textIsSampledByRows() throws {
    let text = Tensor([77, 2], values: (0..<154).map { Float($0) })
    let file = try StageFile(shape: "77,2", ["stage": Tensor([3, 2], values: [0, 1, 76, 77, 152, 153])])
    #expect(try file.stage().error(of: text) == 0)
  }

  @Test(arguments: [nil, "", "9,7", "9,x,5", "0,7,5", "1,2,3,4", "9, 7,5"])
  func shapesThatCannotBeAreNamed(shape: String?) throws {
    let file = try StageFile(shape: shape, ["stage": map])
    #expect(throws: shape == "9,7" ? wrongPart : GoldenError.badMetadata("stage.shape", shape)) { try file.stage() }
  }

  private let wrongPart = GoldenError.badStage(
    "stage", "has a tensor of shape [9, 7, 5], which is not part of shape [9, 7]")

  @Test func tensorsThatAreNoPartAreNamed() throws {
    #expect(
      throws: GoldenError.badStage("stage", "has a tensor of shape [9, 7, 5], which is not part of shape [1, 7, 5]")
    ) {
      try StageFile(shape: "1,7,5", ["stage": map]).stage()
    }
    #expect(
      throws: GoldenError.badStage("stage", "has a tensor of shape [9, 7, 5], which is not part of shape [8, 7, 5]")
    ) {
      try StageFile(shape: "8,7,5", ["stage": map]).stage()
    }
    #expect(throws: GoldenError.badStage("stage", "has statistics of shape [2, 5], expected [3, 5]")) {
      try StageFile(shape: "9,7,5", ["stage": map, "stage.statistics": Tensor(zeros: [2, 5])]).stage()
    }
    #expect(throws: GoldenError.badStage("stage", "contains NaN or infinity")) {
      try StageFile(shape: "1", ["stage": Tensor([1], values: [.nan])]).stage()
    }
  }
}
