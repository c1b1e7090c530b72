// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// Photographs and the label maps of their annotators: `images/ID.*`, `labels/ID.png` and, where several people annotated an
/// image, `labels/ID.NAME.png`; `.npy` in the place of `.png`.
struct AnnotatedFolder {
  struct Sample: DatasetSample {
    let id: String
    let image: String
    /// In the order of their names' bytes.
    let labels: [String]
  }

  static let tree = "images/ID.* and labels/ID.png, or labels/ID.NAME.png for each annotator"

  /// In the order of their names' bytes, or of the list.
  let samples: [Sample]

  /// - Parameter names: images to take in place of all.
  /// - Throws: `ToolError` with exit code 4: folders that cannot be read, photographs or labels without the other.
  init(root: String, names: [String]?) throws(ToolError) {
    let hint = "the folder should contain \(Self.tree)"
    let images = try FileIndex(.photographs, in: "\(root)/images", as: .badInput, hint: hint)
    let labelMaps = try FileIndex(.labelMaps([".png", ".npy"]), in: "\(root)/labels", as: .badInput, hint: hint)
    var labels: [String: [String]] = [:]
    for stem in labelMaps.ids {
      let path = try labelMaps.path(of: stem)
      guard let id = Self.image(of: stem, among: images) else {
        throw ToolError(.badInput, "\(path): no photograph of '\(stem)' in '\(images.folder)'", hint: hint)
      }
      labels[id, default: []].append(path)
    }
    let samples = try (names ?? images.ids).map { id throws(ToolError) in
      let image = try images.path(of: id)
      // Without any annotator the lookup throws the error for a missing file.
      let files = if let files = labels[id] { files } else { [try labelMaps.path(of: id)] }
      return Sample(id: id, image: image, labels: files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    }
    guard !samples.isEmpty else { throw ToolError(.badInput, "\(root): no images, expected \(Self.tree)") }
    self.samples = samples
  }

  /// The image whose name is all of a label map's, or what stands before one of its dots; the longest.
  private static func image(of stem: String, among images: FileIndex) -> String? {
    if images.contains(stem) { return stem }
    var rest = stem[...]
    while let dot = rest.lastIndex(of: ".") {
      rest = rest[..<dot]
      if images.contains(String(rest)) { return String(rest) }
    }
    return nil
  }
}
