// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import Tensor
import TestSupport
import Testing

/// A photograph, small enough to be quick, and its segmentation.
private func segmented(tau: Double = 0.4, name: String = "a/b.png") throws -> SegmentedImage {
  let image = try Image.decode(Fixture.bytes("images/coffee.png"))
  let options = SegmentationOptions(tau: tau)
  let result = try Segmenter(encoder: BuiltInEncoder(size: 96), options: options).segment(image)
  return SegmentedImage(name: name, image: image, segmentation: result)
}

private func flat() throws -> SegmentedImage {
  let image = Image(width: 40, height: 20, pixels: ContiguousArray(repeating: 90, count: 2400))
  return SegmentedImage(name: "flat", image: image, segmentation: try Segmenter().segment(image))
}

/// The same features for every image.
private struct FixedEncoder: FeatureEncoder {
  let nodes: FeatureMap
  let name = "fixed"

  func encode(_ image: Image, _ request: EncodingRequest, observer: StageObserver) throws -> EncodedImage {
    EncodedImage(nodes, graph: GraphOptions(alpha: 1), defaultTau: 2)
  }
}

private func only(_ files: [ImageFile]) throws -> ImageFile {
  #expect(files.count == 1)
  return try #require(files.first)
}

@Suite struct GraphFormatTests {
  @Test(arguments: [OutputFormat.tree, .embeddings, .features, .heatmap, .eigenvectors])
  func filesHaveTheSuffixesThatAreKnownBefore(format: OutputFormat) throws {
    #expect(try format.files(for: segmented()).map(\.suffix) == format.suffixes)
    #expect(format.suffixes.allSatisfy { $0.hasPrefix(format.rawValue + ".") })
    #expect(format.collectionName == nil)
    #expect(try format.part(of: segmented()).isEmpty)
  }

  // MARK: tree

  @Test func aTreeCutLaterGivesTheLabelsOfASmallerTau() throws {
    let result = try segmented(tau: 0.9, name: "a \"quoted\" name")
    let file = try only(OutputFormat.tree.files(for: result))
    let json = try JSON.parse(file.bytes[...])
    #expect(json["format"]?.string == "diffcut-tree" && json["version"]?.integer == 1)
    #expect(json["image"]?.string == "a \"quoted\" name")
    #expect(json["tau"]?.double == 0.9 && json["alpha"]?.double == 30 && json["floor"]?.double == 0.1)
    #expect(try json["labels"]?.array?.compactMap(\.integer) == result.segmentation.partition.labels)
    #expect(try json["classes"]?.array?.count == result.segmentation.segmentCount)
    let tree = try StoredTree(json)
    // Beyond 64 cuts codes are longer than a word.
    #expect(try #require(result.segmentation.partition.tree).acceptedCuts().count > 64)
    for tau in [0, 0.1, 0.2, 0.35, 0.6, 0.9] {
      let again = try segmented(tau: tau).segmentation.partition
      #expect(tree.labels(tau: tau) == again.labels, "τ \(tau)")
    }
  }

  @Test func everySubgraphIsInTheTree() throws {
    let tree = try #require(segmented().segmentation.partition.tree)
    let nodes = try #require(
      JSON.parse(only(OutputFormat.tree.files(for: segmented())).bytes[...])["nodes"]?.array)
    #expect(nodes.count == tree.nodes.count)
    for (stored, node) in zip(nodes, tree.nodes) {
      #expect(stored["size"]?.integer == node.size && stored["parent"]?.integer == node.parent)
      #expect(stored["eigenvalue"]?.double == node.eigenvalue && stored["ncut"]?.double == node.normalizedCutValue)
      #expect(stored["accepted"] == JSON.bool(node.normalizedCutValue < 0.4))
    }
    #expect(tree.nodes.first?.parent == nil)
    for (index, node) in tree.nodes.enumerated().dropFirst() {
      let parent = tree.nodes[try #require(node.parent)]
      #expect(parent.high == index || parent.low == index)
    }
  }

