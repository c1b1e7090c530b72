// SPDX-License-Identifier: Apache-2.0
import Foundation
import Segment
import Tensor
import TestSupport
import Testing

@Suite struct FeatureFileTests {
  /// Reads features [6, 2] from a file with this metadata.
  private func grid(metadata: [String: String], shape: Tensor.Shape = [6, 2], _ given: Grid? = nil) throws -> Grid {
    let folder = try TemporaryDirectory()
    let file = SafetensorsFile.encode(["features": Tensor(shape) { $0[0] = 1 }], metadata: metadata)
    let path = try folder.write(file, to: "features.safetensors")
    return try FeatureMap(contentsOf: path, grid: given).grid
  }

  /// A file may be longer than what it takes on the disk: memory is not asked for before its shape is looked at.
  @Test func filesOfMoreNumbersThanFitAreRefused() throws {
    let folder = try TemporaryDirectory()
    let text = #"{"features":{"dtype":"U8","shape":[1024,1048576],"data_offsets":[0,1073741824]}}"#
    let length = (0..<8).map { UInt8(truncatingIfNeeded: text.utf8.count >> (8 * $0)) }
    let path = try folder.write(length + Array(text.utf8), to: "features.safetensors")
    #expect(truncate(path, 8 + text.utf8.count + 1 << 30) == 0)
    #expect(throws: FeatureError.tooManyValues(1 << 30, limit: 1 << 28)) { try FeatureMap(contentsOf: path) }
  }

  @Test func theGridOfTheMetadataIsTaken() throws {
    #expect(try grid(metadata: ["grid": "2x3"]) == Grid(height: 2, width: 3))
    // What is said outright counts, and an array of three axes has a grid of its own.
    let column = Grid(height: 6, width: 1)
    #expect(try grid(metadata: ["grid": "2x3"], column) == column)
    #expect(try grid(metadata: ["grid": "2x3"], shape: [1, 4, 2]) == Grid(height: 1, width: 4))
    #expect(throws: FeatureError.gridMismatch(grid: Grid(height: 2, width: 2), nodes: 6)) {
      try grid(metadata: ["grid": "2x2"])
    }
    for text in ["", "6", "2x", "x3", "2x3x1", "0x6", "-2x-3", "2 x 3", "99999999999999999999x1"] {
      #expect(throws: FeatureError.notSquare(nodes: 6), "\(text)") { try grid(metadata: ["grid": text]) }
    }
  }
}
