// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#elseif canImport(Glibc)
  import Glibc
#endif

/// The bytes of a file, mapped read-only for as long as this object lives.
package final class MappedFile: @unchecked Sendable {
  package let path: String
  package let count: Int
  private let base: UnsafeRawPointer?
  /// Kept open for `checkUnchanged`: the path may lead to another file by then.
  private let descriptor: Int32
  private let version: FileVersion
  private let entry: PathRegistry.Entry?

  /// Maps a regular file.
  ///
  /// - Throws: `FileError` when the file cannot be opened, is no regular file, or cannot be mapped.
  package init(path: String) throws(FileError) {
    // Opening a pipe waits for its writer unless told not to; for regular files the flag means nothing.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .lastSystemError("open", path) }
    do throws(FileError) {
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { throw FileError.lastSystemError("read", path) }
      guard status.st_mode & S_IFMT == S_IFREG else { throw FileError.notAFile(path: path) }
      let size = Int(status.st_size)
      self.path = path
      self.descriptor = descriptor
      version = FileVersion(status)
      count = size
      guard size > 0 else {
        (base, entry) = (nil, nil)
        return
      }
      guard let map = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), map != MAP_FAILED else {
        throw FileError.lastSystemError("map", path)
      }
      let start = UInt(bitPattern: map)
      entry = Self.mappings.insert(path, addresses: start..<start + UInt(size))
      base = UnsafeRawPointer(map)
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit {
    if let base { munmap(UnsafeMutableRawPointer(mutating: base), count) }
    if let entry { Self.mappings.remove(entry) }
    close(descriptor)
  }

  /// Checks that the file is the one that was mapped. To be called after the last read: bytes behind the end of a file that
  /// has become shorter read as zeros, up to the end of their page, and those of one that is written to are of either version.
  ///
  /// - Throws: `FileError.changed`.
  package func checkUnchanged() throws(FileError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .lastSystemError("read", path) }
    guard FileVersion(status) == version else { throw .changed(path: path) }
  }

  /// Lends the bytes.
  package func withBytes<Result, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withExtendedLifetime(self) { file throws(Failure) in
      try body(Span(_unsafeElements: file.bytes.assumingMemoryBound(to: UInt8.self)))
    }
  }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  /// Tells the system that a part has been used: its pages are given back now and read again if asked for. Without this a
  /// process that has copied its weights counts them twice.
  func discard(_ range: Range<Int>) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let first = (range.lowerBound + page - 1) / page * page
    let length = range.upperBound / page * page - first
    guard let base, length > 0 else { return }
    madvise(UnsafeMutableRawPointer(mutating: base + first), length, MADV_DONTNEED)
  }

  /// Tells the system that a part is about to be read: its pages are mapped in one go, not in a fault for every few of them.
  func populate(_ range: Range<Int>) {
    #if os(Linux)
      let page = Int(sysconf(Int32(_SC_PAGESIZE)))
      let first = range.lowerBound / page * page
      guard let base, range.upperBound > first else { return }
      // MADV_POPULATE_READ, since Linux 5.14; where it is unknown the pages come one by one.
      madvise(UnsafeMutableRawPointer(mutating: base + first), range.upperBound - first, 22)
    #endif
  }

  /// Up to `count` bytes from the beginning of a regular file.
  package static func prefix(of path: String, count: Int) throws(FileError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .lastSystemError("open", path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .lastSystemError("read", path) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path: path) }
    var result = [UInt8](repeating: 0, count: min(count, Int(status.st_size)))
    var done = 0
    while done < result.count {
      let got = result.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + done, $0.count - done) }
      if got == 0 { break }
      if got < 0 {
        if errno == EINTR { continue }
        throw .lastSystemError("read", path)
      }
      done += got
    }
    return Array(result[..<done])
  }

  /// 2 GiB: more than the largest image the decoders take has raw.
  package static let maximumContents = 1 << 31

  /// The whole of a file, pipe or device ("-" is standard input) as an array; for what cannot be mapped or is small.
  ///
  /// - Parameters:
  ///   - path: of the file.
  ///   - limit: bytes above which the file is refused before they are read.
  ///   - timeout: seconds in which somebody has to open a named pipe for writing; the bytes may take their time.
  package static func contents(
    of path: String, limit: Int = maximumContents, timeout: Double = 10
  ) throws(FileError) -> [UInt8] {
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .lastSystemError("open", path) }
    defer { if path != "-" { close(descriptor) } }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .lastSystemError("read", path) }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw .notAFile(path: path) }
    var result: [UInt8] = []
    if status.st_mode & S_IFMT == S_IFREG {
      guard status.st_size <= limit else { throw .tooLarge(path: path, limit: limit) }
      result.reserveCapacity(Int(status.st_size))
    }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    if path != "-" {
      if status.st_mode & S_IFMT == S_IFIFO { result = try waitForWriter(descriptor, path, timeout) }
      // Reading waits from here on.
      guard fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK) >= 0 else {
        throw .lastSystemError("read", path)
      }
    }
    while true {
      let got = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if got == 0 { return result }
      if got < 0 {
        if errno == EINTR { continue }
        throw .lastSystemError("read", path)
      }
      guard result.count + got <= limit else { throw .tooLarge(path: path, limit: limit) }
      result.append(contentsOf: buffer[0..<got])
    }
  }
}

/// What changes with a file's content.
private struct FileVersion: Equatable {
  let size: Int
  let seconds: Int
  let nanoseconds: Int

  init(_ status: stat) {
    #if canImport(Darwin)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    (size, seconds, nanoseconds) = (Int(status.st_size), Int(time.tv_sec), Int(time.tv_nsec))
  }
}

extension MappedFile {
  /// Waits until somebody has opened a pipe for writing.
  ///
  /// - Parameter descriptor: does not block.
  /// - Returns: the first bytes, if there are any already.
  private static func waitForWriter(
    _ descriptor: Int32, _ path: String, _ timeout: Double
  ) throws(FileError) -> [UInt8] {
    let deadline = Platform.monotonicSeconds + timeout
    var buffer = [UInt8](repeating: 0, count: 1 << 12)
    while true {
      // Nothing is told at once while there is no writer, and that there is nothing yet once there is one.
      let got = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if got > 0 { return Array(buffer[..<got]) }
      if got < 0 {
        if errno == EAGAIN || errno == EWOULDBLOCK { return [] }
        guard errno == EINTR else { throw .lastSystemError("read", path) }
      }
      guard Platform.monotonicSeconds < deadline else { throw .noWriter(path: path) }
      usleep(5000)
    }
  }
}

extension FileError {
  /// Whether the reader of a pipe has gone away.
  package var isBrokenPipe: Bool { code == EPIPE }

  /// Whether the same call may succeed a little later: a stale handle of a network file system, a shortage of handles.
  package var isTemporary: Bool {
    guard let code else { return false }
    return [EAGAIN, EINTR, ESTALE, ETIMEDOUT, EMFILE, ENFILE, EBUSY].contains(code)
  }

  /// Whether the name is longer than the file system takes: a fault of one file and not of the disk.
  package var isNameTooLong: Bool { code == ENAMETOOLONG }

  /// The error of the system call that has just failed.
  static func lastSystemError(_ operation: String, _ path: String) -> FileError {
    let code = errno
    return .system(operation: operation, path: path, code: code, reason: Platform.describe(errno: code))
  }
}
