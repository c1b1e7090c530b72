// SPDX-License-Identifier: Apache-2.0

extension JPEGImage {
  /// Reads a baseline, extended sequential or progressive file with Huffman codes and samples of eight bits.
  ///
  /// Samples are those of libjpeg-turbo with its default settings, except that a progressive file without its last
  /// scans, though it has an EOI, is not smoothed. Damaged data are an error: nothing is filled in. What follows
  /// the last scan is not read, so that further images (MPO), trailing bytes and a missing EOI do no harm.
  public init(decoding bytes: [UInt8], limits: DecodingLimits = DecodingLimits()) throws(ImageError) {
    guard !bytes.isEmpty else { throw .emptyFile }
    let found = ImageFormat.sniff(bytes)
    guard found == .jpeg else { throw .unexpectedFormat(expected: .jpeg, found: found) }
    var decoder = JPEGDecoder(limits: limits)
    try decoder.readSegments(bytes)
    self = try decoder.image()
  }
}

/// What the segments read so far have told.
private struct JPEGDecoder {
  /// SOF, and what it makes room for.
  struct Picture {
    let frame: JPEGFrame
    var progression: JPEGProgression
    /// Quantization tables by component, taken at its first scan (B.2.4.1 lets them change afterwards).
    var divisors: [ContiguousArray<UInt16>?]
    /// One row of MCUs if a single scan holds everything, all rows otherwise.
    var coefficients: JPEGCoefficients
    var planes: JPEGPlanes

    init(_ frame: JPEGFrame) {
      let layout = JPEGBlockLayout(frame)
      self.frame = frame
      progression = JPEGProgression(componentCount: frame.components.count)
      divisors = Array(repeating: nil, count: frame.components.count)
      coefficients = JPEGCoefficients(layout)
      planes = JPEGPlanes(frame, layout)
    }
  }

  let limits: DecodingLimits
  var picture: Picture?
  var tables = JPEGTables()
  var scanCount = 0
  var hasJFIF = false
  var adobeTransform: UInt8?
  var orientation: Orientation?

  init(limits: DecodingLimits) { self.limits = limits }

  mutating func readSegments(_ bytes: [UInt8]) throws(ImageError) {
    var offset = 2
    while offset < bytes.count {
      let segment = try JPEGSegment(bytes, at: offset)
      offset = segment.data.upperBound
      switch segment.marker {
      case .startOfScan:
        offset = try readScan(segment, bytes)
        // Nothing can be added to a complete picture, so that the rest of the file does not matter.
        if picture?.progression.isComplete ?? false { return }
      case .endOfImage:
        guard picture != nil else { throw .jpeg(.missingSegment("SOF")) }
        guard scanCount > 0 else { throw .jpeg(.missingSegment("SOS")) }
        return
      case .startOfImage: throw segment.unexpected("twice")
      case .quantizationTables: try tables.readQuantization(segment, of: bytes)
      case .huffmanTables: try tables.readHuffman(segment, of: bytes)
      case .restartInterval: try tables.readRestartInterval(segment, of: bytes)
      case .jfif: if segment.data.count >= 14 && hasBytes("JFIF\0", bytes, segment) { hasJFIF = true }
      case .exif: readExif(segment, bytes)
      case .adobe:
        if segment.data.count >= 12 && hasBytes("Adobe", bytes, segment) {
          adobeTransform = bytes[segment.data.lowerBound + 11]
        }
      case let marker where marker.startsFrame:
        guard picture == nil else { throw segment.unexpected("more than once") }
        picture = Picture(try JPEGFrame(segment, of: bytes, limits: limits))
      default:
        if let unsupportedFeature = segment.marker.unsupportedFeature { throw segment.unsupported(unsupportedFeature) }
      }
    }
    guard picture != nil else { throw .jpeg(.missingSegment("SOF")) }
    guard scanCount > 0 else { throw .jpeg(.missingSegment("SOS")) }
    throw .jpeg(.missingScans)
  }

