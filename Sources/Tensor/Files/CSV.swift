// SPDX-License-Identifier: Apache-2.0

/// Lines of values with commas between them (RFC 4180, lines ended by a line feed).
package enum CSV {
  package static func line(_ values: [String]) -> String { values.map(quoted).joined(separator: ",") + "\n" }

  /// A value that could be taken for several stands in quotes.
  private static func quoted(_ text: String) -> String {
    text.unicodeScalars.contains { ",\"\n\r".unicodeScalars.contains($0) }
      ? "\"\(text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\"" : text
  }
}
