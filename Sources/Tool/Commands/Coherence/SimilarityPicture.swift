// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import Tensor

/// `diffcut coherence heatmap`: how similar all patches are to one, as a picture or as numbers.
struct SimilarityPicture {
  /// An image, or the features of one.
  private struct Subject {
    let path: String
    /// The photograph of features.
    let photograph: String?

    var isFeatures: Bool { FeatureSource.isFeatures(path) }
  }

  /// A subject that has been read.
  private struct Encoded {
    let features: FeatureMap
    let image: Image?
  }

  /// Which patch is compared with all others.
  private enum Place {
    case center
    case pixel(PixelPosition)
    case patch(row: Int, column: Int)
  }

  private let arguments: ParsedArguments
  private let source: Subject
  /// Nil for the source.
  private let target: Subject?
  private let encoder: (any EncoderSource)?
  private let place: Place
  private let range: ClosedRange<Double>?
  private let isOverlay: Bool
  private let pictureSize: (height: Int, width: Int)?
  private let output: String?
  private let values: String?

  init(_ arguments: ParsedArguments, source path: String) throws {
    self.arguments = arguments
    source = Subject(path: path, photograph: arguments.string("image"))
    target = arguments.string("in").map { Subject(path: $0, photograph: arguments.string("in-image")) }
    for (subject, option) in [(source, "image"), (target, "in-image")] {
      if let subject, !subject.isFeatures {
        try arguments.reject([option], "with the photograph '\(subject.path)'", hint: "it applies to features")
      }
    }
    if source.path == "-" && target?.path == "-" {
      throw ToolError.usage("both inputs are standard input", hint: "pass a file for one of them")
    }
    place = try Self.place(arguments)
    range = try arguments.interval("range", in: -1...1)
    isOverlay = arguments.has("overlay")
    pictureSize = try arguments.size("picture-size")
    output = arguments.string("output")
    values = arguments.string("values")
    encoder = try Self.encoder(arguments, [source] + [target].compactMap(\.self))
    try check()
  }

  private static func place(_ arguments: ParsedArguments) throws(ToolError) -> Place {
    if let (row, column) = try arguments.pair("patch", "ROW,COLUMN in patches from 0, such as 12,20") {
      return .patch(row: row, column: column)
    }
    return try arguments.point("point").map(Place.pixel) ?? .center
  }

  /// Nil where all are features.
  private static func encoder(_ arguments: ParsedArguments, _ subjects: [Subject]) throws -> (any EncoderSource)? {
    if subjects.allSatisfy(\.isFeatures) {
      try arguments.reject(EncoderFamilies.options, "with features", hint: "it applies to photographs")
      // Bad values are reported before a file is read.
      _ = try FeatureSource(arguments, path: subjects[0].path)
      return nil
    }
    if !subjects.contains(where: \.isFeatures) {
      try arguments.reject(["grid", "tensor"], "with photographs", hint: "it applies to features")
    }
    return try EncoderFamilies.source(arguments)
  }

  private func check() throws(ToolError) {
    guard output != nil || values != nil else {
      throw .usage("coherence heatmap needs -o FILE", hint: "use -o heatmap.png, -o - for stdout, or --values FILE.npy")
    }
    if let output {
      try NamedFiles.check(
        output, endings: [".png"], hint: "use a name that ends with .png, or --values FILE.npy for numbers")
    }
    if let values, values != "-", !values.hasSuffix(".npy") {
      throw .usage("--values is '\(values)', expected a .npy file")
    }
    let inputs = [source, target].compactMap(\.self).flatMap { [$0.path] + [$0.photograph].compactMap(\.self) }
    try NamedFiles.check([("-o", output), ("--values", values)], inputs: inputs, isJSON: arguments.has("json"))
    let drawn = target ?? source
    if isOverlay && drawn.isFeatures && drawn.photograph == nil {
      throw .usage(
        "--overlay needs the photograph of '\(drawn.path)'",
        hint: "pass it with --\(target == nil ? "image" : "in-image") FILE")
    }
    if case .pixel = place, source.isFeatures, source.photograph == nil {
      throw .usage(
        "--point is a pixel, but '\(source.path)' is a file of features",
        hint: "pass the photograph with --image FILE, or use --patch ROW,COLUMN")
    }
    if let pictureSize, pictureSize.height * pictureSize.width > DecodingLimits().maximumPixelCount {
      throw .usage(
        "--picture-size has \(pictureSize.height * pictureSize.width) pixels; the limit is \(DecodingLimits().maximumPixelCount)"
      )
    }
  }

