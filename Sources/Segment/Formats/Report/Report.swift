// SPDX-License-Identifier: Apache-2.0
import Tensor

/// One HTML page on one or several images, complete in itself: style, script, pictures and numbers are in the file.
///
/// The page cuts again at any τ up to the largest, by the rules of `BipartitionTree.labels(tau:)` and
/// `NodePartition.labelMap`. See <doc:ReportPage>.
public enum Report {
  /// The page, in pieces that follow one another.
  ///
  /// - Parameters:
  ///   - images: in the order in which the page has them.
  ///   - title: any text.
  ///   - generator: the program and its version, as the page names them.
  public static func page(_ images: [ReportImage], title: String, generator: String) -> [[UInt8]] {
    var parts = [Array(ReportPage.head(title: title, generator: generator).utf8)]
    for image in images { parts += section(image) }
    parts.append(Array(ReportPage.tail.utf8))
    return parts
  }

  /// Two script elements that hold data and are not run: the record, and the numbers.
  private static func section(_ image: ReportImage) -> [[UInt8]] {
    [
      Array("<script type=\"application/json\" class=\"record\">".utf8), inScript(image.record),
      Array("</script>\n<script type=\"text/plain\" class=\"data\">".utf8), image.data, Array("</script>\n".utf8),
    ]
  }

  /// JSON that cannot end the element it stands in: a name may hold `</script>` or `<!--`.
  static func inScript(_ json: [UInt8]) -> [UInt8] {
    json.reduce(into: []) { result, byte in
      switch byte {
      case UInt8(ascii: "<"): result += "\\u003c".utf8
      case UInt8(ascii: ">"): result += "\\u003e".utf8
      case UInt8(ascii: "&"): result += "\\u0026".utf8
      default: result.append(byte)
      }
    }
  }

  /// Text between tags or in a quoted attribute.
  static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
}
