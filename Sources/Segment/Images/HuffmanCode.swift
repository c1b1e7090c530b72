// SPDX-License-Identifier: Apache-2.0

/// A canonical, length-limited Huffman code for writing.
package struct HuffmanCode {
  /// Bits of each symbol, 0 if unused.
  package let lengths: [UInt8]

  /// The optimal code for these frequencies among those of at most `limit` bits.
  ///
  /// A code of fewer than two symbols gets unused ones added, since a decoder may insist on a complete code.
  package init(frequencies: [Int], limit: Int) {
    var leaves: [(weight: Int, symbol: Int)] = []
    for (symbol, weight) in frequencies.enumerated() where weight > 0 { leaves.append((weight, symbol)) }
    var lengths = [UInt8](repeating: 0, count: frequencies.count)
    if leaves.count < 2 {
      let used = leaves.first?.symbol ?? 0
      lengths[used] = 1
      lengths[used == 0 ? 1 : 0] = 1
    } else {
      leaves.sort { ($0.weight, $0.symbol) < ($1.weight, $1.symbol) }
      for (leaf, length) in zip(leaves, Self.packageMerge(leaves.map(\.weight), limit: limit)) {
        lengths[leaf.symbol] = length
      }
    }
    self.lengths = lengths
  }

  init(lengths: [UInt8]) { self.lengths = lengths }

  /// Code lengths for `weights` in ascending order.
  ///
  /// Level by level, coins of the level before are paired to packages and merged with one coin for each symbol. The
  /// 2n − 2 cheapest of the last level are taken; a package among them takes its two coins in the level before. How
  /// often the coin of a symbol is taken is its length. The taken coins of a level are always those of the lightest
  /// symbols, so that a count for each level is enough.
  ///
  /// - Source: Larmore and Hirschberg, "A fast algorithm for optimal length-limited Huffman codes", JACM 37 (1990).
  /// - Precondition: 2 ≤ n ≤ 2^limit.
  static func packageMerge(_ weights: [Int], limit: Int) -> [UInt8] {
    let symbolCount = weights.count
    let width = 2 * symbolCount - 2
    var isPackage = [Bool](repeating: false, count: limit * width)
    var previous = Array(weights.prefix(width))
    var merged: [Int] = []
    merged.reserveCapacity(width)
    for level in 1..<limit {
      merged.removeAll(keepingCapacity: true)
      var leaf = 0
      var pair = 0
      while merged.count < width {
        let package = pair + 1 < previous.count ? previous[pair] + previous[pair + 1] : Int.max
        if leaf < symbolCount && weights[leaf] <= package {
          merged.append(weights[leaf])
          leaf += 1
        } else if package < .max {
          isPackage[level * width + merged.count] = true
          merged.append(package)
          pair += 2
        } else {
          break
        }
      }
      swap(&previous, &merged)
    }

    var lengths = [UInt8](repeating: 0, count: symbolCount)
    var taken = width
    for level in (0..<limit).reversed() where taken > 0 {
      let packages = isPackage[level * width..<level * width + taken].count { $0 }
      for symbol in 0..<taken - packages { lengths[symbol] += 1 }
      taken = 2 * packages
    }
    return lengths
  }

  /// The codes, first bit lowest, for a writer that sends low bits first (RFC 1951, 3.1.1 and 3.2.2).
  var reversedCodes: [UInt16] {
    var next: UInt16 = 0
    var codes = [UInt16](repeating: 0, count: lengths.count)
    for length in 1...UInt8(15) {
      next <<= 1
      for symbol in lengths.indices where lengths[symbol] == length {
        var code = next
        var reversed: UInt16 = 0
        for _ in 0..<length {
          reversed = reversed << 1 | code & 1
          code >>= 1
        }
        codes[symbol] = reversed
        next &+= 1
      }
    }
    return codes
  }

  /// Σ frequency · length.
  func bitCount(_ frequencies: [Int]) -> Int {
    zip(frequencies, lengths).reduce(0) { $0 + $1.0 * Int($1.1) }
  }
}
