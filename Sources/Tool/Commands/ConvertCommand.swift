// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import Tensor

/// `diffcut convert`: label maps in, annotations out.
struct ConvertCommand {
  /// A label map and the photograph it is of.
  private struct Item {
    let path: String
    let imageName: String
    /// Nil without `--image-dir`.
    let imagePath: String?
  }

  private let items: [Item]
  private let formats: [OutputFormat]
  private let directory: String
  private let options: OutputOptions
  private let isQuiet: Bool

  init(_ arguments: ParsedArguments) throws(ToolError) {
    formats = try Self.formats(arguments)
    directory = arguments.string("output") ?? "."
    if directory.isEmpty || directory == "-" { throw .usage("convert writes to a folder", hint: "use -o DIR") }
    isQuiet = arguments.has("quiet")
    options = try OutputOptions(arguments)
    if let format = formats.first(where: \.readsSegmentation) {
      throw .usage(
        "format \(format.rawValue) needs features or cuts, which label maps lack",
        hint: "use diffcut segment -f \(format.rawValue)")
    }
    let images = try arguments.string("image-dir").map { folder throws(ToolError) in
      try FileIndex(.photographs, in: folder, as: .badInput)
    }
    if images == nil, let format = formats.first(where: \.drawsOnImage) {
      throw .usage("format \(format.rawValue) draws on the photographs", hint: "pass their folder with --image-dir")
    }
    var items: [Item] = []
    for path in arguments.operands {
      guard path != "-" else { throw .usage("convert cannot read standard input", hint: "pass a file") }
      let stem = Self.stem(of: path)
      if let images {
        let photograph = try images.path(of: stem, excluding: path)
        items.append(Item(path: path, imageName: BatchInput(operand: photograph).file, imagePath: photograph))
      } else {
        let name = "\(stem).\(arguments.string("image-ext") ?? "jpg")"
        items.append(Item(path: path, imageName: name, imagePath: nil))
      }
    }
    self.items = items
    try checkNames()
  }

  /// Formats that need nothing but a label map and its photograph.
  static let formatNames = OutputFormat.allCases.filter { !$0.readsSegmentation }.map(\.rawValue)

  private static func formats(_ arguments: ParsedArguments) throws(ToolError) -> [OutputFormat] {
    let names = formatNames
    guard let list = arguments.list("format") else {
      throw .usage("convert needs -f", hint: "use some of \(names.joined(separator: ", "))")
    }
    var formats: [OutputFormat] = []
    for name in list {
      guard let format = OutputFormat(rawValue: name) else {
        throw .usage(
          "unknown format '\(name)'",
          hint: Suggestion.text(for: name, among: names) ?? "use \(names.joined(separator: ", "))")
      }
      if !formats.contains(format) { formats.append(format) }
    }
    return formats
  }

  /// `photo` of `a/photo.labels.png` and of `a/photo.npy`.
  private static func stem(of path: String) -> String {
    let stem = SegmentCommand.stem(of: path)
    return stem.hasSuffix(".labels") && stem != ".labels" ? String(stem.dropLast(7)) : stem
  }

  /// Results that would overwrite one another, or a label map or photograph, are refused before any work.
  private func checkNames() throws(ToolError) {
    let inputs = Dictionary(
      (items.map(\.path) + items.compactMap(\.imagePath)).lazy.map { (OutputFile.key(of: $0), $0) },
      uniquingKeysWith: { first, _ in first })
    var owners: [String: String] = [:]
    func check(_ output: String, of path: String) throws(ToolError) {
      if let other = owners.updateValue(path, forKey: output) {
        throw .usage("'\(other)' and '\(path)' would both write \(output)", hint: "convert them in two runs")
      }
      if let victim = inputs[OutputFile.key(of: output)] {
        throw .usage("the result of '\(path)' would overwrite '\(victim)'", hint: "pass another folder with -o")
      }
    }
    for item in items {
      let stem = SegmentCommand.stem(of: item.imageName)
      // Joining files tell photographs apart by name even where no file is written for each.
      if let other = owners.updateValue(item.path, forKey: "\(stem)/") {
        throw .usage(
          "'\(other)' and '\(item.path)' both belong to the photograph '\(item.imageName)'",
          hint: "convert them in two runs")
      }
      for suffix in formats.flatMap(\.suffixes) { try check(self.path("\(stem).\(suffix)"), of: item.path) }
    }
    for name in formats.compactMap(\.collectionName) { try check(path(name), of: "-f") }
  }

