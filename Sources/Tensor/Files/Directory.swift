// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#elseif canImport(Glibc)
  import Glibc
#endif

/// What lies at a path. Symbolic links are followed.
package enum Directory {
  /// The names in a directory, sorted, without "." and "..".
  package static func names(in path: String) throws(FileError) -> [String] {
    try names(in: path, limit: .max) ?? []
  }

  /// Returns the names in a directory, sorted, without "." and ".."; nil if there are more than `limit`.
  package static func names(in path: String, limit: Int) throws(FileError) -> [String]? {
    guard let stream = opendir(path) else { throw .lastSystemError("open directory", path) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      // The name lies inside the record, which may be shorter than the declared structure.
      let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
      let start = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
      let name = String(cString: start)
      if name == "." || name == ".." { continue }
      guard names.count < limit else { return nil }
      names.append(name)
    }
    return names.sorted()
  }

  package static func exists(_ path: String) -> Bool { OutputFile.isDirectory(path) }

  package enum Kind: Equatable, Sendable {
    case file, directory
    /// A pipe, a socket or a device.
    case special
  }

  /// What the path leads to; nil for nothing, as for a link whose target is gone.
  package static func kind(of path: String) -> Kind? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .directory
    default: return .special
    }
  }

  /// Bytes of a regular file; nil for anything else.
  package static func fileSize(of path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  /// Removes a file, if it is there.
  package static func removeFile(_ path: String) throws(FileError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw .lastSystemError("remove", path) }
  }

  /// Whether the path leads to a regular file.
  package static func hasFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}
