// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization
import Tensor
import TestSupport
import Testing

@Suite struct FileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func missing(_ operation: String, _ path: String) -> FileError {
    .system(operation: operation, path: path, code: ENOENT, reason: Platform.describe(errno: ENOENT))
  }

  // Reading

  @Test func mappedBytes() throws {
    let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    let path = try directory.write(bytes, to: "data")
    let file = try MappedFile(path: path)
    #expect(file.count == bytes.count && file.path == path)
    #expect(file.withBytes { span in (0..<span.count).allSatisfy { span[$0] == bytes[$0] } })
    #expect(try MappedFile.contents(of: path) == bytes)
  }

  @Test func emptyFile() throws {
    let path = try directory.write([], to: "empty")
    let file = try MappedFile(path: path)
    #expect(file.count == 0 && file.withBytes { $0.count } == 0)
    #expect(try MappedFile.contents(of: path) == [])
  }

  @Test func whatIsNoFile() throws {
    #expect(throws: FileError.notAFile(path: directory.path)) { try MappedFile(path: directory.path) }
    #expect(throws: FileError.notAFile(path: directory.path)) { try MappedFile.contents(of: directory.path) }
    #expect(throws: FileError.notAFile(path: "/dev/null")) { try MappedFile(path: "/dev/null") }
    #expect(try MappedFile.contents(of: "/dev/null") == [])
    let path = directory.file("missing")
    #expect(throws: missing("open", path)) { try MappedFile(path: path) }
    #expect(throws: missing("open", path)) { try MappedFile.contents(of: path) }
    #expect("\(missing("open", path))" == "cannot open '\(path)': no such file or directory")
    #expect(missing("open", path).code == ENOENT && FileError.notAFile(path: "a").code == nil)
    #expect(
      "\(FileError.notAFile(path: "a"))" == "cannot read 'a': not a regular file; pass a file, not a folder or socket")
  }

  /// Opening a pipe that nobody writes to must not wait.
  @Test(.timeLimit(.minutes(1))) func pipe() {
    let path = directory.file("pipe")
    #expect(mkfifo(path, 0o600) == 0)
    #expect(throws: FileError.notAFile(path: path)) { try MappedFile(path: path) }
    #expect(throws: FileError.notAFile(path: path)) { try MappedFile.prefix(of: path, count: 16) }
    #expect(throws: FileError.noWriter(path: path)) { try MappedFile.contents(of: path, timeout: 0.1) }
    #expect(
      "\(FileError.noWriter(path: "a"))"
        == "cannot read 'a': no program writes to this named pipe; start the writer first")
  }

  /// Who writes may come late, and take time between two bytes.
  @Test(.timeLimit(.minutes(1))) func pipeWithAWriter() async throws {
    let path = directory.file("pipe")
    #expect(mkfifo(path, 0o600) == 0)
    let writer = Thread {
      usleep(50_000)
      let descriptor = open(path, O_WRONLY)
      for part in [[1, 2], [], [3]] as [[UInt8]] {
        usleep(100_000)
        _ = part.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      }
      close(descriptor)
    }
    writer.start()
    #expect(try MappedFile.contents(of: path) == [1, 2, 3])
  }

  @Test(arguments: ["", "\n", "a", "a\n", "\n\na\n\nbc", "a\nb\n\n"]) func linesAreThoseOfSplit(text: String) {
    let bytes = Array(text.utf8)
    let expected = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    #expect(Array(ByteLines(bytes)) == expected)
    #expect(Array(ByteLines(bytes, separator: 0)) == [bytes[...]])
  }

  /// What is behind the new end reads as zeros up to the end of the page, without any signal.
  @Test func aMappedFileThatChangesIsNoticed() throws {
    let path = try directory.write([1, 2, 3, 4], to: "weights")
    let file = try MappedFile(path: path)
    try file.checkUnchanged()
    #expect(truncate(path, 2) == 0)
    #expect(throws: FileError.changed(path: path)) { try file.checkUnchanged() }

    // Of the same size.
    let rewritten = try MappedFile(path: path)
    var times = [timeval(tv_sec: 1, tv_usec: 0), timeval(tv_sec: 1, tv_usec: 0)]
    #expect(utimes(path, &times) == 0)
    #expect(throws: FileError.changed(path: path)) { try rewritten.checkUnchanged() }

    // Another file under the name: the old one is still mapped.
    let replaced = try MappedFile(path: path)
    try OutputFile.write([[9]], to: path)
    try replaced.checkUnchanged()
    #expect(replaced.withBytes { $0[1] } == 2)
  }

  // Writing

  @Test func writesAllParts() throws {
    let path = directory.file("out")
    try OutputFile.write([[1, 2], [], [3]], to: path)
    #expect(try MappedFile.contents(of: path) == [1, 2, 3])
    try OutputFile.write([], to: path)
    #expect(try MappedFile.contents(of: path) == [])
    #expect(try directory.names() == ["out"])
  }

  /// Two threads once freed one path twice.
  @Test func filesWrittenAtOnceAreWhole() throws {
    let failures = Mutex(0)
    let paths = (0..<200).map { directory.file("\($0)") }
    DispatchQueue.concurrentPerform(iterations: 400) { index in
      let bytes = [UInt8](repeating: UInt8(index % 200), count: index % 200)
      do {
        try OutputFile.write([bytes, bytes], to: paths[index % 200])
      } catch {
        failures.withLock { $0 += 1 }
      }
    }
    #expect(failures.withLock { $0 } == 0)
    for index in 0..<200 {
      #expect(
        try MappedFile.contents(of: paths[index])
          == [UInt8](repeating: UInt8(index), count: 2 * index))
    }
    #expect(try directory.names().count == 200)
  }

  /// Who has the old file open keeps the old bytes: the file is replaced, not rewritten.
  @Test func replacesAtOnce() throws {
    let path = try directory.write([1, 2, 3, 4], to: "out")
    let old = try MappedFile(path: path)
    try OutputFile.write([[9]], to: path)
    #expect(old.count == 4 && old.withBytes { $0[3] } == 4)
    #expect(try MappedFile.contents(of: path) == [9])
  }

  @Test func linksAreKept() throws {
    let target = try directory.write([1], to: "target")
    let link = directory.file("link")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "target")
    try OutputFile.write([[7, 8]], to: link)
    #expect(try MappedFile.contents(of: target) == [7, 8])
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "target")
    #expect(try directory.names() == ["link", "target"])
  }

  @Test func failuresLeaveNothingBehind() throws {
    let path = directory.file("missing/out")
    #expect(throws: missing("create", path)) { try OutputFile.write([[1]], to: path) }
    // A directory in the way is seen when the finished file is renamed.
    let occupied = directory.file("occupied")
    try OutputFile.createDirectory(occupied)
    #expect(throws: FileError.self) { try OutputFile.write([[1]], to: occupied) }
    #expect(throws: FileError.self) { try OutputFile.write([[1]], to: occupied + "/") }
    #expect(try directory.names() == ["occupied"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: occupied).isEmpty)
    let file = try directory.write([5], to: "file")
    #expect(throws: FileError.self) { try OutputFile.write([[1]], to: file + "/out") }
    #expect(try MappedFile.contents(of: file) == [5])
  }

  /// The superuser may write anywhere, so the permission is only tested without it.
  @Test(.enabled(if: geteuid() != 0)) func unwritableDirectory() throws {
    let closed = directory.file("closed")
    try OutputFile.createDirectory(closed)
    chmod(closed, 0o500)
    #expect(throws: FileError.self) { try OutputFile.write([[1]], to: closed + "/out") }
    #expect(try FileManager.default.contentsOfDirectory(atPath: closed).isEmpty)
  }

  @Test func devicesAreWrittenInPlace() throws {
    try OutputFile.write([[1, 2, 3]], to: "/dev/null")
    #expect(throws: FileError.notAFile(path: "/dev/null")) { try MappedFile(path: "/dev/null") }
    if access("/dev/full", F_OK) == 0 {
      #expect(
        throws: FileError.system(
          operation: "write", path: "/dev/full", code: ENOSPC, reason: Platform.describe(errno: ENOSPC))
      ) { try OutputFile.write([[1]], to: "/dev/full") }
    }
  }

  @Test func directories() throws {
    let path = directory.file("a/b/c")
    try OutputFile.createDirectory(path)
    try OutputFile.createDirectory(path)
    #expect(OutputFile.isDirectory(path) && !OutputFile.isDirectory(directory.file("x")))
    let file = try directory.write([], to: "file")
    #expect(
      throws: FileError.system(
        operation: "create directory", path: file, code: ENOTDIR, reason: Platform.describe(errno: ENOTDIR))
    ) { try OutputFile.createDirectory(file) }
    #expect(throws: FileError.self) { try OutputFile.createDirectory(file + "/sub") }
  }
}
