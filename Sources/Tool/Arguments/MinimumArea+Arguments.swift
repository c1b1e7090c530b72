// SPDX-License-Identifier: Apache-2.0
import Segment

extension ParsedArguments {
  /// A number of pixels, "64", or a share of the image, "0.1%".
  func minimumArea(_ name: String) throws(ToolError) -> MinimumArea? {
    guard let text = string(name) else { return nil }
    if text.hasSuffix("%") {
      if let percent = Double(text.dropLast()), percent >= 0, percent <= 100 { return .share(percent / 100) }
    } else if let pixels = Int(text), pixels >= 0 {
      return .pixels(pixels)
    }
    throw .usage(
      "--\(name) is '\(text)', expected a number of pixels, such as 64, or a share of the image, such as 0.1%")
  }
}
