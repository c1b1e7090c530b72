// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Files under `fixtures/`, found from this source file and not from the working directory.
package enum Fixture {
  /// The root of the repository.
  package static let repository: String = {
    let components = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return components.dropLast(3).joined(separator: "/")
  }()

  package static func path(_ name: String) -> String { "\(repository)/fixtures/\(name)" }

  package static func bytes(_ name: String) throws -> [UInt8] { try MappedFile.contents(of: path(name)) }

  /// The file's bytes, or an empty array, which no test accepts, if it cannot be read.
  package static func contents(_ name: String) -> [UInt8] { (try? bytes(name)) ?? [] }

  /// The fields of each line of a text file, which spaces separate.
  package static func lines(_ name: String) -> [[String]] {
    String(decoding: contents(name), as: UTF8.self).split(separator: "\n").map { line in
      line.split(separator: " ").map(String.init)
    }
  }
}
