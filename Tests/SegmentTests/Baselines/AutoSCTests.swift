// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import TestSupport
import Testing

@Suite struct AutoSCTests {
  static let cases = [
    "coffee-32", "coffee-crop16", "chelsea-crop16", "astronaut-crop16", "rocket-crop16", "rocket-crop16-overwrite",
  ]

  @Test(arguments: cases, InstructionSet.supported)
  func labelsAreThoseOfTheReference(name: String, set: InstructionSet) throws {
    let golden = try BaselineFixture.file("autosc")
    let features = try BaselineFixture.features(String(name.split(separator: "-").prefix(2).joined(separator: "-")))
    let alphas = try Array(golden.doubles("\(name).alphas"))
    // The spectra are those of both forms; the largest case is computed once.
    for form in name == "coffee-32" ? [AutoSCForm.official] : AutoSCForm.allCases {
      let result = try AutoSC(exponents: alphas, form: form).cluster(
        unit: features.unitRows(), channels: features.channels, using: KernelTable.table(for: set))
      #expect(try result.labels == BaselineFixture.integers("\(name).\(form.rawValue)", in: golden))
      #expect(try result.gaps.map(\.index) == BaselineFixture.integers("\(name).places", in: golden))
      for (gap, expected) in try zip(result.gaps.map(\.gap), golden.doubles("\(name).gaps")) {
        #expect(abs(gap - expected) <= 1e-6 * expected)
      }
      let best = try golden.doubles("\(name).gaps").enumerated().max { $0.element < $1.element }?.offset ?? -1
      #expect(result.chosen?.exponent == alphas[best])
    }
  }

  /// The published list of exponents ends with the one that wins here; in this order another one is the last.
  @Test func theTwoFormsDifferWhereTheLastExponentDoesNotWin() throws {
    let features = try BaselineFixture.features("rocket-crop16")
    let labels = try AutoSCForm.allCases.map {
      try AutoSC(exponents: [15, 10, 5, 2], form: $0).partition(features).labels
    }
    #expect(labels[0] != labels[1])
    let usual = try AutoSCForm.allCases.map { try AutoSC(form: $0).partition(features).labels }
    #expect(usual[0] == usual[1] && usual[0] == labels[1])
  }

  /// Means 0, ½, 1 and 3: gaps 0, about 1, 1 and 2.
  @Test func theGapIsRelativeToTheMeanUpToItself() {
    let gap = AutoSC.Eigengap(of: [0, 1, 2, 9])
    #expect(gap.index == 3 && abs(gap.gap - 6 / 3.000001) < 1e-12)
    let first = AutoSC.Eigengap(of: [1, 1, 1])
    #expect(first.index == 0 && first.gap == 0)
  }

  @Test func clustersDoNotDependOnARotationOfTheVectors() throws {
    var generator = SeededGenerator(seed: 5)
    let (n, width) = (60, 3)
    // Three bundles of rows about the axes.
    var rows = ContiguousArray<Double>()
    for i in 0..<n {
      for k in 0..<width { rows.append((i % 3 == k ? 1 : 0) + Double(generator.next() % 1000) / 10000) }
    }
    let expected = try #require(AutoSC.clusters(of: rows, width: width))
    #expect(Set((0..<n).map { [$0 % 3, expected[$0]] }).count == 3)
    let (c, s) = (0.6, 0.8)
    var turned = rows
    for i in 0..<n {
      let (x, y) = (rows[i * 3], rows[i * 3 + 1])
      (turned[i * 3], turned[i * 3 + 1], turned[i * 3 + 2]) = (c * x - s * y, s * x + c * y, -rows[i * 3 + 2])
    }
    #expect(AutoSC.clusters(of: turned, width: width) == expected)
    rows[7] = .nan
    #expect(AutoSC.clusters(of: rows, width: width) == nil)
  }

  @Test(arguments: [Grid(height: 4, width: 4), Grid(height: 1, width: 1)])
  func constantFeaturesAreOneClass(grid: Grid) throws {
    let partition = try AutoSC().partition(BaselineFixture.constant(grid))
    #expect(partition.labels == [Int](repeating: 0, count: grid.count) && partition.classCount == 1)
  }

  @Test func smallGraphsAreSorted() throws {
    for side in 2...6 {
      let partition = try AutoSC().partition(BaselineFixture.halves(Grid(height: side, width: side), split: 1))
      #expect(Set(partition.labels) == Set(0..<partition.classCount))
    }
  }

  @Test func exponentsWithoutMeaningAreRefused() throws {
    let features = try BaselineFixture.halves(Grid(height: 2, width: 2), split: 1)
    #expect(throws: ClusteringError.noExponent) { try AutoSC(exponents: []).partition(features) }
    #expect(throws: ClusteringError.exponent(0)) { try AutoSC(exponents: [1, 0]).partition(features) }
    #expect(throws: ClusteringError.exponent(.infinity)) { try AutoSC(exponents: [.infinity]).partition(features) }
  }
}
