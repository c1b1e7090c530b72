// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import Tensor
import TestSupport
import Testing

@Suite struct EvaluationPreparationTests {
  private let file: SafetensorsFile
  init() throws { file = try SafetensorsFile(path: Fixture.path("evaluation/preparation.safetensors")) }

  @Test func squaresAreRoundedAsPythonRounds() throws {
    let extents = try file.doubles("extents").map { Int($0) }
    let squares = try file.doubles("squares").map { Int($0) }
    #expect(extents.count == 90 && squares.count == 135)
    for index in 0..<extents.count / 2 {
      let square = try EvaluationSquare(height: extents[2 * index], width: extents[2 * index + 1])
      #expect([square.side, square.top, square.left] == Array(squares[3 * index..<3 * index + 3]))
    }
  }

  @Test func theSmallestPhotographs() throws {
    let square = try EvaluationSquare(height: 2, width: 2)
    #expect(square.side == 1 && square.top == 0 && square.left == 0)
    #expect(throws: EvaluationError.tooSmall(width: 9, height: 1)) { try EvaluationSquare(height: 1, width: 9) }
    #expect(throws: EvaluationError.tooSmall(width: 0, height: 0)) { try EvaluationSquare(height: 0, width: 0) }
    let map = LabelMap(height: 2, width: 3, labels: [1, 2, 3, 4, 5, 6])
    // (3 − 1)/2 = 1 column to the left.
    #expect(try Set(map.sampledForEvaluation(size: 1024).labels) == [2])
  }

  @Test(arguments: 0..<5)
  func labelsAreThoseOfTorch(index: Int) throws {
    let shape = try #require(file.entries["raw\(index)"]?.shape)
    let raw = LabelMap(
      height: shape[0], width: shape[1],
      labels: ContiguousArray(try file.doubles("raw\(index)").map { Int32($0) }))
    let size = try #require(file.metadata["size\(index)"].flatMap { Int($0) })
    let grid = try raw.sampledForEvaluation(size: size)
    #expect(grid.height == 128 && grid.width == 128)
    #expect(try grid.labels.map { Double($0) } == Array(file.doubles("grid\(index)")))
  }

  @Test func thePictureForRefinementIsThatOfTorch() throws {
    let shape = try #require(file.entries["image"]?.shape)
    let image = Image(
      width: shape[1], height: shape[0], pixels: ContiguousArray(try file.doubles("image").map { UInt8($0) }))
    let size = try #require(file.metadata["image_size"].flatMap { Int($0) })
    let square = try EvaluationSquare(height: image.height, width: image.width)
    let values = image.levelsForEvaluation(square, size: size).values
    var kept: [Float] = []
    for row in stride(from: 0, to: 128, by: 4) { kept += values[row * 384..<(row + 1) * 384] }
    // Levels to 255, positions in single precision at 256 pixels.
    expectEqual(
      kept, Array(try file.doubles("image_grid")), within: .golden(relativeFrobenius: 1e-5, maximumAbsolute: 1e-2))
  }

  @Test func aSquareOfLabelsAndPixels() throws {
    let square = try EvaluationSquare(height: 3, width: 5)
    #expect(square == (try EvaluationSquare(height: 3, width: 5)) && square.side == 2 && square.left == 2)
    let map = LabelMap(height: 3, width: 5, labels: ContiguousArray(0..<15))
    #expect(map.cropped(to: square).labels == [2, 3, 7, 8])
    let image = Image(width: 5, height: 3, pixels: ContiguousArray((0..<45).map { UInt8($0 / 3) }))
    #expect(image.cropped(to: square).pixels == [2, 2, 2, 3, 3, 3, 7, 7, 7, 8, 8, 8])
  }
}
