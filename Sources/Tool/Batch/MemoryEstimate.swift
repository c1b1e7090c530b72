// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// The most memory a run is going to hold, told before it begins.
///
/// The figures were measured with the largest resident set of whole processes (Batch.md has the table); estimates are above
/// them, by a tenth at the usual sizes.
struct MemoryEstimate {
  private let encoder: any EncoderSource
  /// Read once: it sums over all tensors of a model.
  private let memory: (base: Int, perPixel: Int)
  private let needsAttention: Bool
  private let refinement: Refinement?

  init(_ settings: RunSettings) {
    encoder = settings.encoder
    memory = encoder.memory
    needsAttention = settings.segmentation.clusterer.request.attention
    refinement = settings.segmentation.refinement
  }

  /// The bytes that are held whatever the images are.
  var base: Int { memory.base + attentionBytes }

  /// DiffSeg's maps: of all pairs of cells the weights in both precisions, the aggregate and its logarithms.
  private var attentionBytes: Int {
    guard needsAttention, let cells = encoder.attentionCells else { return 0 }
    return 30 * cells * cells
  }

  /// The bytes of a refinement of `pixels` pixels: four a pixel for the weight of each neighbor, and four a pixel for each mask
  /// before and after. 32 masks are refined at a time.
  private func refinementBytes(_ pixels: Int) -> Int {
    guard let refinement else { return 0 }
    let square = refinement.side.map { $0 * $0 } ?? pixels
    return square * 4 * (8 * refinement.method.dilations.count + 64)
  }

  /// The bytes that an image adds: its file, its pixels with labels and results (14.4 bytes a pixel with labels and overlay, up
  /// to 20 with turning and other formats), and a progressive JPEG's coefficients.
  func bytes(of header: ImageHeader, fileSize: Int) -> Int {
    guard let pixels = Self.pixels(of: header) else { return fileSize }
    return fileSize + pixels * (memory.perPixel + (header.isProgressive ? 6 : 0)) + refinementBytes(pixels)
  }

  /// Refuses a picture by its header that the machine has no memory for: asked for it, the system would end the process. What a
  /// command holds of a picture is at least its file, its pixels and a label for each.
  ///
  /// - Throws: `ToolError` with exit code 6.
  static func check(_ bytes: [UInt8], named name: String) throws(ToolError) {
    guard let header = ImageHeader(bytes), let pixels = pixels(of: header),
      let excess = excess(of: header, needing: bytes.count + 20 * pixels)
    else { return }
    throw ToolError(.tooLittleMemory, "\(name): \(excess.demand); the machine has \(excess.supply) free")
  }

  /// What a picture would take and what there is, in words; nil where there is enough.
  static func excess(of header: ImageHeader, needing needed: Int) -> (demand: String, supply: String)? {
    guard let memory = Platform.memory, needed > memory else { return nil }
    return (
      "\(header.width)x\(header.height) pixels need about \(ByteCount.gigabytes(needed))", ByteCount.gigabytes(memory)
    )
  }

  /// Nil for more than are decoded.
  private static func pixels(of header: ImageHeader) -> Int? {
    let (pixels, overflows) = header.width.multipliedReportingOverflow(by: header.height)
    return !overflows && pixels <= DecodingLimits().maximumPixelCount ? pixels : nil
  }

  /// Refuses a run that would not fit.
  ///
  /// - Parameter limitText: the limit as it was written.
  /// - Throws: `ToolError` with exit code 6.
  func check(_ inputs: some Collection<BatchInput>, limit: Int, limitText: String) throws(ToolError) {
    var largest: (bytes: Int, input: BatchInput, header: ImageHeader)?
    for input in inputs where input.path != "-" {
      guard let size = Directory.fileSize(of: input.path), let header = Self.header(input.path) else { continue }
      let bytes = bytes(of: header, fileSize: size)
      if bytes > largest?.bytes ?? 0 { largest = (bytes, input, header) }
    }
    let base = base
    let needed = base + (largest?.bytes ?? 0)
    guard needed > limit else { return }
    var message = "need about \(ByteCount.gigabytes(needed)) for --size \(encoder.sizeText)"
    if let largest { message += " and '\(largest.input.path)' (\(largest.header.width)x\(largest.header.height))" }
    // What there is to gain by a smaller size; an image cannot be made to need less.
    let hint =
      base > limit / 2 && max(encoder.size.height, encoder.size.width) > 512
      ? "use a smaller --size; 512 keeps a quarter of the grid" : nil
    throw ToolError(.tooLittleMemory, message + "; the limit is \(limitText)", hint: hint)
  }

  private static func header(_ path: String) -> ImageHeader? {
    guard let prefix = try? MappedFile.prefix(of: path, count: ImageHeader.usualByteCount) else { return nil }
    if let header = ImageHeader(prefix) { return header }
    // Thumbnails and profiles of more than the usual size come before it.
    guard ImageFormat.sniff(prefix) == .jpeg, prefix.count == ImageHeader.usualByteCount else { return nil }
    return (try? MappedFile.contents(of: path)).flatMap(ImageHeader.init)
  }
}
