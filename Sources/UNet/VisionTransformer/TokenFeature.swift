// SPDX-License-Identifier: Apache-2.0

/// The source of a vision transformer's features.
public enum TokenFeature: String, CaseIterable, Sendable {
  /// The tokens after a block, normalized as after the last one: the features of the paper's figures 3, 4 and 10.
  case tokens
  /// The keys of a block's attention, the heads side by side: the features of MaskCut and TokenCut.
  case keys
  /// The queries of a block's attention.
  case queries
  /// The values of a block's attention.
  case values

  /// The input of the attention; nil for tokens.
  var projection: MultiHeadAttention.Projection? {
    switch self {
    case .tokens: nil
    case .keys: .keys
    case .queries: .queries
    case .values: .values
    }
  }
}
