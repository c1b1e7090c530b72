// SPDX-License-Identifier: Apache-2.0

/// A kind of file, recognized by its first bytes, that error messages name when they expected another kind.
public enum FileKind: String, CaseIterable, Sendable {
  case empty = "an empty file"
  case gitLFSPointer = "a Git LFS pointer"
  case webPage = "a web page"
  case svg = "an SVG drawing"
  case text = "text"
  case npy = "a NumPy .npy file"
  case npz = "an .npz archive"
  case safetensors = "a .safetensors file"
  case pickle = "a Python pickle"
  case hdf5 = "an HDF5 file"
  case gguf = "a GGUF file"
  case zip = "a zip archive"
  case gzip = "a gzip archive"
  case pdf = "a PDF document"
  case photoshop = "a Photoshop document"
  case jpegXL = "a JPEG XL image"
  case jpeg2000 = "a JPEG 2000 image"
  case image = "an image"
  case video = "a video"

  /// Recognizes the kind of a file, or returns nil.
  ///
  /// - Parameter start: the first bytes of the file: 64 identify every kind, eight every kind but `.npz` among zip archives.
  package static func recognize(_ start: [UInt8]) -> FileKind? {
    if start.isEmpty { return .empty }
    // The length of the header, little-endian and below 2²⁷, then JSON.
    if start.count > 8, start[8] == UInt8(ascii: "{"), start[4..<8].allSatisfy({ $0 == 0 }), start[3] < 8 {
      return .safetensors
    }
    for (magic, offset, kind) in signatures
    where start.count >= offset + magic.count && start[offset..<offset + magic.count].elementsEqual(magic) {
      return kind
    }
    if start.starts(with: "PK".utf8) {
      // The names of the archive's first file: "arr_0.npy", or "archive/data.pkl" as torch.save writes it.
      if contains(start, ".npy") { return .npz }
      return contains(start, "/data.pkl") ? .pickle : .zip
    }
    if start.count >= 2, start[0] == 0x80, (2...5).contains(start[1]) { return .pickle }
    guard let text = text(start) else { return nil }
    let beginning = text.drop { $0.isWhitespace || $0 == "\u{feff}" }.lowercased()
    if beginning.hasPrefix("version ") { return .gitLFSPointer }
    if beginning.hasPrefix("<!doctyp") || beginning.hasPrefix("<html") || beginning.hasPrefix("<head") {
      return .webPage
    }
    return beginning.hasPrefix("<svg") || beginning.contains("<svg ") ? .svg : .text
  }

  /// The message for a file of the wrong kind: the reason and the remedy.
  ///
  /// - Parameters:
  ///   - kind: the kind that was recognized; nil for an unknown one.
  ///   - expected: what was expected, such as "a .npy file".
  ///   - remedy: what to do about a file of another kind.
  package static func mismatch(_ kind: FileKind?, expected: String, remedy: String) -> String {
    switch kind {
    case .empty: "the file is empty; write or download it again"
    case .gitLFSPointer: "the file is a Git LFS pointer, not the data; run 'git lfs pull' in its folder"
    case .webPage: "the file is a web page, not the data: its download failed; download it again"
    case .npz: ".npz archives are not supported; extract one array and pass the .npy"
    case .pickle: "Python pickles (.pt, .pth, .bin, .ckpt) are not supported; \(remedy)"
    case let kind?: "not \(expected) (looks like \(kind.rawValue)); \(remedy)"
    case nil: "not \(expected); \(remedy)"
    }
  }

  private static let signatures: [(magic: [UInt8], offset: Int, kind: FileKind)] = [
    ([0x93] + "NUMPY".utf8, 0, .npy), (Array("GGUF".utf8), 0, .gguf), ([0x89] + "HDF".utf8, 0, .hdf5),
    ([0x1F, 0x8B], 0, .gzip), (Array("%PDF".utf8), 0, .pdf), (Array("8BPS".utf8), 0, .photoshop),
    ([0, 0, 0, 0x0C] + "JXL ".utf8, 0, .jpegXL), ([0xFF, 0x0A], 0, .jpegXL),
    ([0, 0, 0, 0x0C] + "jP  ".utf8, 0, .jpeg2000), ([0xFF, 0x4F, 0xFF, 0x51], 0, .jpeg2000),
    ([0x89] + "PNG".utf8, 0, .image), ([0xFF, 0xD8, 0xFF], 0, .image), (Array("GIF8".utf8), 0, .image),
    (Array("WEBP".utf8), 8, .image), ([0x49, 0x49, 0x2A, 0x00], 0, .image), ([0x4D, 0x4D, 0x00, 0x2A], 0, .image),
    (Array("ftyphei".utf8), 4, .image), (Array("ftyphev".utf8), 4, .image), (Array("ftypmif".utf8), 4, .image),
    (Array("ftypavif".utf8), 4, .image), (Array("ftyp".utf8), 4, .video),
    ([0x1A, 0x45, 0xDF, 0xA3], 0, .video), (Array("AVI ".utf8), 8, .video),
  ]

  private static func contains(_ bytes: [UInt8], _ text: StaticString) -> Bool {
    let pattern = Array("\(text)".utf8)
    guard bytes.count >= pattern.count else { return false }
    return (0...bytes.count - pattern.count).contains { bytes[$0..<$0 + pattern.count].elementsEqual(pattern) }
  }

  /// The bytes as text; nil for bytes that are not UTF-8 or hold control characters. The last character may be cut.
  private static func text(_ bytes: [UInt8]) -> String? {
    guard !bytes.isEmpty, bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || (9...13).contains($0) }) else { return nil }
    for cut in 0...min(3, bytes.count - 1) {
      if let text = String(validating: bytes.dropLast(cut), as: UTF8.self) { return text }
    }
    return nil
  }
}
