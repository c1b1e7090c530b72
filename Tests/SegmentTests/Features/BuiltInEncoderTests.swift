// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import TestSupport
import Testing

/// A solid or computed image.
private func image(_ width: Int, _ height: Int, _ pixel: (Int, Int) -> (UInt8, UInt8, UInt8)) -> Image {
  var pixels = ContiguousArray<UInt8>()
  for y in 0..<height {
    for x in 0..<width {
      let (r, g, b) = pixel(x, y)
      pixels += [r, g, b]
    }
  }
  return Image(width: width, height: height, pixels: pixels)
}

@Suite struct BuiltInEncoderTests {
  /// The NumPy form of the encoder, on photographs reduced, enlarged and degenerate.
  @Test(arguments: ["coffee", "chelsea-crop", "astronaut-small", "chelsea-band"])
  func featuresAreThoseOfTheReference(name: String) throws {
    let file = try SafetensorsFile(path: Fixture.path("encoder/\(name).safetensors"))
    var photograph = try Image.decode(Fixture.bytes("images/\(#require(file.metadata["image"]))"))
    let crop = try #require(file.metadata["crop"]).split(separator: ",").compactMap { Int($0) }
    if crop.count == 4 {
      let source = photograph
      photograph = image(crop[2], crop[3]) { x, y in
        let color = source[crop[1] + y, crop[0] + x]
        return (color.red, color.green, color.blue)
      }
    }
    let nodes = try BuiltInEncoder().encode(photograph).nodes
    #expect(nodes.grid.description == file.metadata["grid"])
    let expected = try file.doubles("features")
    // The golden is rounded to single precision, the linear system solved in another order.
    expectEqual(
      Array(nodes.values), Array(expected),
      within: .golden(relativeFrobenius: 1e-6, maximumAbsolute: 1e-6), name)
  }

  @Test(arguments: [1, 2, 3, 7, 100], [1, 2, 5, 64])
  func everySizeHasFeatures(width: Int, height: Int) throws {
    var generator = SeededGenerator(seed: UInt64(width * 1000 + height))
    let noise = image(width, height) { _, _ in
      (UInt8(truncatingIfNeeded: generator.next()), 9, UInt8(truncatingIfNeeded: generator.next()))
    }
    let result = try Segmenter().segment(noise)
    #expect(result.labelMap.width == width && result.labelMap.height == height)
    #expect(Set(result.labelMap.labels) == Set(1...Int32(result.segmentCount)))
  }

  @Test(arguments: [0, 128, 255] as [UInt8])
  func aConstantImageIsOneSegment(value: UInt8) throws {
    #expect(try Segmenter().segment(image(120, 80) { _, _ in (value, value, value) }).segmentCount == 1)
  }

  @Test func aGradualShadeIsOneSegment() throws {
    #expect(try Segmenter().segment(image(200, 100) { x, _ in (UInt8(100 + x / 10), 110, 120) }).segmentCount == 1)
  }

  @Test func twoColorsMeetAtTheirBorder() throws {
    let result = try Segmenter().segment(image(300, 200) { x, _ in x < 120 ? (200, 30, 30) : (30, 60, 200) })
    #expect(result.segmentCount == 2)
    // One working cell of four pixels either way.
    for y in 0..<200 {
      let row = result.labelMap.labels[y * 300..<(y + 1) * 300]
      let border = row.firstIndex { $0 != row.first }.map { $0 - y * 300 }
      #expect(abs((border ?? 0) - 120) <= 4)
    }
  }

  @Test func aSettingOfTheUserBeatsTheEncoders() throws {
    let photograph = try Image.decode(Fixture.bytes("images/coffee.png"))
    let whole = Segmenter(options: SegmentationOptions(tau: 0))
    let result = try whole.segment(photograph)
    #expect(result.segmentCount == 1)
    #expect(result.tree?.threshold == 0 && result.partition.graph == BuiltInEncoder().graph)
    let steep = try Segmenter(options: SegmentationOptions(alpha: 50)).segment(photograph)
    #expect(steep.tree?.threshold == BuiltInEncoder().defaultTau)
    #expect(steep.partition.graph == GraphOptions(alpha: 50, floor: 0.1, nodeStride: 3))
    // The features keep the encoder's.
    #expect(steep.partition.image.graph == BuiltInEncoder().graph)
  }

  @Test func sizeIsKeptInRange() {
    #expect(BuiltInEncoder(size: 1).size == 16)
    #expect(BuiltInEncoder(size: 1 << 20).size == 1024)
  }

  @Test func smallerSizesSeeLess() throws {
    let photograph = try Image.decode(Fixture.bytes("images/coffee.png"))
    let coarse = try BuiltInEncoder(size: 40).encode(photograph)
    let fine = try BuiltInEncoder(size: 500).encode(photograph)
    #expect(coarse.nodes.nodeCount < fine.nodes.nodeCount)
  }
}