  /// A node and a zero vector: the second vector is zero on both, every threshold leaves a side empty, and NaN is no JSON.
  @Test func anEmptySideIsNull() throws {
    let image = Image(width: 2, height: 1, pixels: ContiguousArray(repeating: 0, count: 6))
    let nodes = try FeatureMap(grid: Grid(height: 1, width: 2), channels: 2, values: [1, 0, 0, 0])
    let segmentation = try Segmenter(encoder: FixedEncoder(nodes: nodes)).segment(image)
    let cuts = try #require(segmentation.partition.tree).nodes
    #expect(cuts.count == 1 && cuts.allSatisfy { $0.normalizedCutValue.isNaN })
    let result = SegmentedImage(name: "", image: image, segmentation: segmentation)
    let json = try JSON.parse(only(OutputFormat.tree.files(for: result)).bytes[...])
    #expect(json["nodes"]?.array?.compactMap { $0["ncut"] } == [JSON.null])
    #expect(json["nodes"]?.array?.compactMap { $0["accepted"] } == [JSON.bool(false)])
    #expect(try StoredTree(json).labels(tau: 2) == [0, 0])
  }

  @Test func aTreeWithoutStructureIsEmpty() throws {
    let json = try JSON.parse(only(OutputFormat.tree.files(for: flat())).bytes[...])
    #expect(json["nodes"]?.array?.isEmpty == true)
    #expect(Set(json["labels"]?.array?.compactMap(\.integer) ?? []) == [0])
  }

  // MARK: embeddings

  /// Row id − 1 is the mean over the nodes of the class that segment id shows.
  @Test func embeddingsAreMeansInTheOrderOfIds() throws {
    let result = try segmented()
    let (partition, map) = (try result.segmentation.partition, result.labelMap)
    let array = try NPY.parse(only(OutputFormat.embeddings.files(for: result)).bytes)
    #expect(try array.type == .float32 && array.shape == [result.segmentation.segmentCount, partition.channels])
    let rows = array.doubles()
    let classes = try result.segmentation.classes
    // The class of each pixel, assigned anew by all cells, is that of its id.
    let assigned = partition.labelMap(height: map.height, width: map.width)
    #expect(zip(map.labels, assigned.labels).allSatisfy { classes[Int($0) - 1] == Int($1) })
    for (row, label) in classes.enumerated() {
      let members = partition.labels.indices.filter { partition.labels[$0] == label }
      for c in 0..<partition.channels {
        let mean = members.reduce(0) { $0 + partition.unit[$1 * partition.channels + c] } / Double(members.count)
        #expect(abs(rows[row * partition.channels + c] - mean) <= 1e-7 * max(1, abs(mean)))
      }
    }
  }

  // MARK: features