  private func hasBytes(_ text: StaticString, _ bytes: [UInt8], _ segment: JPEGSegment) -> Bool {
    bytes[segment.data].starts(with: text.description.utf8)
  }

  /// The first EXIF segment counts; what it holds beside the orientation, and damage in it, do not.
  private mutating func readExif(_ segment: JPEGSegment, _ bytes: [UInt8]) {
    guard orientation == nil, hasBytes("Exif\0", bytes, segment), segment.data.count > 6 else { return }
    orientation = Orientation(exif: Array(bytes[segment.data].dropFirst(6))) ?? .up
  }

  /// Decodes a scan and returns where its data end.
  private mutating func readScan(_ segment: JPEGSegment, _ bytes: [UInt8]) throws(ImageError) -> Int {
    guard var picture = picture.take() else { throw segment.unexpected("before SOF") }
    let frame = picture.frame
    let scan = try JPEGScan(segment, of: bytes, frame: frame)
    scanCount += 1
    guard scanCount <= limits.maximumScanCount else {
      throw .exceedsLimit(.scanCount, found: scanCount, limit: limits.maximumScanCount)
    }
    for member in scan.members where picture.divisors[member.component] == nil {
      let number = frame.components[member.component].quantizationTable
      guard let table = tables.quantization[number] else {
        throw .jpeg(.undefinedTable("quantization", number: number, scanOffset: scan.offset))
      }
      picture.divisors[member.component] = table
    }
    try picture.progression.advance(scan, segment)
    var decoder = try JPEGScanDecoder(
      scan, at: segment.data.upperBound, of: bytes, frame: frame, layout: picture.coefficients.layout, tables: tables)
    let isWhole = scan.kind == .sequential && scan.members.count == frame.components.count
    for row in 0..<frame.unitRows {
      let storedRow = isWhole ? 0 : row
      picture.coefficients.grow(toRows: storedRow + 1)
      try decoder.decode(row: row, of: bytes, into: &picture.coefficients, storedRow: storedRow)
      guard isWhole else { continue }
      picture.planes.append(
        row, of: picture.coefficients, storedRow: 0, divisors: picture.divisors.compactMap(\.self))
      picture.coefficients.clear()
    }
    self.picture = picture
    return decoder.endOffset
  }

  /// Transforms what has not been yet, brings components to one resolution and converts to RGB.
  mutating func image() throws(ImageError) -> JPEGImage {
    guard var picture = picture.take() else { throw .jpeg(.missingSegment("SOF")) }
    let frame = picture.frame
    for (index, component) in frame.components.enumerated() where !picture.progression.hasMean(of: index) {
      throw .jpeg(.missingComponent(Int(component.identifier)))
    }
    if picture.planes.planes[0].samples.isEmpty {
      for row in 0..<frame.unitRows {
        picture.planes.append(
          row, of: picture.coefficients, storedRow: row, divisors: picture.divisors.compactMap(\.self))
      }
    }
    let colorSpace = JPEGImage.ColorSpace(frame.components, hasJFIF: hasJFIF, adobeTransform: adobeTransform)
    let upsamplers = frame.components.map { JPEGUpsampler($0, in: frame) }
    var rows = upsamplers.map { _ in ContiguousArray<UInt8>(repeating: 0, count: frame.width + 2) }
    var pixels = ContiguousArray<UInt8>(repeating: 0, count: 3 * frame.width * frame.height)
    var span = pixels.mutableSpan
    for row in 0..<frame.height {
      for index in rows.indices {
        upsamplers[index].write(row: row, of: picture.planes.planes[index], into: &rows[index], width: frame.width)
      }
      JPEGColor.write(rows, colorSpace, into: &span, at: 3 * frame.width * row, width: frame.width)
    }
    return JPEGImage(
      width: frame.width, height: frame.height, colorSpace: colorSpace, isProgressive: frame.isProgressive,
      orientation: orientation ?? .up, pixels: pixels)
  }
}
