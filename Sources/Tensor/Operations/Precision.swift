// SPDX-License-Identifier: Apache-2.0

/// What products of a network's layers are made of.
public enum Precision: String, CaseIterable, Sendable {
  /// Single precision throughout.
  case single
  /// 16-bit integers in groups of 32 that share a scale, where that is faster: the products of linear layers and of
  /// self-attention.
  ///
  /// - Numerics: an element is rounded to within 2⁻¹⁶ of its group's Euclidean norm, sums of a group are exact, and groups are added up
  ///   in single precision; see <doc:Numerics> for the bound. Numbers beyond 1.8e19 give NaN, groups whose squares vanish zeros.
  case fast
}

extension KernelTable {
  /// Matrix products in a precision. Without an instruction for pairs of integers single precision is faster.
  func gemm(_ precision: Precision) -> GEMMKernel<Float> {
    precision == .fast && instructionSet != .portable ? gemmIntegers : gemmFloat
  }
}
