// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The multiply-accumulates of a stage, by kind.
///
/// Sums count as they are written, whatever computes them: every tap of a convolution, every score of an attention, masked
/// ones too. Normalizations and activations do not count.
public struct StageWork: Equatable, Sendable {
  /// The stage's name, under which `FeatureEncoder` reports it.
  public let stage: String
  /// 3×3 convolutions.
  public var convolution = 0
  /// The products of those convolutions as they are executed: those of whole Winograd tiles, F(4×4, 3×3) or F(6×6, 3×3), also
  /// with stride 2, where the filtering pays. Its transforms do not count.
  public var executedConvolution = 0
  /// Linear layers and 1×1 convolutions.
  public var linear = 0
  /// Q·Kᵀ and P·V.
  public var attention = 0

  public init(_ stage: String) { self.stage = stage }

  /// Counts the multiply-accumulates of the modules of a stage.
  init(_ stage: String, _ count: (inout StageWork) -> Void) {
    self.init(stage)
    count(&self)
  }

  /// The multiply-accumulates of the sums as they are written.
  public var total: Int { convolution + linear + attention }

  /// The multiply-accumulates as they are executed, which bound the stage's time in single precision.
  public var bound: Int { executedConvolution + linear + attention }
}
