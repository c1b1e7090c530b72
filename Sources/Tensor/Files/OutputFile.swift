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
    try write(to: path) { sink throws(FileError) in
      for part in parts { try sink.append(part.span) }
    }
  }

  /// Writes what `body` appends as the whole content of `path`; for content that never is in memory as a whole.
  package static func write(
    to path: String, _ body: (_ sink: inout Sink) throws(FileError) -> Void
  ) throws(FileError) {
    if path == "-" {
      var sink = Sink(descriptor: STDOUT_FILENO, path: "standard output")
      try body(&sink)
      return
    }
    if isSpecial(path) {
      let descriptor = open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw .lastSystemError("open", path) }
      defer { close(descriptor) }
      var sink = Sink(descriptor: descriptor, path: path)
      try body(&sink)
      return
    }
    let target = resolvingLink(path)
    let (descriptor, temporary, entry) = try Interruption.begin { () throws(FileError) in
      try openTemporary(beside: target, for: path)
    }
    defer { Interruption.end(entry) }
    do throws(FileError) {
      do throws(FileError) {
        var sink = Sink(descriptor: descriptor, path: path)
        try body(&sink)
        guard fsync(descriptor) == 0 else { throw .lastSystemError("write", path) }
      } catch {
        close(descriptor)
        throw error
      }
      guard close(descriptor) == 0, rename(temporary, target) == 0 else { throw .lastSystemError("write", path) }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// A new file beside the target. A name that a killed process has left behind is passed over: in a container every
  /// process may have the same number.
  private static func openTemporary(
    beside target: String, for path: String
  ) throws(FileError) -> (descriptor: Int32, name: String) {
    for attempt in 0..<1000 {
      let name = "\(target).\(getpid()).\(attempt).partial"
      let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return (descriptor, name) }
      if errno != EEXIST { break }
    }
    throw .lastSystemError("create", path)
  }

  /// The file that an unfinished one, `NAME.PROCESS.ATTEMPT.partial`, was to become; nil for other names.
  package static func target(ofUnfinished name: String) -> String? {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count > 3, parts.last == "partial", parts.suffix(3).dropLast().allSatisfy({ Int($0) != nil }) else {
      return nil
    }
    return parts.dropLast(3).joined(separator: ".")
  }

  /// Whether two paths lead to one file: the same existing file, or the same name in one directory.
  package static func isSameFile(_ first: String, _ second: String) -> Bool {
    first != "-" && second != "-" && key(of: first) == key(of: second)
  }

  /// Equal for paths that lead to one file: device and inode, of the directory where the file is not there yet.
  package static func key(of path: String) -> String {
    if let file = identity(path) { return file }
    let name = path[Path.nameStart(path)...]
    return identity(Path.folder(of: path) ?? ".").map { "\($0)/\(name)" } ?? path
  }

  /// Device and inode; nil when there is no such file.
  private static func identity(_ path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return "\(status.st_dev):\(status.st_ino)"
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
    guard errno == ENOENT else { throw .lastSystemError("create directory", path) }
    // From the outermost on; a path may have more parts than the stack has room for.
    for folder in Path.folders(of: path) where !folder.isEmpty {
      if mkdir(folder, 0o777) != 0 && errno != EEXIST {
        throw .lastSystemError("create directory", path)
      }
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

  /// The file behind a symbolic link, so that this file is replaced and not the link; a link that leads nowhere, and
  /// other paths, as they are.
  private static func resolvingLink(_ path: String) -> String {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK, let real = realpath(path, nil) else {
      return path
    }
    defer { free(real) }
    return String(cString: real)
  }
}

/// An open file that grows at its end.
package struct Sink: ~Copyable {
  fileprivate let descriptor: Int32
  fileprivate let path: String
  /// Bytes appended so far.
  package private(set) var byteCount = 0

  fileprivate init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  /// Appends words as they lie in memory.
  package mutating func append<Word: FixedWidthInteger & BitwiseCopyable>(_ words: Span<Word>) throws(FileError) {
    let bytes = words.bytes
    guard bytes.withUnsafeBytes({ writeWhole($0, to: descriptor) }) else { throw .lastSystemError("write", path) }
    byteCount += bytes.byteCount
  }
}

/// Text for standard output and standard error.
package enum Console {
  /// Writes to standard error; nothing can be done about a failure.
  package static func error(_ text: String) {
    _ = Array(text.utf8).withUnsafeBytes { writeWhole($0, to: STDERR_FILENO) }
  }
}

/// Writes all bytes, in as many calls as the system wants; false when it fails, and `errno` tells why.
func writeWhole(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
  guard let base = bytes.baseAddress else { return true }
  var done = 0
  while done < bytes.count {
    let wrote = write(descriptor, base + done, bytes.count - done)
    if wrote >= 0 {
      done += wrote
    } else if errno != EINTR {
      return false
    }
  }
  return true
}
