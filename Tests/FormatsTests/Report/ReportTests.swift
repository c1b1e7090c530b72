// SPDX-License-Identifier: Apache-2.0
import Foundation
import Formats
import Segment
import Tensor
import TestSupport
import Testing

/// The parts of a page between a start and an end.
private func pieces(_ page: String, from start: String, to end: String) -> [String] {
  page.components(separatedBy: start).dropFirst().map { $0.components(separatedBy: end)[0] }
}

private func doubles(_ base64: String) throws -> [Double] {
  let decoded = try #require(Data(base64Encoded: base64))
  let data = [UInt8](decoded)
  #expect(data.count % 8 == 0)
  return stride(from: 0, to: data.count, by: 8).map { start in
    Double(bitPattern: (0..<8).reduce(0) { $0 | UInt64(data[start + $1]) << UInt64(8 * $1) })
  }
}

/// Features with a few directions and noise.
private func features(_ grid: Grid, channels: Int, seed: UInt64 = 4) throws -> FeatureMap {
  var generator = SeededGenerator(seed: seed)
  var values = ContiguousArray(generator.doubles(grid.count * channels, magnitude: 0.5))
  for node in 0..<grid.count { values[node * channels + node * 4 / grid.count % channels] += 1 }
  return try FeatureMap(grid: grid, channels: channels, values: values)
}

private func image(width: Int, height: Int) -> Image {
  Image(
    width: width, height: height,
    pixels: ContiguousArray((0..<3 * width * height).map { UInt8(truncatingIfNeeded: $0 * 7) }))
}

private func report(
  _ features: FeatureMap, nodeStride: Int = 1, name: String = "photo", width: Int = 30, height: Int = 20,
  tau: Double = 1
) throws -> ReportImage {
  let encoded = EncodedImage(features, graph: GraphOptions(alpha: 3, nodeStride: nodeStride))
  return try ReportImage(
    name: name, image: image(width: width, height: height), partition: DiffCut(tau: tau).partition(encoded),
    tau: tau / 2, encoder: "test", eigenvectorCount: 3)
}

private func text(_ images: [ReportImage], title: String = "t") -> String {
  String(decoding: Report.page(images, title: title, generator: "diffcut test").joined(), as: UTF8.self)
}

private func records(_ page: String) throws -> [JSON] {
  try pieces(page, from: "class=\"record\">", to: "</script>").map { try JSON.parse(Array($0.utf8)[...]) }
}

private func numbers(_ page: String) throws -> [[Double]] {
  try pieces(page, from: "class=\"data\">", to: "</script>").map(doubles)
}

@Suite struct ReportTests {
  @Test func productsOfAllPairsAreStoredBitForBit() throws {
    let nodes = try features(Grid(height: 4, width: 5), channels: 16)
    let page = try text([report(nodes)])
    let record = try #require(records(page).first)
    #expect(record["store"]?.string == "products")
    let stored = try #require(numbers(page).first)
    let partition = try DiffCut(tau: 1, alpha: 3).partition(nodes)
    #expect(stored == (0..<20).flatMap { partition.cosines(ofNode: $0)[...$0] })
  }

  @Test func featuresAreStoredWhereNodesAreMany() throws {
    let nodes = try features(Grid(height: 30, width: 54), channels: 6)
    let page = try text([report(nodes, tau: 0.01)])
    #expect(try records(page).first?["store"]?.string == "features")
    #expect(try numbers(page).first == Array(nodes.unitRows()))
  }

  @Test func featuresOfFinerCellsAreStored() throws {
    let cells = try features(Grid(height: 5, width: 8), channels: 6)
    let nodes = EncodedImage(cells, graph: GraphOptions(nodeStride: 3)).nodes
    let finer = try text([report(cells, nodeStride: 3)])
    #expect(try records(finer).first?["store"]?.string == "features")
    #expect(try records(finer).first?["cells"]?.array?.compactMap(\.integer) == [5, 8])
    #expect(try records(finer).first?["grid"]?.array?.compactMap(\.integer) == [2, 3])
    #expect(try numbers(finer).first == Array(nodes.unitRows() + cells.unitRows()))
  }

