// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// The images in a folder, told by their content, in the order of their paths' bytes.
///
/// A file that is named like an image and is none is among them: it may have been one, and reading it tells what it is now.
/// Names that begin with a dot are passed over; links are followed, but not in circles.
struct FolderListing {
  /// Below the folder. What cannot be looked at is among them, so that reading it tells why.
  private(set) var images: [String] = []
  /// Files that are no images.
  private(set) var ignoredCount = 0
  private(set) var hasFolders = false

  /// How often a folder may be entered: links to links double the number of paths at each level.
  private static let linkLimit = 100

  /// - Parameters:
  ///   - excluded: `OutputFile.key` of a folder that is not entered: the one of the results.
  /// - Throws: when the folder itself cannot be read, and where links lead to one in more than a hundred ways.
  init(_ path: String, isRecursive: Bool, excluded: String?) throws(FileError) {
    // A stack and not a recursion: folders may be nested deeper than the stack has room for.
    var ways: [String: Int] = [:]
    var pending: [(directory: String, ancestors: [String])] = [("", [OutputFile.key(of: path)])]
    while let (directory, ancestors) = pending.popLast() {
      let names: [String]
      do {
        names = try Directory.names(in: directory.isEmpty ? path : "\(path)/\(directory)")
      } catch {
        if directory.isEmpty { throw error }
        images.append(directory)
        continue
      }
      // What a killed run has left unfinished begins like an image.
      for name in names where !name.hasPrefix(".") && OutputFile.target(ofUnfinished: name) == nil {
        let relative = directory.isEmpty ? name : "\(directory)/\(name)"
        let full = "\(path)/\(relative)"
        switch Directory.kind(of: full) {
        case .directory:
          hasFolders = true
          guard isRecursive else { continue }
          let key = OutputFile.key(of: full)
          guard key != excluded && !ancestors.contains(key) else { continue }
          ways[key, default: 0] += 1
          guard ways[key, default: 0] <= Self.linkLimit else { throw .tooManyLinks(path: full, limit: Self.linkLimit) }
          pending.append((relative, ancestors + [key]))
        case .file: look(at: full, relative)
        case .special: ignoredCount += 1
        case nil: images.append(relative)
        }
      }
    }
    images.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private mutating func look(at path: String, _ relative: String) {
    // Long enough for every format's magic number.
    guard let prefix = try? MappedFile.prefix(of: path, count: 16) else {
      images.append(relative)
      return
    }
    let name = relative.lowercased()
    if Self.isImage(prefix) || FileIndex.Kind.photographs.endings.contains(where: { name.hasSuffix($0) }) {
      images.append(relative)
    } else {
      ignoredCount += 1
    }
  }

  /// Stricter than `ImageFormat.sniff` where that takes two letters for a format: nobody named this file.
  private static func isImage(_ prefix: [UInt8]) -> Bool {
    switch ImageFormat.sniff(prefix) {
    case nil: false
    case .pnm:
      // White space, then a number, a comment or, in PAM, a word.
      prefix.count > 2 && (prefix[2] == 32 || (9...13).contains(prefix[2]))
        && prefix[2...].first { $0 != 32 && !(9...13).contains($0) }.map { next in
          next == UInt8(ascii: "#") || (prefix[1] == UInt8(ascii: "7")) != (48...57).contains(next)
        } ?? false
    // Four reserved bytes.
    case .bmp: prefix.count >= 10 && prefix[6..<10].allSatisfy { $0 == 0 }
    default: true
    }
  }
}
