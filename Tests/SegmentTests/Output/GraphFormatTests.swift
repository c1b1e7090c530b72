// SPDX-License-Identifier: Apache-2.0
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

/// Two nodes, of which one has no features.
private struct ZeroEncoder: FeatureEncoder {
  let name = "zero"
  let defaultTau = 2.0
  let defaultAlpha = 1.0
  let similarityFloor = 0.0

  func encode(_ image: Image) throws -> EncodedImage {
    EncodedImage(nodes: try FeatureMap(grid: Grid(height: 1, width: 2), channels: 2, values: [1, 0, 0, 0]))
  }
}

private func only(_ files: [ImageFile]) throws -> ImageFile {
  #expect(files.count == 1)
  return try #require(files.first)
}

@Suite struct GraphFormatTests {
  @Test(arguments: [OutputFormat.tree, .embeddings, .heatmap, .eigenvectors])
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
    #expect(json["labels"]?.array?.compactMap(\.integer) == result.segmentation.partition.labels)
    #expect(json["classes"]?.array?.count == result.segmentation.segmentCount)
    let tree = try StoredTree(json)
    // Beyond 64 cuts codes are longer than a word.
    #expect(result.segmentation.tree.acceptedCuts().count > 64)
    for tau in [0, 0.1, 0.2, 0.35, 0.6, 0.9] {
      let again = try segmented(tau: tau).segmentation.partition
      #expect(tree.labels(tau: tau) == again.labels, "τ \(tau)")
    }
  }

  @Test func everySubgraphIsInTheTree() throws {
    let tree = try segmented().segmentation.tree
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
    let segmentation = try Segmenter(encoder: ZeroEncoder()).segment(image)
    #expect(segmentation.tree.nodes.count == 1 && segmentation.tree.nodes.allSatisfy { $0.normalizedCutValue.isNaN })
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
    let (partition, map) = (result.segmentation.partition, result.segmentation.labelMap)
    let array = try NPY.parse(only(OutputFormat.embeddings.files(for: result)).bytes)
    #expect(array.type == .float32 && array.shape == [result.segmentation.segmentCount, partition.channels])
    let rows = array.doubles()
    let classes = result.segmentation.classes
    // The class of every pixel, assigned anew with the fine features, is that of its id.
    let fine = try BuiltInEncoder(size: 96).encode(result.image).fine
    let assigned = partition.labelMap(height: map.height, width: map.width, fine: fine)
    #expect(zip(map.labels, assigned.labels).allSatisfy { classes[Int($0) - 1] == Int($1) })
    for (row, label) in classes.enumerated() {
      let members = partition.labels.indices.filter { partition.labels[$0] == label }
      for c in 0..<partition.channels {
        let mean = members.reduce(0) { $0 + partition.unit[$1 * partition.channels + c] } / Double(members.count)
        #expect(abs(rows[row * partition.channels + c] - mean) <= 1e-7 * max(1, abs(mean)))
      }
    }
  }

  // MARK: heatmap

  @Test func theHeatmapIsBrightestWhereItLooksFrom() throws {
    let result = try segmented()
    let point = PixelPosition(x: 300, y: 150)
    let picture = try Image.decode(
      only(OutputFormat.heatmap.files(for: result, options: OutputOptions(point: point))).bytes)
    #expect(picture.width == 600 && picture.height == 400)
    let partition = result.segmentation.partition
    let node = 150 * partition.grid.height / 400 * partition.grid.width + 300 * partition.grid.width / 600
    let cosines = partition.cosines(ofNode: node)
    #expect(cosines.indices.max { cosines[$0] < cosines[$1] } == node)
    // Another place looks different.
    let other = try only(
      OutputFormat.heatmap.files(for: result, options: OutputOptions(point: PixelPosition(x: 3, y: 3))))
    #expect(other.bytes != picture.pixels.map { $0 } && other.bytes.count > 1000)
  }

  @Test func theHeatmapLooksFromTheCentreByDefault() throws {
    let result = try segmented()
    let centre = OutputOptions(point: PixelPosition(x: 300, y: 200))
    #expect(try OutputFormat.heatmap.files(for: result) == OutputFormat.heatmap.files(for: result, options: centre))
  }

  @Test(arguments: [PixelPosition(x: 600, y: 0), PixelPosition(x: 0, y: 400), PixelPosition(x: -1, y: 5)])
  func aPointOutsideTheImageIsRefused(point: PixelPosition) throws {
    let result = try segmented()
    #expect(throws: HeatmapError.outside(point, width: 600, height: 400)) {
      try OutputFormat.heatmap.files(for: result, options: OutputOptions(point: point))
    }
  }

  @Test func aFlatImageIsAllAlike() throws {
    let picture = try Image.decode(only(OutputFormat.heatmap.files(for: flat())).bytes)
    #expect(picture[0, 0] == picture[19, 39])
  }

  // MARK: eigenvectors

  @Test(arguments: [(1, 1, 1), (2, 2, 1), (4, 2, 2), (5, 3, 2)])
  func eigenvectorsStandSideBySide(count: Int, columns: Int, rows: Int) throws {
    let options = OutputOptions(eigenvectorCount: count)
    let picture = try Image.decode(only(OutputFormat.eigenvectors.files(for: segmented(), options: options)).bytes)
    // 600×400, reduced to 512 pixels.
    #expect(picture.width == columns * 512 + (columns - 1) * 8 && picture.height == rows * 341 + (rows - 1) * 8)
  }

  @Test func eigenvectorsOfAFlatImageAreOnePictureOfZeros() throws {
    let picture = try Image.decode(only(OutputFormat.eigenvectors.files(for: flat())).bytes)
    #expect(picture.width == 40 && picture.height == 20)
    #expect(Set(picture.pixels).count <= 3 && picture[0, 0] == ColorMap.diverging[128])
  }
}

@Suite struct ColorMapTests {
  private func luma(_ color: RGBColor) -> Int { 299 * Int(color.red) + 587 * Int(color.green) + 114 * Int(color.blue) }

  @Test func theSequentialMapKeepsItsOrderInGrey() {
    let colors = ColorMap.sequential
    #expect(colors.count == 256)
    // Eight-bit rounding may make neighbours equal in grey, not steps of four.
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
