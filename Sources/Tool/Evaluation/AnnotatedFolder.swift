// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// Photographs and the label maps of their annotators: `images/ID.*`, `labels/ID.png` and, where several people annotated an
/// image, `labels/ID.NAME.png`; `.npy` in the place of `.png`.
struct AnnotatedFolder {
  struct Sample {
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
    let photographs = try Self.files(in: "\(root)/images")
    var images: [String: String] = [:]
    for name in photographs {
      // Up to the last dot: a photograph's name may have others.
      guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { continue }
      let id = String(name[..<dot])
      if let other = images[id] {
        throw ToolError(
          .badInput, "'\(other)' and '\(root)/images/\(name)' are of one image", hint: "remove one of them")
      }
      images[id] = "\(root)/images/\(name)"
    }
    var labels: [String: [String]] = [:]
    for name in try Self.files(in: "\(root)/labels") {
      guard let ending = [".png", ".npy"].first(where: name.hasSuffix) else { continue }
      let stem = String(name.dropLast(ending.count))
      guard let id = Self.image(of: stem, among: images) else {
        throw ToolError(
          .badInput, "\(root)/labels/\(name): no photograph '\(stem)' in '\(root)/images'",
          hint: "the folder should hold \(Self.tree)")
      }
      labels[id, default: []].append("\(root)/labels/\(name)")
    }
    let ids = names ?? images.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    var samples: [Sample] = []
    for id in ids {
      guard let image = images[id] else {
        throw ToolError(.badInput, "\(root): no photograph of '\(id)', expected images/\(id).jpg")
      }
      guard let files = labels[id] else {
        throw ToolError(.badInput, "\(root): no labels of '\(id)', expected labels/\(id).png")
      }
      samples.append(
        Sample(id: id, image: image, labels: files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }))
    }
    guard !samples.isEmpty else { throw ToolError(.badInput, "\(root): no images, expected \(Self.tree)") }
    self.samples = samples
  }

  /// The image whose name is all of a label map's, or what stands before one of its dots; the longest.
  private static func image(of stem: String, among images: [String: String]) -> String? {
    if images[stem] != nil { return stem }
    var rest = stem[...]
    while let dot = rest.lastIndex(of: ".") {
      rest = rest[..<dot]
      if images[String(rest)] != nil { return String(rest) }
    }
    return nil
  }

  private static func files(in folder: String) throws(ToolError) -> [String] {
    do {
      return try Directory.names(in: folder).filter { !$0.hasPrefix(".") }
    } catch {
      throw ToolError(.badInput, "\(error)", hint: "the folder should hold \(tree)")
    }
  }
}
