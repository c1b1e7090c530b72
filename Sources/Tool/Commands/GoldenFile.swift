// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import Tensor

/// A golden with the places where its photograph and its model may lie.
struct GoldenFile {
  static let defaultFolder = "fixtures"
  /// Where a fixtures folder has goldens.
  private static let folders = ["ncut", "encoder", "diffusion/goldens", "vit/goldens"]

  let path: String
  let golden: Golden
  private let images: String?

  init(path: String, images: String?) throws(ToolError) {
    self.path = path
    self.images = images
    golden = try ToolError.reading(path, as: .badInput) { try Golden(path: path) }
  }

  /// The goldens an operand stands for: itself; those of a fixtures folder; else those that lie in the folder.
  static func files(_ operand: String) throws(ToolError) -> [String] {
    guard Directory.exists(operand) else { return [operand] }
    let inside = folders.map { "\(operand)/\($0)" }.filter(Directory.exists)
    let places = inside.isEmpty ? [operand] : inside
    let files = try ToolError.reading(operand, as: .badInput) {
      try places.flatMap { place in
        try Directory.names(in: place).filter { $0.hasSuffix(".safetensors") }.map { "\(place)/\($0)" }
      }
    }
    guard !files.isEmpty else {
      throw ToolError(.badInput, "no .safetensors file in \(places.joined(separator: ", "))")
    }
    return files
  }

  private var folder: String {
    path.contains("/")
      ? path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") : "."
  }

  /// The photograph: in the folder of `--images`, or beside the golden, or in the fixtures folder it lies in.
  func photograph(_ name: String) throws(ToolError) -> Image {
    let places = images.map { [$0] } ?? [folder, "\(folder)/../images", "\(folder)/../../images"]
    guard let place = places.first(where: { Directory.hasFile("\($0)/\(name)") }) else {
      throw ToolError(
        .badInput, "\(path): no photograph '\(name)' in \(places.joined(separator: ", "))",
        hint: "pass the folder of photographs with --images")
    }
    return try InputFile.photograph("\(place)/\(name)")
  }

  /// The folder of the model of that name: beside the golden, or beside its folder, as in `fixtures/diffusion`.
  func model(_ name: String) -> String? {
    ["\(folder)/\(name)", "\(folder)/../\(name)"].first(where: Directory.exists)
  }
}