  @Test func theStoredRecursionCutsAsTheTree() throws {
    let nodes = try features(Grid(height: 6, width: 7), channels: 6)
    let record = try #require(records(text([report(nodes)])).first)
    let tree = try StoredTree(record)
    for tau in [0, 0.3, 0.5, 0.77, 1] {
      #expect(tree.labels(tau: tau) == (try DiffCut(tau: tau, alpha: 3).partition(nodes).labels))
    }
    #expect(record["tau"]?.double == 1 && record["start"]?.double == 0.5 && record["alpha"]?.double == 3)
  }

  @Test func eigenvectorsAndPicturesAreInThePage() throws {
    let nodes = try features(Grid(height: 6, width: 7), channels: 6)
    let record = try #require(records(text([report(nodes, width: 1500, height: 750)])).first)
    let expected = try DiffCut(tau: 1, alpha: 3).partition(nodes).leadingEigenvectors(3)
    let stored = try #require(record["eigenvectors"]?.array)
    #expect(stored.compactMap { $0["value"]?.double } == expected.values)
    #expect(try stored.compactMap { try $0["vector"]?.string.map(doubles) } == expected.vectors)
    #expect(record["size"]?.array?.compactMap(\.integer) == [750, 1500])
    #expect(record["view"]?.array?.compactMap(\.integer) == [512, 1024])
    for (key, width) in [("photo", 1024), ("thumbnail", 96)] {
      let address = try #require(record[key]?.string)
      #expect(address.hasPrefix("data:image/png;base64,"))
      let bytes = try #require(Data(base64Encoded: String(address.dropFirst(22))))
      #expect(try Image.decode([UInt8](bytes)).width == width)
    }
  }

  /// A picture that is shown at its own size is not touched.
  @Test func smallPhotographsAreEmbeddedAsTheyAre() throws {
    let record = try #require(records(text([report(features(Grid(height: 3, width: 3), channels: 4))])).first)
    let address = try #require(record["photo"]?.string)
    let bytes = try #require(Data(base64Encoded: String(address.dropFirst(22))))
    #expect(try Image.decode([UInt8](bytes)) == image(width: 30, height: 20))
  }

  @Test func severalImagesAndNone() throws {
    let nodes = try features(Grid(height: 3, width: 3), channels: 4)
    let page = try text([report(nodes, name: "one"), report(nodes, name: "two")])
    #expect(try records(page).compactMap { $0["name"]?.string } == ["one", "two"])
    #expect(try numbers(page).count == 2)
    #expect(try records(text([])).isEmpty)
  }

  @Test func aGraphWithoutStructureIsReported() throws {
    let nodes = try FeatureMap(
      grid: Grid(height: 3, width: 4), channels: 2, values: ContiguousArray(repeating: 1, count: 24))
    let record = try #require(records(text([report(nodes)])).first)
    #expect(record["nodes"]?.array?.isEmpty == true && record["eigenvectors"]?.array?.isEmpty == true)
  }

  /// The page may be given to others and asks for nothing: its policy forbids what could be left in it by mistake.
  @Test func thePageLoadsNothing() throws {
    let page = try text([report(features(Grid(height: 3, width: 3), channels: 4))])
    #expect(page.hasPrefix("<!DOCTYPE html>"))
    #expect(
      page.contains(
        "content=\"default-src 'none'; img-src data:; style-src 'nonce-diffcut'; script-src 'nonce-diffcut';"))
    for address in ["http:", "https:", "url(", "@import", "<link", "<img", "<iframe", " src=", "fetch(", "import("] {
      #expect(!page.contains(address), "\(address)")
    }
    #expect(pieces(page, from: "<script nonce=\"diffcut\">", to: "</script>").count == 1)
    #expect(page.contains("<script nonce=\"diffcut\">\n\"use strict\";\n"))
  }

  @Test func namesCannotLeaveTheirElement() throws {
    let name = "</script><script>alert(1)</script><!--&\u{2028}\"'\n.png"
    let plain = try text([report(features(Grid(height: 3, width: 3), channels: 4), name: "photo")], title: "photo")
    let page = try text([report(features(Grid(height: 3, width: 3), channels: 4), name: name)], title: name)
    func count(_ tag: String, _ text: String) -> Int { text.components(separatedBy: tag).count }
    for tag in ["<script", "</script", "<!--"] { #expect(count(tag, page) == count(tag, plain), "\(tag)") }
    #expect(try records(page).first?["name"]?.string == name)
    #expect(
      page.contains(
        "<title>&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;!--&amp;\u{2028}&quot;&#39;\n.png</title>"))
  }
}
