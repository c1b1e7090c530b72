// SPDX-License-Identifier: Apache-2.0

import Tensor

/// The encoder that needs no weights: hand-written statistics of color and texture, smoothed within regions.
///
/// Image → Lab at about `size`² pixels → means over cells of 4 pixels (`LocalStatistics`) → diffusion that stops at edges
/// (`EdgeAwareDiffusion`), with a weak position → every third cell is a node of the graph; pixels are assigned by all
/// cells. It finds regions that look alike; it knows no objects. See <doc:BuiltIn>.
public struct BuiltInEncoder: FeatureEncoder {
  public let name = "built-in"
  public let defaultTau = 0.25
  /// Every third cell in both directions is a node. Without the floor an eighth of the nodes has an affinity that underflows
  /// at α = 30 and would be left out below the root.
  public let graph = GraphOptions(alpha: 30, floor: 0.1, nodeStride: 3)
  /// The image is reduced to at most size² pixels.
  public let size: Int

  /// Sides that `size` may take.
  public static let sizes = 16...1024

  /// Longest side after reduction: a band one pixel wide stays small.
  private static let maximumSide = 4096.0
  /// Cells are squares of up to this side, smaller in small images.
  private static let maximumCell = 4.0
  /// Cells a small image is divided into.
  private static let cellCount = 9600.0
  /// An image whose least similar nodes still have this cosine shows one thing.
  private static let flatCosine = 0.9

  /// - Parameter size: clamped to `sizes`.
  public init(size: Int = 393) { self.size = min(max(size, Self.sizes.lowerBound), Self.sizes.upperBound) }

  /// Returns the features of an image; it has no attention.
  ///
  /// - Throws: `FeatureError`, in practice never: the features of every image are finite.
  public func encode(_ image: Image, _ request: EncodingRequest, observer: StageObserver) throws -> EncodedImage {
    observer.begin(name)
    let (height, width) = workingSize(image)
    let cell = min(Self.maximumCell, max(1, (Double(height * width) / Self.cellCount).squareRoot()))
    let grid = Grid(
      height: Int((Double(height) / cell).rounded(.up)), width: Int((Double(width) / cell).rounded(.up)))
    let statistics = LocalStatistics(LabImage(image, height: height, width: width), grid: grid)
    let channels = LocalStatistics.channels + Self.positionChannels
    let features = EdgeAwareDiffusion(statistics).applied(to: appendingPosition(to: statistics), channels: channels)
    let cells = try FeatureMap(grid: grid, channels: channels, values: features)
    func encoded(_ features: FeatureMap) -> EncodedImage {
      EncodedImage(features, graph: graph, defaultTau: defaultTau, encoder: name)
    }
    let image = encoded(cells)
    return image.nodes.minimumCosine() > Self.flatCosine ? encoded(cells.uniform()) : image
  }

  private func workingSize(_ image: Image) -> (height: Int, width: Int) {
    let (h, w) = (Double(image.height), Double(image.width))
    let ratio = min(1, (Double(size * size) / (h * w)).squareRoot(), Self.maximumSide / max(h, w))
    func scaled(_ side: Double) -> Int { max(1, Int((side * ratio + 0.5).rounded(.down))) }
    return (scaled(h), scaled(w))
  }

  private static let positionChannels = 4

  /// Two quarter circles; the longer side spans a quarter turn, so the aspect is kept.
  private func appendingPosition(to statistics: LocalStatistics) -> ContiguousArray<Double> {
    let (grid, channels) = (statistics.grid, LocalStatistics.channels)
    let turn = Double.pi / 2 / Double(max(grid.height, grid.width))
    var values = ContiguousArray<Double>()
    values.reserveCapacity(grid.count * (channels + Self.positionChannels))
    for node in 0..<grid.count {
      values += statistics.values[node * channels..<(node + 1) * channels]
      for index in [node / grid.width, node % grid.width] {
        let angle = (Double(index) + 0.5) * turn
        values.append(Platform.cosine(angle))
        values.append(Platform.sine(angle))
      }
    }
    return values
  }
}

extension FeatureMap {
  /// The cosine of the two least similar cells.
  fileprivate func minimumCosine() -> Double {
    let unit = unitRows()
    var least = 1.0
    let rowsAtATime = 128 * channels
    for start in stride(from: 0, to: unit.count, by: rowsAtATime) {
      let end = min(unit.count, start + rowsAtATime)
      var products = ContiguousArray(repeating: 0.0, count: (end - start) / channels * (end / channels))
      var output = products.mutableSpan
      innerProducts(unit.span.extracting(start..<end), unit.span.extracting(0..<end), length: channels, into: &output)
      least = min(least, extent(products.span)?.minimum ?? 1)
    }
    return least
  }

  /// All cells alike.
  fileprivate func uniform() -> FeatureMap {
    FeatureMap(part: grid, channels: channels, values: ContiguousArray(repeating: 1, count: values.count))
  }
}
