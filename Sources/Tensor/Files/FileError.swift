// SPDX-License-Identifier: Apache-2.0

/// What can go wrong between a path and its bytes.
public enum FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A system call failed; `reason` is the system's text.
  case system(operation: String, path: String, code: Int32, reason: String)
  /// The path names a directory, a socket, or anything else that holds no bytes to map.
  case notAFile(path: String)
  /// More bytes than `limit`, or a device without an end.
  case tooLarge(path: String, limit: Int)
  /// Written to, or made shorter, since it was opened.
  case changed(path: String)
  /// A named pipe that nobody opened for writing.
  case noWriter(path: String)
  /// Links lead to this folder in more than `limit` ways.
  case tooManyLinks(path: String, limit: Int)

  public var description: String {
    switch self {
    case .system(let operation, let path, _, let reason): "cannot \(operation) '\(path)': \(reason.lowercasedFirst)"
    case .notAFile(let path): "'\(path)' is not a regular file"
    case .tooLarge(let path, let limit): "'\(path)' holds more than \(limit >> 20) MiB"
    case .changed(let path): "'\(path)' changed while it was read; start again when it is whole"
    case .noWriter(let path): "'\(path)' is a pipe that nobody writes to"
    case .tooManyLinks(let path, let limit): "links lead to '\(path)' in more than \(limit) ways"
    }
  }

  /// The `errno` value, when a system call failed.
  public var code: Int32? {
    if case .system(_, _, let code, _) = self { code } else { nil }
  }
}

extension String {
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
