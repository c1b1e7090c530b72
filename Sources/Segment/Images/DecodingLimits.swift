// SPDX-License-Identifier: Apache-2.0

/// The limits that a decoder checks before it allocates memory.
///
/// Whatever the limits, memory grows with the data that has arrived and not with the size a header claims.
public struct DecodingLimits: Equatable, Sendable {
  /// A quantity with a limit.
  public enum Quantity: String, Sendable {
    case width, height
    case pixelCount = "pixel count"
    case chunkLength = "chunk length"
    case scanCount = "scan count"
  }

  public var maximumWidth: Int
  public var maximumHeight: Int
  public var maximumPixelCount: Int
  /// In bytes; the PNG specification itself (5.3) allows up to 2³¹ − 1.
  public var maximumChunkLength: Int
  /// Of a JPEG file. Each scan visits every block however few bytes it has; encoders make about ten.
  public var maximumScanCount: Int
  /// False skips the CRC-32 of chunks and the Adler-32 of compressed data, so that a fuzzer's mutations get past them.
  public var verifiesChecksums: Bool

  /// The default admits 2²⁸ pixels, which are 768 MiB of RGB.
  public init(
    maximumWidth: Int = 1 << 24, maximumHeight: Int = 1 << 24, maximumPixelCount: Int = 1 << 28,
    maximumChunkLength: Int = (1 << 31) - 1, maximumScanCount: Int = 500, verifiesChecksums: Bool = true
  ) {
    self.maximumWidth = maximumWidth
    self.maximumHeight = maximumHeight
    self.maximumPixelCount = maximumPixelCount
    self.maximumChunkLength = maximumChunkLength
    self.maximumScanCount = maximumScanCount
    self.verifiesChecksums = verifiesChecksums
  }

  /// No byte count of 2⁴⁸ pixels overflows, so that later arithmetic needs no checks whatever the limits are.
  private static let absolutePixelCount = 1 << 48

  /// Throws unless an image of this size is acceptable.
  package func check(width: Int, height: Int) throws(ImageError) {
    guard width > 0 && height > 0 else { throw .zeroSize(width: width, height: height) }
    guard width <= maximumWidth else { throw .exceedsLimit(.width, found: width, limit: maximumWidth) }
    guard height <= maximumHeight else { throw .exceedsLimit(.height, found: height, limit: maximumHeight) }
    let (pixelCount, overflows) = width.multipliedReportingOverflow(by: height)
    let limit = min(maximumPixelCount, Self.absolutePixelCount)
    guard !overflows && pixelCount <= limit else {
      throw .exceedsLimit(.pixelCount, found: overflows ? .max : pixelCount, limit: limit)
    }
  }
}
