// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import TestSupport
import Testing

/// A file of `fixtures/pamr`.
private struct RefinementGolden {
  let image: Tensor
  let labels: LabelMap
  let iterations: Int
  let dilations: [Int]
  /// [h, w], ranks before the median and after it.
  let argmax: [Int32]
  let refined: [Int32]
  /// Where the two largest masks are more than 1e-5 apart.
  let decided: [Bool]
  let file: SafetensorsFile

  init(_ name: String) throws {
    file = try SafetensorsFile(path: Fixture.path("pamr/\(name).safetensors"))
    let extents = try #require(file.entries["image"]?.shape)
    image = Tensor(Tensor.Shape(extents), values: try file.doubles("image").map(Float.init))
    let shape = try #require(file.entries["labels"]?.shape)
    labels = LabelMap(
      height: shape[0], width: shape[1], labels: ContiguousArray(try file.doubles("labels").map { Int32($0) }))
    iterations = try #require(file.metadata["iterations"].flatMap { Int($0) })
    dilations = try #require(file.metadata["dilations"]).split(separator: ",").compactMap { Int($0) }
    argmax = try file.doubles("argmax").map { Int32($0) }
    refined = try file.doubles("refined").map { Int32($0) }
    decided = try file.doubles("decided").map { $0 != 0 }
  }
}

@Suite struct GoldenRefinementTests {
  static let names = [
    "astronaut-sparse-ids", "chelsea-demo-96x144", "chelsea-eval", "coffee-eval", "flat", "one-label", "small-soft",
  ]

  @Test(arguments: names, InstructionSet.supported)
  func labelsAreThoseOfTheReference(name: String, set: InstructionSet) throws {
    let golden = try RefinementGolden(name)
    func refined(median: Bool) throws -> LabelMap {
      try golden.labels.refined(
        on: golden.image,
        using: PAMR(iterations: golden.iterations, dilations: golden.dilations, appliesMedian: median),
        kernels: .table(for: set))
    }
    let ranks = try refined(median: false)
    #expect(ranks.height == golden.image.shape[0] && ranks.width == golden.image.shape[1])
    #expect(ranks.labels.count == golden.argmax.count)
    #expect(golden.decided.count { $0 } > golden.argmax.count * 99 / 100)
    for (pixel, label) in golden.argmax.enumerated() where golden.decided[pixel] {
      #expect(ranks.labels[pixel] == label, "pixel \(pixel)")
    }
    let different = zip(try refined(median: true).labels, golden.refined).count { $0 != $1 }
    #expect(different * 1000 <= golden.refined.count)
  }

  @Test(arguments: ["flat", "small-soft"], InstructionSet.supported)
  func masksAndWeightsAreThoseOfTheReference(name: String, set: InstructionSet) throws {
    let golden = try RefinementGolden(name)
    let kernels = KernelTable.table(for: set)
    let affinity = LocalAffinity(golden.image, dilations: golden.dilations, using: kernels)
    expectEqual(
      affinity.planes.values, Array(try golden.file.doubles("affinity")),
      within: .golden(relativeFrobenius: 2e-6, maximumAbsolute: 2e-6), "\(set) \(name), weights")
    let (ranks, values) = golden.labels.ranked()
    let masks = affinity.averagedMasks(
      of: ranks.labels.span, size: (ranks.height, ranks.width), count: values.count, iterations: golden.iterations,
      using: kernels)
    expectEqual(
      masks.values, Array(try golden.file.doubles("soft")),
      within: .golden(relativeFrobenius: 5e-6, maximumAbsolute: 2e-5), "\(set) \(name), masks")
  }
}
