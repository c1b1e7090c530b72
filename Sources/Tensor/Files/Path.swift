// SPDX-License-Identifier: Apache-2.0

/// Paths taken apart by their bytes, as the file system does it: in text a slash and an accent behind it are one character, and
/// no slash, so that "../" before an accent would be no step upwards.
package enum Path {
  private static let slash = UInt8(ascii: "/")

  /// What stands between slashes, without what is empty.
  package static func parts(_ path: String) -> [Substring] { path.utf8.split(separator: slash).map(Substring.init) }

  package static func hasSlash(_ path: String) -> Bool { path.utf8.contains(slash) }

  /// What stands before each slash, from the outermost folder on.
  package static func folders(of path: String) -> [String] {
    path.utf8.indices.filter { path.utf8[$0] == slash }.map { String(path[..<$0]) }
  }

  /// What stands before the last slash, "/" for the root; nil without a slash.
  package static func folder(of path: String) -> String? {
    path.utf8.lastIndex(of: slash).map { $0 == path.startIndex ? "/" : String(path[..<$0]) }
  }

  /// Where the last part begins.
  package static func nameStart(_ path: String) -> String.Index {
    path.utf8.lastIndex(of: slash).map { path.utf8.index(after: $0) } ?? path.startIndex
  }
}
