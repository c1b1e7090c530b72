// SPDX-License-Identifier: Apache-2.0

/// The reason why a file or folder cannot be read or written.
public enum FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A system call failed; `reason` is the system's text for `code`.
  case system(operation: String, path: String, code: Int32, reason: String)
  /// The path names a folder, a socket or another special file.
  case notAFile(path: String)
  /// The file has more than `limit` bytes, or is a device without an end.
  case tooLarge(path: String, limit: Int)
  /// Another program wrote to the file, or shortened it, while it was open.
  case changed(path: String)
  /// No program opened the named pipe for writing.
  case noWriter(path: String)
  /// Symbolic links lead to the folder along more than `limit` paths.
  case tooManyLinks(path: String, limit: Int)

  public var description: String {
    switch self {
    case .system(let operation, let path, _, let reason): "cannot \(operation) '\(path)': \(reason.lowercasedFirst)"
    case .notAFile(let path): "cannot read '\(path)': not a regular file; pass a file, not a folder or socket"
    case .tooLarge(let path, let limit): "cannot read '\(path)': the file is larger than \(limit >> 20) MiB, the limit"
    case .changed(let path): "cannot read '\(path)': the file changed while it was read; run again once it is complete"
    case .noWriter(let path): "cannot read '\(path)': no program writes to this named pipe; start the writer first"
    case .tooManyLinks(let path, let limit):
      "cannot list '\(path)': symbolic links lead to this folder along more than \(limit) paths; "
        + "remove links to parent folders"
    }
  }

  /// The `errno` value of a failed system call; nil for other errors.
  public var code: Int32? {
    if case .system(_, _, let code, _) = self { code } else { nil }
  }
}

extension String {
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
