// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The depth of the UNet that features are taken at, named by the grid's side for an image of 1024 pixels.
///
/// Each is the output of the last self-attention of a block on the way down, before it is added to the stream. The last
/// block with attention works at a 32nd of the image's side in SSD-1B, Segmind-Vega and Stable Diffusion 1.x alike, the
/// one before it at a 16th, where the published widths have 640 channels. Stable Diffusion 1.x attends at an 8th too,
/// which is no level here.
///
/// - Source: DiffCut, Table 3 and §3.1, where the last one is the method's own.
public enum FeatureLevel: String, CaseIterable, Sendable {
  /// The last block with attention, one vector for 32×32 pixels: what the paper uses.
  case coarse = "32"
  /// The block before it, one vector for 16×16 pixels.
  case fine = "64"
  /// Both on the finer grid, the coarse channels first.
  case both = "32+64"

  /// How many blocks each map lies before the last block with attention, in the order of channels.
  fileprivate var offsets: [Int] {
    switch self {
    case .coarse: [0]
    case .fine: [1]
    case .both: [0, 1]
    }
  }

  /// Blocks that nothing of this level depends on.
  fileprivate var unneededBlockCount: Int { offsets.min() ?? 0 }

  /// One map of features from those of all levels.
  ///
  /// Maps of unequal sides are brought to the finest by bilinear interpolation with half-pixel centers, as the paper's
  /// concept assignment upsamples, and then joined as the network leaves them, neither scaled nor normalized. The paper
  /// speaks of a concatenation and says no more, and the authors' published code has only the coarse level: grid and
  /// interpolation are this project's choice.
  ///
  /// - Parameter maps: of every block with attention up to the last one that is needed, [height, width, channels].
  /// - Returns: [height, width, Σ channels].
  package func joined(_ maps: [Tensor]) -> Tensor {
    let parts = selected(maps)
    let height = parts.map { $0.shape[0] }.max() ?? 0
    let width = parts.map { $0.shape[1] }.max() ?? 0
    return Tensor(joiningChannels: parts.map { $0.resized(height: height, width: width) })
  }

  /// What belongs to this level, the coarse block's first.
  ///
  /// - Parameter all: one for every block with attention up to the last one that is needed.
  package func selected<Element>(_ all: [Element]) -> [Element] {
    offsets.map { all[all.count - 1 + unneededBlockCount - $0] }
  }
}

extension ModelConfiguration {
  /// The part of the model that features of a level depend on: its UNet ends at the last hook that the level needs.
  ///
  /// - Throws: `DiffusionError.noLevel` when a block that the level calls for has no attention.
  package func ending(at level: FeatureLevel) throws(DiffusionError) -> ModelConfiguration {
    let blocks = unet.blocks
    let isThere = level.offsets.allSatisfy { offset in
      offset < blocks.count && !blocks[blocks.count - 1 - offset].transformerDepths.isEmpty
    }
    guard isThere else { throw .noLevel(level) }
    var result = self
    result.unet.blocks.removeLast(level.unneededBlockCount)
    return result
  }

  /// Pixels along one side of a cell of a level's grid, of the finer one where it has two.
  package func pixelsPerFeature(of level: FeatureLevel) -> Int { pixelsPerFeature >> (level.offsets.max() ?? 0) }

  /// The blocks of a whole UNet whose last self-attention a level takes.
  func blocks(of level: FeatureLevel) -> Set<Int> { Set(level.offsets.map { unet.blocks.count - 1 - $0 }) }
}
