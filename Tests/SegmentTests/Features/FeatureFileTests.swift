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

  @Test func anImageIsReadAsItWasWritten() throws {
    let folder = try TemporaryDirectory()
    let image = try Image.decode(Fixture.bytes("images/coffee.png"))
    let encoded = try BuiltInEncoder(size: 96).encode(image)
    let read = try EncodedImage(contentsOf: folder.write(encoded.encoded(), to: "f.safetensors"))
    #expect(read.nodes.values == encoded.nodes.values && read.nodes.grid == encoded.nodes.grid)
    #expect(read.features.values == encoded.features.values && read.features.grid == encoded.features.grid)
    #expect(read.graph == BuiltInEncoder().graph && read.defaultTau == BuiltInEncoder().defaultTau)
    #expect(read.encoder == "built-in" && read.attention.isEmpty)
    // The library builds the graph that `Segmenter` builds.
    let expected = try Segmenter(encoder: BuiltInEncoder(size: 96)).segment(image).partition
    for found in [encoded, read] {
      let partition = try DiffCut().partition(found)
      #expect(partition.labels == expected.labels && partition.graph == expected.graph)
      #expect(partition.labelMap(height: 60, width: 90) == expected.labelMap(height: 60, width: 90))
    }
  }

  /// Single precision is kept where it holds every number, and only there.
  @Test(arguments: [(0.5, SafetensorsFile.ElementType.float32), (0.1, .float64)])
  func numbersAreStoredExactly(value: Double, type: SafetensorsFile.ElementType) throws {
    let folder = try TemporaryDirectory()
    let features = try FeatureMap(grid: Grid(height: 1, width: 2), channels: 1, values: [1, value])
    let path = try folder.write(EncodedImage(features).encoded(), to: "f.safetensors")
    #expect(try SafetensorsFile(path: path).entries["features"]?.type == type)
    let read = try EncodedImage(contentsOf: path)
    #expect(read.nodes.values == [1, value] && read.graph == GraphOptions() && read.defaultTau == 0.5)
    #expect(read.encoder == nil)
  }

  /// Features of other origin state nothing: the paper's graph and τ.
  @Test func arraysTakeTheDefaults() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.write(NPY.encode([1, 2, 3, 4, 5, 6] as [Float], shape: [1, 3, 2]), to: "f.npy")
    let (image, stated) = try EncodedImage.read(path)
    #expect(image.graph == GraphOptions(alpha: 10, floor: 0, nodeStride: 1) && image.defaultTau == 0.5)
    #expect(image.nodes.grid == Grid(height: 1, width: 3) && stated == [.grid])
  }

  @Test(arguments: [
    ("graph.alpha", "0"), ("graph.alpha", "nan"), ("graph.alpha", ""), ("graph.floor", "-0.1"), ("graph.floor", "2"),
    ("cut.tau", "-1"), ("cut.tau", "high"), ("graph.stride", "0"), ("graph.stride", "x"), ("graph.stride", "1.5"),
  ])
  func settingsThatNoGraphHasAreRefused(key: String, value: String) throws {
    #expect(throws: FeatureError.badGraph(key: key, value: value)) {
      try grid(metadata: ["grid": "2x3", key: value])
    }
  }

  @Test func nodesThatAreNotAmongTheCellsAreRefused() throws {
    #expect(try strided("2", [2, 3, 1]).nodes.values == [0, 2])
    let mismatch = "differs from 'features' at these cells"
    for (stride, shape, firstNode, reason) in [
      (3, [2, 3, 1], 0, mismatch), (2, [2, 3, 1], 7, mismatch), (2, [2, 3, 1], .nan, nil),
      (2, [2, 3, 2], 0, "has shape [2, 3, 2], expected [height, width, 1]"),
      (2, [6], 0, "has shape [6], expected [height, width, 1]"),
    ] as [(Int, Tensor.Shape, Float, String?)] {
      let error = #expect(throws: FeatureError.self) { try strided("\(stride)", shape, firstNode: firstNode) }
      if let reason { #expect(error == .badCells(stride: stride, reason: reason)) }
    }
    let folder = try TemporaryDirectory()
    let file = SafetensorsFile.encode(["features": Tensor(zeros: [1, 2, 1])], metadata: ["graph.stride": "2"])
    #expect(throws: FeatureError.badCells(stride: 2, reason: "is missing")) {
      try EncodedImage(contentsOf: folder.write(file, to: "f.safetensors"))
    }
  }

  /// A file of other origin may call any tensor `cells`.
  @Test func aTensorCellsWithoutAStrideIsNotRead() throws {
    let image = try strided(nil, [7])
    #expect(image.graph == GraphOptions() && image.features.values == [0, 2])
    #expect(try strided("2", [2, 3, 1], tensor: "cells").features.grid == Grid(height: 2, width: 3))
  }

  @Test func anotherGridThanThatOfTheCellsIsRefused() throws {
    let (own, other) = (Grid(height: 1, width: 2), Grid(height: 2, width: 1))
    #expect(try strided("2", [2, 3, 1], grid: own).nodes.grid == own)
    #expect(throws: FeatureError.conflictingGrid(other, stated: own)) { try strided("2", [2, 3, 1], grid: other) }
  }

  /// Reads features [1, 2, 1] beside cells that count up from 0.
  private func strided(
    _ stride: String?, _ shape: Tensor.Shape, firstNode: Float = 0, tensor: String? = nil, grid: Grid? = nil
  ) throws -> EncodedImage {
    let folder = try TemporaryDirectory()
    var metadata = ["grid": "1x2", "graph.alpha": stride == nil ? "10" : "4"]
    metadata["graph.stride"] = stride
    let cells = Tensor(shape) { values in
      for index in values.indices { values[index] = Float(index) }
    }
    let file = SafetensorsFile.encode(
      ["features": Tensor([1, 2, 1], values: [firstNode, 2]), "cells": cells], metadata: metadata)
    return try EncodedImage(contentsOf: folder.write(file, to: "f.safetensors"), tensor: tensor, grid: grid)
  }
}
