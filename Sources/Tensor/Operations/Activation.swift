// SPDX-License-Identifier: Apache-2.0

/// A normalization folded into one factor and one addend for each channel, and the SiLU that may follow it.
package struct Activation: Sendable {
  /// [channels].
  package let factor: Tensor
  package let addend: Tensor
  package let appliesSiLU: Bool

  package init(factor: Tensor, addend: Tensor, appliesSiLU: Bool) {
    precondition(factor.shape.rank == 1 && factor.shape == addend.shape, "activation \(factor.shape), \(addend.shape)")
    (self.factor, self.addend, self.appliesSiLU) = (factor, addend, appliesSiLU)
  }

  /// f(factor · x + addend) of every row of `source` [rows, channels].
  func apply(
    to source: UnsafePointer<Float>, rows: Int, into target: UnsafeMutablePointer<Float>, using kernels: KernelTable
  ) {
    let (channels, perTask) = (factor.count, 64)
    Parallel.forEach((rows + perTask - 1) / perTask) { task in
      let first = task * perTask
      kernels.set.activate(
        source + first * channels, xStride: channels, pixels: min(perTask, rows - first), channels: channels,
        factor: factor.pointer, addend: addend.pointer, appliesSiLU: appliesSiLU, to: target + first * channels,
        yStride: channels)
    }
  }
}
