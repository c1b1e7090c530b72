// SPDX-License-Identifier: Apache-2.0
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Files below `fixtures`, found from the place of this source file.
public enum ImageFixture {
  /// The file's bytes, or an empty array, which no test accepts, if it cannot be read.
  public static func bytes(_ path: String) -> [UInt8] {
    guard let file = fopen(root + path, "rb") else { return [] }
    defer { fclose(file) }
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { result += buffer[..<count] }
    return result
  }

  /// The fields of each line of a text file.
  public static func lines(_ path: String) -> [[String]] {
    String(decoding: bytes(path), as: UTF8.self).split(separator: "\n").map { line in
      line.split(separator: " ").map(String.init)
    }
  }

  private static let root: String = {
    let components = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return components.dropLast(3).joined(separator: "/") + "/fixtures/"
  }()
}

/// SplitMix64: the same sequence on every platform (Steele, Lea and Flood, OOPSLA 2014).
public struct ImageFixtureGenerator: RandomNumberGenerator {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
