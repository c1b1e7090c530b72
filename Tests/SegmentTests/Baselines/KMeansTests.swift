// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import TestSupport
import Testing

@Suite struct KMeansTests {
  @Test(arguments: [2, 6, 15], InstructionSet.supported)
  func labelsAreThoseOfTheReference(count: Int, set: InstructionSet) throws {
    let golden = try BaselineFixture.file("coffee-16")
    let features = try BaselineFixture.features("coffee-16")
    let unit = features.unitRows()
    let start = KMeans.farthestPointStart(of: unit, dimension: features.channels, count: count)
    #expect(try start == Array(BaselineFixture.integers("start", in: golden).prefix(count)))
    let labels = KMeans.labels(
      of: unit, dimension: features.channels, start: start, using: KernelTable.table(for: set))
    #expect(try labels == BaselineFixture.integers("kmeans.\(count)", in: golden))
  }

  @Test func clustersOfAPartitionAreNumberedByTheirFirstCenters() throws {
    let partition = try KMeans(count: 6).partition(BaselineFixture.features("coffee-16"))
    #expect(try partition.labels == BaselineFixture.integers("kmeans.6", in: BaselineFixture.file("coffee-16")))
    #expect(partition.classCount == 6 && partition.tree == nil)
  }

  /// On a line the start can be followed by hand: mean 3, so 10 is first, then 0, then 4.
  @Test func theStartIsTheFarthestPointEachTime() {
    let points: ContiguousArray<Double> = [0, 0, 1, 4, 10]
    #expect(KMeans.farthestPointStart(of: points, dimension: 1, count: 3) == [4, 0, 3])
    #expect(KMeans.labels(of: points, dimension: 1, start: [4, 0, 3]) == [1, 1, 1, 2, 0])
  }

  /// Any centers will do: the second takes no point, and so the one that is farthest from its own.
  @Test func centersNeedNotBePoints() {
    let points: ContiguousArray<Double> = [0, 1, 2, 10]
    #expect(KMeans.labels(of: points, dimension: 1, centers: [0.5, 50, 2.5]) == [0, 0, 2, 1])
  }

  @Test func moreClustersThanNodesAreAsManyAsNodes() throws {
    let values: ContiguousArray<Double> = [1, 0, 0, 1, -1, 0, 0, -1]
    let features = try FeatureMap(grid: Grid(height: 2, width: 2), channels: 2, values: values)
    let partition = try KMeans(count: 9).partition(features)
    #expect(partition.classCount == 4 && Set(partition.labels) == [0, 1, 2, 3])
  }

  /// Clusters beyond the distinct points have none; they leave no hole in the numbers.
  @Test(arguments: [1, 3, 16])
  func constantFeaturesAreOneCluster(count: Int) throws {
    let partition = try KMeans(count: count).partition(BaselineFixture.constant(Grid(height: 4, width: 4)))
    #expect(partition.labels == [Int](repeating: 0, count: 16) && partition.classCount == 1)
  }

  @Test func copiesOfTwoPointsAreTwoClusters() throws {
    let partition = try KMeans(count: 5).partition(BaselineFixture.halves(Grid(height: 3, width: 4), split: 1))
    #expect(partition.classCount == 2)
    #expect(partition.labels == (0..<12).map { $0 % 4 < 1 ? 0 : 1 })
  }

  @Test func oneNodeIsOneCluster() throws {
    let one = try BaselineFixture.constant(Grid(height: 1, width: 1))
    #expect(try KMeans(count: 4).partition(one).labels == [0])
  }

  @Test func noClustersAreRefused() throws {
    let features = try BaselineFixture.constant(Grid(height: 2, width: 2))
    #expect(throws: ClusteringError.count(0)) { try KMeans(count: 0).partition(features) }
  }
}
