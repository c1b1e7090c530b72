// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#elseif canImport(Glibc)
  import Glibc
#endif

/// Results are never seen half-written: bytes go to a temporary file beside the target, are flushed to the disk, and the
/// file is then renamed over the target. "-" is standard output.
package enum OutputFile {
  /// Writes `parts` one after the other as the whole content of `path`.
  package static func write(_ parts: [[UInt8]], to path: String) throws(FileError) {
    if path == "-" {
      for part in parts { try writeAll(part, to: STDOUT_FILENO, path: "standard output") }
      return
    }
    if isSpecial(path) {
      let descriptor = open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw .lastSystemError("open", path) }
      defer { close(descriptor) }
      for part in parts { try writeAll(part, to: descriptor, path: path) }
      return
    }
    let target = resolvingLink(path)
    let temporary = "\(target).\(getpid()).partial"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .lastSystemError("create", path) }
    do throws(FileError) {
      for part in parts { try writeAll(part, to: descriptor, path: path) }
      guard fsync(descriptor) == 0 else { throw .lastSystemError("write", path) }
    } catch {
      close(descriptor)
      unlink(temporary)
      throw error
    }
    guard close(descriptor) == 0 else {
      let failure = FileError.lastSystemError("write", path)
      unlink(temporary)
      throw failure
    }
    guard rename(temporary, target) == 0 else {
      let failure = FileError.lastSystemError("write", path)
      unlink(temporary)
      throw failure
    }
  }

  /// Creates a directory and its parents; an existing directory is no error.
  package static func createDirectory(_ path: String) throws(FileError) {
    var status = stat()
    if stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFDIR else {
        throw .system(
          operation: "create directory", path: path, code: ENOTDIR, reason: Platform.describe(errno: ENOTDIR))
      }
      return
    }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      try createDirectory(String(path[..<slash]))
    }
    if mkdir(path, 0o777) != 0 && errno != EEXIST { throw .lastSystemError("create directory", path) }
  }

  /// Whether the path exists and is a directory.
  package static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Devices and pipes (`/dev/null`, a FIFO) are written in place: renaming over them would replace them.
  private static func isSpecial(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    let kind = status.st_mode & S_IFMT
    return kind != S_IFREG && kind != S_IFDIR
  }

  /// The file behind a symbolic link, so that this file is replaced and not the link; other paths as they are.
  private static func resolvingLink(_ path: String) -> String {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK, let real = realpath(path, nil) else {
      return path
    }
    defer { free(real) }
    return String(cString: real)
  }

  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let wrote = bytes.withUnsafeBytes { posixWrite(descriptor, $0.baseAddress! + done, $0.count - done) }
      if wrote < 0 {
        if errno == EINTR { continue }
        throw .lastSystemError("write", path)
      }
      done += wrote
    }
  }
}

/// Text for standard output and standard error.
package enum Console {
  /// Writes to standard error; nothing can be done about a failure.
  package static func error(_ text: String) { _ = write(text, to: STDERR_FILENO) }

  /// Writes to standard output. False when the reader has gone away or the disk is full.
  package static func output(_ text: String) -> Bool { write(text, to: STDOUT_FILENO) }

  private static func write(_ text: String, to descriptor: Int32) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let wrote = posixWrite(descriptor, buffer.baseAddress! + done, buffer.count - done)
        if wrote < 0 {
          if errno == EINTR { continue }
          return false
        }
        done += wrote
      }
      return true
    }
  }
}

private func posixWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
