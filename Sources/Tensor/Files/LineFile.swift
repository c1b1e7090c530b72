// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#elseif canImport(Glibc)
  import Glibc
#endif

/// A log that grows line by line: what has been appended is in the file whatever becomes of the process.
package final class LineFile {
  private let descriptor: Int32
  private let path: String

  /// Creates the file, or empties it.
  package init(path: String) throws(FileError) {
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o666)
    self.path = path
    guard descriptor >= 0 else { throw .lastSystemError("create", path) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Appends text that ends with a line feed, in one call where the system takes it whole.
  package func append(_ text: String) throws(FileError) {
    guard Array(text.utf8).withUnsafeBytes({ writeWhole($0, to: descriptor) }) else {
      throw .lastSystemError("write", path)
    }
  }
}