  @Test func featuresAreTheEncoders() throws {
    let result = try segmented()
    let nodes = try BuiltInEncoder(size: 96).encode(result.image).nodes
    let folder = try TemporaryDirectory()
    let path = try folder.write(only(OutputFormat.features.files(for: result)).bytes, to: "f.safetensors")
    #expect(
      try SafetensorsFile(path: path).entries["features"]?.shape == [
        nodes.grid.height, nodes.grid.width, nodes.channels,
      ])
    let read = try EncodedImage(contentsOf: path)
    #expect(try read.nodes.values == nodes.values && read.graph == result.segmentation.partition.graph)
  }

  // MARK: heatmap

  /// Cosines 1, 1/2 and 0 over a black image: the colors' share is 176 of 256.
  @Test func theHeatmapShowsCosinesInColors() throws {
    let half = 0.75.squareRoot()
    let nodes = try FeatureMap(
      grid: Grid(height: 1, width: 3), channels: 2, values: [1, 0, 0.5, half, 0, 1])
    let image = Image(width: 90, height: 30, pixels: ContiguousArray(repeating: 0, count: 8100))
    let result = SegmentedImage(
      name: "", image: image, segmentation: try Segmenter(encoder: FixedEncoder(nodes: nodes)).segment(image))
    let options = OutputOptions.around(PixelPosition(x: 15, y: 15))
    let picture = try Image.decode(only(OutputFormat.heatmap.files(for: result, options: options)).bytes)
    func expected(_ index: Int) -> RGBColor {
      func share(_ byte: UInt8) -> UInt8 { UInt8((Int(byte) * 176) >> 8) }
      let color = ColorMap.sequential[index]
      return RGBColor(red: share(color.red), green: share(color.green), blue: share(color.blue))
    }
    #expect(picture[15, 2] == expected(255) && picture[15, 88] == expected(0))
    #expect(picture[15, 14] == expected(255))
    // Column 44 lies 1/60 left of the middle node's center, column 45 as much right of it.
    #expect(picture[0, 44] == expected(Int((0.5 + 0.5 / 60) * 255 + 0.5)))
    #expect(picture[0, 45] == expected(Int((0.5 - 0.5 / 60) * 255 + 0.5)))
    // The ring around the point.
    #expect(picture[15, 20] == RGBColor(red: 255, green: 255, blue: 255))
    #expect(picture[15, 21] == RGBColor(red: 0, green: 0, blue: 0))
  }

  @Test func theHeatmapLooksFromTheCenterByDefault() throws {
    let result = try segmented()
    let center = OutputOptions.around(PixelPosition(x: 300, y: 200))
    #expect(try OutputFormat.heatmap.files(for: result) == OutputFormat.heatmap.files(for: result, options: center))
  }

  @Test(arguments: [PixelPosition(x: 600, y: 0), PixelPosition(x: 0, y: 400), PixelPosition(x: -1, y: 5)])
  func aPointOutsideTheImageIsRefused(point: PixelPosition) throws {
    let result = try segmented()
    #expect(throws: OutputError.pointOutsideImage(point, width: 600, height: 400)) {
      try OutputFormat.heatmap.files(for: result, options: OutputOptions.around(point))
    }
  }

  @Test func aFlatImageIsAllAlike() throws {
    let picture = try Image.decode(only(OutputFormat.heatmap.files(for: flat())).bytes)
    #expect(picture[0, 0] == picture[19, 39])
  }

  // MARK: eigenvectors

  @Test(arguments: [(1, 1, 1), (2, 2, 1), (4, 2, 2), (5, 3, 2)])
  func eigenvectorsStandSideBySide(count: Int, columns: Int, rows: Int) throws {
    var options = OutputOptions()
    options.eigenvectorCount = count
    let picture = try Image.decode(only(OutputFormat.eigenvectors.files(for: segmented(), options: options)).bytes)
    // 600×400, reduced to 512 pixels.
    #expect(picture.width == columns * 512 + (columns - 1) * 8 && picture.height == rows * 341 + (rows - 1) * 8)
  }

  /// One pixel a node: nothing is interpolated.
  @Test func theirNumbersAreShownInColors() throws {
    var generator = SeededGenerator(seed: 8)
    let nodes = try FeatureMap(
      grid: Grid(height: 3, width: 5), channels: 4, values: ContiguousArray(generator.doubles(60)))
    let image = Image(width: 5, height: 3, pixels: ContiguousArray(repeating: 0, count: 45))
    let segmentation = try Segmenter(encoder: FixedEncoder(nodes: nodes)).segment(image)
    let result = SegmentedImage(name: "", image: image, segmentation: segmentation)
    var options = OutputOptions()
    options.eigenvectorCount = 2
    let picture = try Image.decode(only(OutputFormat.eigenvectors.files(for: result, options: options)).bytes)
    #expect(picture.width == 2 * 5 + 8 && picture.height == 3)
    for (position, vector) in try segmentation.partition.leadingEigenvectors(2).vectors.enumerated() {
      for node in 0..<15 {
        let color = ColorMap.diverging[Int((vector[node] + 1) / 2 * 255 + 0.5)]
        #expect(picture[node / 5, position * 13 + node % 5] == color, "vector \(position), node \(node)")
      }
    }
    #expect(picture[1, 8] == RGBColor(red: 255, green: 255, blue: 255))
  }

  @Test func eigenvectorsOfAFlatImageAreOnePictureOfZeros() throws {
    let picture = try Image.decode(only(OutputFormat.eigenvectors.files(for: flat())).bytes)
    #expect(picture.width == 40 && picture.height == 20)
    #expect(Set(picture.pixels).count <= 3 && picture[0, 0] == ColorMap.diverging[128])
  }
}

@Suite struct ColorMapTests {
  private func luma(_ color: RGBColor) -> Int { 299 * Int(color.red) + 587 * Int(color.green) + 114 * Int(color.blue) }

  @Test func theSequentialMapKeepsItsOrderInGray() {
    let colors = ColorMap.sequential
    #expect(colors.count == 256)
    // Eight-bit rounding may make neighbors equal in gray, not steps of four.
    for index in 4..<256 { #expect(luma(colors[index]) > luma(colors[index - 4])) }
    #expect(luma(colors[0]) < 40_000 && luma(colors[255]) > 215_000)
  }

  @Test func theDivergingMapIsLightInTheMiddle() {
    let colors = ColorMap.diverging
    #expect(colors.count == 256)
    for index in 132..<256 { #expect(luma(colors[index]) < luma(colors[index - 4])) }
    #expect(colors[0].blue > colors[0].red && colors[255].red > colors[255].blue)
    #expect(colors[127].red > 240 && colors[128].blue > 240)
  }
}

extension OutputOptions {
  fileprivate static func around(_ point: PixelPosition) -> OutputOptions {
    var options = OutputOptions()
    options.point = point
    return options
  }
}
