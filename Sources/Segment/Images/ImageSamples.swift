// SPDX-License-Identifier: Apache-2.0

/// Samples as stored in a file: interleaved by pixel, row-major, not scaled.
public enum ImageSamples: Equatable, Sendable {
  /// For depths of up to 8 bits, one sample for each byte.
  case uint8(ContiguousArray<UInt8>)
  case uint16(ContiguousArray<UInt16>)

  public var count: Int {
    switch self {
    case .uint8(let values): values.count
    case .uint16(let values): values.count
    }
  }

  public subscript(index: Int) -> UInt16 {
    switch self {
    case .uint8(let values): UInt16(values[index])
    case .uint16(let values): values[index]
    }
  }

  /// Maps 0 ... `maximum` onto 0 ... 255, rounded to nearest with halves up: ⌊(255·v + ⌊maximum/2⌋) / maximum⌋, which
  /// is round(v/257) for 16 bits and exact for 1, 2, 4 and 8.
  static func scalingTable(maximum: Int) -> ContiguousArray<UInt8> {
    ContiguousArray((0...maximum).map { UInt8((255 * $0 + maximum / 2) / maximum) })
  }

  /// All samples scaled to eight bits.
  func scaled(maximum: Int) -> ContiguousArray<UInt8> {
    switch self {
    case .uint8(let values):
      if maximum == 255 { return values }
      let table = Self.scalingTable(maximum: maximum)
      return ContiguousArray(values.lazy.map { table[Int($0)] })
    case .uint16(let values):
      let table = Self.scalingTable(maximum: maximum)
      return ContiguousArray(values.lazy.map { table[Int($0)] })
    }
  }
}

/// Chooses `channels` of every pixel, in this order: [0, 0, 0] makes RGB of gray, [0, 1, 2] drops an alpha channel.
func selectingChannels(
  _ channels: [Int], of samples: ContiguousArray<UInt8>, channelCount: Int
) -> ContiguousArray<UInt8> {
  if channels.elementsEqual(0..<channelCount) { return samples }
  let pixelCount = samples.count / channelCount
  var result = ContiguousArray<UInt8>(repeating: 0, count: pixelCount * channels.count)
  for (target, source) in channels.enumerated() {
    var from = source
    for to in stride(from: target, to: result.count, by: channels.count) {
      result[to] = samples[from]
      from += channelCount
    }
  }
  return result
}
