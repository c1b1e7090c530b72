// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#elseif canImport(Glibc)
  import Glibc
#endif

/// Lines of standard input, each given as soon as its end has come: whoever writes them may wait for an answer before the
/// next.
package struct LineReader {
  /// A line without its end.
  package struct Line: Equatable, Sendable {
    package let bytes: [UInt8]
    /// False for a line above the limit, of which only the beginning is given.
    package let isWhole: Bool
  }

  private let descriptor: Int32
  private let separator: UInt8
  private let limit: Int
  private var buffer: [UInt8] = []
  /// Where in `buffer` the next line begins, and up to where no separator is.
  private var start = 0
  private var searched = 0
  private var isAtEnd = false

  /// - Parameters:
  ///   - separator: the byte that ends a line; the last line may lack it.
  ///   - limit: bytes of a line that are kept.
  package init(descriptor: Int32 = 0, separator: UInt8 = UInt8(ascii: "\n"), limit: Int = 1 << 20) {
    (self.descriptor, self.separator, self.limit) = (descriptor, separator, limit)
  }

  /// Waits for the next line; nil at the end of input.
  package mutating func next() throws(FileError) -> Line? {
    var isWhole = true
    while true {
      if let end = buffer[searched...].firstIndex(of: separator) {
        let line = Line(bytes: Array(buffer[start..<min(end, start + limit)]), isWhole: isWhole && end - start <= limit)
        (start, searched) = (end + 1, end + 1)
        return line
      }
      if isAtEnd {
        guard start < buffer.count else { return nil }
        defer { (start, searched) = (buffer.count, buffer.count) }
        return Line(bytes: Array(buffer[start...].prefix(limit)), isWhole: isWhole && buffer.count - start <= limit)
      }
      if start > 0 { buffer.removeFirst(start) }
      if buffer.count > limit {
        buffer.removeLast(buffer.count - limit)
        isWhole = false
      }
      (start, searched) = (0, buffer.count)
      try fill()
    }
  }

  private mutating func fill() throws(FileError) {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count > 0 { return buffer.append(contentsOf: chunk[..<count]) }
      if count == 0 { return isAtEnd = true }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        // Some programs hand on a pipe that does not wait.
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&wanted, 1, -1)
      default: throw .lastSystemError("read", descriptor == 0 ? "standard input" : "descriptor \(descriptor)")
      }
    }
  }
}
