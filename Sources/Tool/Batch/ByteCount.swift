// SPDX-License-Identifier: Apache-2.0

/// Sizes of memory as people write them.
package enum ByteCount {
  /// "8G" and "8GiB" are 8 · 2³⁰ bytes, "8GB" is 8 · 10⁹; so for K, M and T.
  ///
  /// - Returns: nil for anything else, and for sizes that are not positive.
  package static func parse(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let number = Double(digits), let letter = text.dropFirst(digits.count).first?.uppercased() else { return nil }
    guard let power = ["K", "M", "G", "T"].firstIndex(of: letter) else { return nil }
    let base: Double
    switch text.dropFirst(digits.count + 1).uppercased() {
    case "", "IB": base = 1024
    case "B": base = 1000
    default: return nil
    }
    let bytes = (0...power).reduce(number) { product, _ in product * base }
    return bytes >= 1 && bytes < 1e18 ? Int(bytes) : nil
  }

  /// In 10⁹ bytes, rounded up: what is needed is not told too small.
  package static func gigabytes(_ bytes: Int) -> String { "\(fixed((Double(bytes) / 1e8).rounded(.up) / 10, 1)) GB" }
}
