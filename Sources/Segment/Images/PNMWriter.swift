// SPDX-License-Identifier: Apache-2.0

extension PNMImage {
  /// What a file can be written as.
  public enum Encoding: Sendable {
    /// Raw PBM, PGM or PPM (P4, P5, P6) by color type; has no alpha channel.
    case pnm
    /// PAM (P7).
    case pam
  }

  /// The bytes of a raw file.
  ///
  /// - Precondition: an image with alpha is written as PAM.
  public func encoded(as encoding: Encoding = .pnm) -> [UInt8] {
    switch encoding {
    case .pnm:
      precondition(!hasAlpha, "PNM has no alpha channel, write PAM")
      if colorType == .blackAndWhite { return Array("P4\n\(width) \(height)\n".utf8) + packedBits() }
      let type = colorType == .rgb ? "P6" : "P5"
      return Array("\(type)\n\(width) \(height)\n\(maximum)\n".utf8) + raster()
    case .pam:
      let tupleType = colorType.rawValue + (hasAlpha ? "_ALPHA" : "")
      let header = """
        P7
        WIDTH \(width)
        HEIGHT \(height)
        DEPTH \(channelCount)
        MAXVAL \(maximum)
        TUPLTYPE \(tupleType)
        ENDHDR

        """
      return Array(header.utf8) + raster()
    }
  }

  private func raster() -> [UInt8] {
    switch samples {
    case .uint8(let values): Array(values)
    case .uint16(let values): values.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    }
  }

  /// P4 stores black as 1; the bits that fill up a row are 0.
  private func packedBits() -> [UInt8] {
    guard case .uint8(let values) = samples else { preconditionFailure("black and white samples of 16 bits") }
    let inverted = ContiguousArray(values.lazy.map { 1 - $0 })
    return Array(PNGPacking.packedBits(inverted, bitDepth: 1, width: width, height: height))
  }
}