  func run() throws -> ExitCode {
    try ToolError.writing { try OutputFile.createDirectory(directory) }
    let progress = Progress(total: items.count, isQuiet: isQuiet)
    defer { progress.clear() }
    var collections = formats.filter { $0.collectionName != nil }.map { Collection(format: $0, options: options) }
    var failures = InputFailures(total: items.count, of: "label maps")
    for (index, item) in items.enumerated() {
      progress.show(done: index, name: item.path, steps: [])
      do {
        let image = try Self.read(item, withImage: formats.contains(where: \.drawsOnImage))
        let report = try convert(image, item, &collections)
        progress.clear()
        if !isQuiet { _ = try Tool.write(report) }
      } catch let error as ToolError where error.concernsOneInput {
        progress.clear()
        failures.add(error)
      }
    }
    if !failures.isTotal {
      for collection in collections {
        try collection.write(to: path(collection.format.collectionName ?? ""))
        if !isQuiet { _ = try Tool.write(collection.report(in: path(collection.format.collectionName ?? ""))) }
      }
    }
    return try failures.finish()
  }

  /// Writes an image's own files, adds it to the collections, and returns what is to be printed.
  private func convert(_ image: SegmentedImage, _ item: Item, _ collections: inout [Collection]) throws -> String {
    var files: [ImageFile] = []
    var parts: [[UInt8]] = []
    try ToolError.reading(item.path, as: .badInput) {
      for format in formats { files += try format.files(for: image, options: options) }
      for collection in collections { parts.append(try collection.format.part(of: image, options: options)) }
    }
    var outputs: [String] = []
    for file in files {
      outputs.append(path("\(SegmentCommand.stem(of: item.imageName)).\(file.suffix)"))
      try Tool.writeResult([file.bytes], to: outputs[outputs.count - 1])
    }
    for index in collections.indices {
      collections[index].add(parts[index]) { try Self.read(item, withImage: false) }
    }
    let arrow = outputs.isEmpty ? "" : " -> \(outputs.joined(separator: ", "))"
    return "\(printable(item.path)): \(image.labelMap.width)x\(image.labelMap.height)\(printable(arrow))\n"
  }

  private static func read(_ item: Item, withImage: Bool) throws(ToolError) -> SegmentedImage {
    try ToolError.reading(item.path, as: .badInput) {
      try SegmentedImage(
        name: item.imageName, labelMap: InputFile.labelMap(item.path, as: .badInput),
        image: withImage ? item.imagePath.map(InputFile.photograph) : nil)
    }
  }

  private func path(_ name: String) -> String { (directory.hasSuffix("/") ? directory : directory + "/") + name }
}

/// What one file joins of all label maps.
private struct Collection {
  /// Parts beyond so many bytes are made again when they are needed.
  private static let memoryLimit = 256 << 20

  let format: OutputFormat
  let options: OutputOptions
  private var parts: [(bytes: [UInt8]?, image: () throws -> SegmentedImage)] = []
  private var byteCount = 0

  init(format: OutputFormat, options: OutputOptions) {
    self.format = format
    self.options = options
  }

  mutating func add(_ part: [UInt8], image: @escaping () throws -> SegmentedImage) {
    byteCount += part.count
    parts.append((byteCount <= Self.memoryLimit ? part : nil, image))
  }

  /// Writes the file. It is given up when a label map cannot be read again.
  func write(to path: String) throws(ToolError) {
    try Tool.writeResult(to: path) { append in try format.join(count: parts.count, part: part, append: append) }
  }

  func report(in path: String) -> String {
    "\(printable(path)): \(parts.count) image\(parts.count == 1 ? "" : "s")\n"
  }

  private func part(_ index: Int) throws -> [UInt8] {
    if let bytes = parts[index].bytes { return bytes }
    return try format.part(of: parts[index].image(), options: options)
  }
}