  func run() throws {
    let progress = Progress(isQuiet: arguments.has("quiet"))
    defer { progress.clear() }
    var opened: (any FeatureEncoder)?
    let first = try read(source, &opened, progress)
    let second = try target.map { try read($0, &opened, progress) }
    progress.clear()
    let (patch, point) = try locate(in: first)
    let map = try ToolError.reading(target?.path ?? source.path) {
      try SimilarityMap(row: patch.row, column: patch.column, of: first.features, in: second?.features)
    }
    // Both files are ready before the first is written.
    let picture = output.map { _ in
      PNGImage(draw(map, on: (second ?? first).image, marking: second == nil ? point : nil)).encoded()
    }
    if let values {
      try Tool.writeResult(
        [NPY.encode(map.cosines.map { Float($0) }, shape: [map.grid.height, map.grid.width])], to: values)
    }
    if let output, let picture { try Tool.writeResult([picture], to: output) }
    try report(map, patch, point)
  }

  private func read(
    _ subject: Subject, _ opened: inout (any FeatureEncoder)?, _ progress: Progress
  ) throws -> Encoded {
    if subject.isFeatures {
      return Encoded(
        features: try FeatureSource(arguments, path: subject.path).read().image.nodes,
        image: try subject.photograph.map(InputFile.photograph))
    }
    guard let source = encoder else { preconditionFailure("no encoder for \(subject.path)") }
    let image = try InputFile.photograph(subject.path)
    let encoder = try opened ?? source.open(observer: progress.observer())
    opened = encoder
    progress.show(name: subject.path, steps: encoder.stages.map { Progress.Step($0) })
    let encoded = try encoder.encode(image, named: subject.path, observer: progress.observer())
    return Encoded(features: encoded.nodes, image: image)
  }

  /// The patch, and the pixel where it is marked; nil without a photograph.
  private func locate(
    in subject: Encoded
  ) throws(ToolError) -> (patch: (row: Int, column: Int), point: PixelPosition?) {
    let grid = subject.features.grid
    if case .patch(let row, let column) = place {
      guard (0..<grid.height).contains(row), (0..<grid.width).contains(column) else {
        throw .usage("--patch: \(SimilarityError.patchOutsideGrid(row: row, column: column, grid: grid))")
      }
      let point = subject.image.map {
        PixelPosition(
          x: (2 * column + 1) * $0.width / (2 * grid.width), y: (2 * row + 1) * $0.height / (2 * grid.height))
      }
      return ((row, column), point)
    }
    guard let image = subject.image else { return ((grid.height / 2, grid.width / 2), nil) }
    var chosen: PixelPosition?
    if case .pixel(let position) = place { chosen = position }
    let point = try ToolError.reading("--point", as: .usage) { try image.checked(chosen) }
    let cell = grid.cell(row: point.y, column: point.x, height: image.height, width: image.width)
    return ((cell / grid.width, cell % grid.width), point)
  }

  /// Pixels of a patch's side where no photograph tells the size.
  private static let patchPixels = 16

  private func draw(_ map: SimilarityMap, on image: Image?, marking point: PixelPosition?) -> Image {
    if isOverlay, let image { return map.overlay(on: image, range: range, marking: point) }
    let own = image.map { ($0.height, $0.width) }
    let size = pictureSize ?? own ?? (map.grid.height * Self.patchPixels, map.grid.width * Self.patchPixels)
    return map.picture(height: size.0, width: size.1, range: range)
  }

  private func report(_ map: SimilarityMap, _ patch: (row: Int, column: Int), _ point: PixelPosition?) throws {
    let isJSON = arguments.has("json")
    if arguments.has("quiet") && !isJSON { return }
    let files = [("picture", output), ("values", values)].filter { $0.1 != nil && $0.1 != "-" }
    if isJSON {
      let outputs = files.map { OrderedJSON.Member(key: $0.0, value: .string($0.1 ?? "")) }
      let json: OrderedJSON = [
        "v": 1, "id": .string(source.path), "in": .string(target?.path ?? source.path),
        "grid": .integers([map.grid.height, map.grid.width]), "patch": .integers([patch.row, patch.column]),
        "point": point.map { .integers([$0.x, $0.y]) } ?? .null, "minimum": .number(map.range.lowerBound),
        "maximum": .number(map.range.upperBound), "outputs": .object(outputs),
      ]
      _ = try Tool.write(json.line)
      return
    }
    let text =
      "\(printable(source.path)): patch \(patch.row),\(patch.column)"
      + (target.map { " in \(printable($0.path))" } ?? "")
      + ": \(map.grid) patches, cosines \(fixed(map.range.lowerBound, 4)) to \(fixed(map.range.upperBound, 4))"
      + (files.isEmpty ? "" : " -> " + files.map { printable($0.1 ?? "") }.joined(separator: ", ")) + "\n"
    // Standard output is kept free of words where it carries a file.
    if output == "-" || values == "-" { Console.error(text) } else { _ = try Tool.write(text) }
  }
}
