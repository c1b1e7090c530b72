// SPDX-License-Identifier: Apache-2.0

/// A plot's elements, placed in pixels.
struct LinePlotDrawing {
  private let plot: LinePlot
  private let x: FittedAxis
  private let y: FittedAxis
  private let legend: [(name: String, index: Int)]
  private let left: Double
  private let top: Double
  private let width: Double
  private let height: Double

  /// Of the field between the axes.
  private static let field = (width: 560.0, height: 360.0)
  /// How wide characters are taken to be, as shares of the font's size: fonts differ, and a figure is the widest letter but one.
  private static let characterWidth = 0.6
  private static let (fontSize, titleSize, rowHeight) = (13.0, 17.0, 22.0)
  private static let nameLength = 36
  /// Told apart by most eyes, in gray by the dashes of the second turn.
  /// - Source: Okabe & Ito, "Color Universal Design", 2008, but its yellow.
  private static let colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"]
  private static let dashes = ["", "7 3", "2 3"]

  init(_ plot: LinePlot) {
    self.plot = plot
    let points = plot.series.flatMap(\.points) + plot.marks.map(\.point)
    x = FittedAxis(plot.x, values: points.map(\.x))
    y = FittedAxis(plot.y, values: points.map(\.y))
    legend = plot.series.enumerated().filter { !$0.element.name.isEmpty }.map { ($0.element.name, $0.offset) }
    func length(_ texts: [String], _ size: Double) -> Double {
      Double(texts.map(\.count).max() ?? 0) * size * Self.characterWidth
    }
    left = 46 + length(y.ticks.map(\.text), Self.fontSize)
    top = plot.subtitle.isEmpty ? 48 : 68
    let names = length(legend.map { Self.shortened($0.name, to: Self.nameLength) }, Self.fontSize)
    width = left + Self.field.width + (legend.isEmpty ? 24 : 24 + 36 + names + 12)
    height = max(top + Self.field.height + 60, top + Double(legend.count) * Self.rowHeight + 12)
  }

  var svg: String {
    let size = "width=\"\(Self.text(width))\" height=\"\(Self.text(height))\""
    let lines =
      [
        "<svg xmlns=\"http://www.w3.org/2000/svg\" \(size) viewBox=\"0 0 \(Self.text(width)) \(Self.text(height))\" "
          + "role=\"img\" font-family=\"system-ui, 'DejaVu Sans', sans-serif\" font-size=\"\(Self.text(Self.fontSize))\" "
          + "fill=\"#1d1c1a\">",
        "<title>\(Self.escaped(plot.title))</title>", "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
      ] + heading + frame + data + key + ["</svg>", ""]
    return lines.joined(separator: "\n")
  }

  private var heading: [String] {
    let room = width - left - 12
    func line(_ text: String, _ y: Double, _ size: Double, _ attributes: String) -> String {
      let short = Self.shortened(text, to: max(1, Int(room / (size * Self.characterWidth))))
      return
        "<text x=\"\(Self.text(left))\" y=\"\(Self.text(y))\" font-size=\"\(Self.text(size))\" \(attributes)>"
        + "\(Self.escaped(short))</text>"
    }
    return [line(plot.title, 30, Self.titleSize, "font-weight=\"600\"")]
      + (plot.subtitle.isEmpty ? [] : [line(plot.subtitle, 52, Self.fontSize, "fill=\"#6b6862\"")])
  }

  /// Grid, ticks and the axes' titles.
  private var frame: [String] {
    let (right, bottom) = (left + Self.field.width, top + Self.field.height)
    var lines = ["<g stroke=\"#e0ddd6\" fill=\"none\">"]
    for tick in x.ticks {
      let place = Self.text(left + fraction(x, tick.value) * Self.field.width)
      lines.append("<path d=\"M\(place) \(Self.text(top))V\(Self.text(bottom))\"/>")
    }
    for tick in y.ticks {
      let place = Self.text(bottom - fraction(y, tick.value) * Self.field.height)
      lines.append("<path d=\"M\(Self.text(left)) \(place)H\(Self.text(right))\"/>")
    }
    lines.append("</g>")
    lines.append(
      "<path d=\"M\(Self.text(left)) \(Self.text(top))V\(Self.text(bottom))H\(Self.text(right))\" fill=\"none\" "
        + "stroke=\"#6b6862\"/>")
    lines.append("<g text-anchor=\"middle\">")
    for tick in x.ticks {
      let place = Self.text(left + fraction(x, tick.value) * Self.field.width)
      lines.append("<text x=\"\(place)\" y=\"\(Self.text(bottom + 20))\">\(tick.text)</text>")
    }
    lines.append(
      "<text x=\"\(Self.text((left + right) / 2))\" y=\"\(Self.text(bottom + 44))\">\(Self.escaped(plot.x.title))</text>"
    )
    lines.append(
      "<text transform=\"translate(22 \(Self.text((top + bottom) / 2))) rotate(-90)\">\(Self.escaped(plot.y.title))</text>"
    )
    lines += ["</g>", "<g text-anchor=\"end\">"]
    for tick in y.ticks {
      let place = Self.text(bottom - fraction(y, tick.value) * Self.field.height + 4.5)
      lines.append("<text x=\"\(Self.text(left - 8))\" y=\"\(place)\">\(tick.text)</text>")
    }
    return lines + ["</g>"]
  }

  private func fraction(_ axis: FittedAxis, _ value: Double) -> Double { axis.position(value) ?? 0 }

  /// The lines, in a picture of their own where some of it lies outside the field.
  private var data: [String] {
    let field = Self.field
    var lines: [String] = []
    if plot.hasDiagonal {
      let (first, last) = (max(x.lower, y.lower), min(x.upper, y.upper))
      // On axes of different scales it is a curve.
      let steps = plot.x.scale == plot.y.scale ? 1 : 200
      let points =
        first < last
        ? (0...steps).map { first + (last - first) * Double($0) / Double(steps) }.compactMap { place(.init($0, $0)) }
        : []
      if points.count > 1 {
        lines.append("<path d=\"\(Self.path(points))\" fill=\"none\" stroke=\"#a09b92\" stroke-dasharray=\"5 4\"/>")
      }
    }
    for (index, series) in plot.series.enumerated() { lines += drawing(of: series, index) }
    let all = (plot.series.flatMap(\.points) + plot.marks.map(\.point)).compactMap(place)
    if all.isEmpty {
      lines.append(
        "<text x=\"\(Self.text(field.width / 2))\" y=\"\(Self.text(field.height / 2))\" text-anchor=\"middle\" "
          + "fill=\"#6b6862\">no values</text>")
    }
    let isInside = all.allSatisfy { (0...field.width).contains($0.x) && (0...field.height).contains($0.y) }
    let clipped =
      isInside
      ? lines
      : ["<svg width=\"\(Self.text(field.width))\" height=\"\(Self.text(field.height))\" overflow=\"hidden\">"] + lines
        + ["</svg>"]
    return ["<g transform=\"translate(\(Self.text(left)) \(Self.text(top)))\">"] + clipped
      + plot.marks.flatMap(drawing) + ["</g>"]
  }

  private func drawing(of series: LinePlot.Series, _ index: Int) -> [String] {
    let color = Self.colors[index % Self.colors.count]
    let dash = Self.dashes[index / Self.colors.count % Self.dashes.count]
    var lines = [
      "<g fill=\"none\" stroke=\"\(color)\" stroke-width=\"2\" stroke-linejoin=\"round\""
        + (dash.isEmpty ? ">" : " stroke-dasharray=\"\(dash)\">")
    ]
    var dots: [LinePlot.Point] = []
    var run: [LinePlot.Point] = []
    for point in series.points + [.init(.nan, .nan)] {
      if place(point) != nil {
        run.append(point)
        continue
      }
      if run.count > 1 { lines.append("<path d=\"\(Self.path(run.compactMap(place)))\"/>") }
      if series.hasDots || run.count == 1 { dots += run }
      run = []
    }
    lines.append("</g>")
    guard !dots.isEmpty else { return lines }
    lines.append("<g fill=\"\(color)\" stroke=\"#ffffff\">")
    for dot in dots {
      guard let place = place(dot) else { continue }
      let name = series.name.isEmpty ? "" : Self.escaped(series.name) + ": "
      lines.append(
        "<circle cx=\"\(Self.text(place.x))\" cy=\"\(Self.text(place.y))\" r=\"4\"><title>\(name)\(dot.x), \(dot.y)"
          + "</title></circle>")
    }
    return lines + ["</g>"]
  }

  /// A ring, and the words on the side where there is more room.
  private func drawing(of mark: LinePlot.Mark) -> [String] {
    let field = Self.field
    guard let place = place(mark.point), (0...field.width).contains(place.x), (0...field.height).contains(place.y)
    else { return [] }
    let isLeft = place.x > field.width / 2
    return [
      "<circle cx=\"\(Self.text(place.x))\" cy=\"\(Self.text(place.y))\" r=\"7\" fill=\"none\" stroke=\"#1d1c1a\" "
        + "stroke-width=\"1.5\"/>",
      "<text x=\"\(Self.text(place.x + (isLeft ? -10 : 10)))\" y=\"\(Self.text(place.y < 24 ? place.y + 22 : place.y - 10))\" "
        + "text-anchor=\"\(isLeft ? "end" : "start")\" stroke=\"#ffffff\" stroke-width=\"4\" paint-order=\"stroke\" "
        + "font-weight=\"600\">\(Self.escaped(mark.text))</text>",
    ]
  }

  /// Names beside samples of their lines.
  private var key: [String] {
    let start = left + Self.field.width + 24
    return legend.enumerated().flatMap { row, entry in
      let middle = top + 10 + Double(row) * Self.rowHeight
      let color = Self.colors[entry.index % Self.colors.count]
      let dash = Self.dashes[entry.index / Self.colors.count % Self.dashes.count]
      let dot =
        plot.series[entry.index].hasDots
        ? "<circle cx=\"\(Self.text(start + 13))\" cy=\"\(Self.text(middle))\" r=\"4\" fill=\"\(color)\"/>" : ""
      return [
        "<path d=\"M\(Self.text(start)) \(Self.text(middle))h26\" stroke=\"\(color)\" stroke-width=\"2\""
          + (dash.isEmpty ? "/>" : " stroke-dasharray=\"\(dash)\"/>") + dot,
        "<text x=\"\(Self.text(start + 36))\" y=\"\(Self.text(middle + 4.5))\">"
          + "\(Self.escaped(Self.shortened(entry.name, to: Self.nameLength)))</text>",
      ]
    }
  }

  /// In the field, from its upper left; nil for a point that cannot be drawn.
  private func place(_ point: LinePlot.Point) -> LinePlot.Point? {
    guard let horizontal = x.position(point.x), let vertical = y.position(point.y) else { return nil }
    // Far outside the field a place only tells a direction.
    func bounded(_ place: Double) -> Double { min(max(place, -1e6), 1e6) }
    return .init(bounded(horizontal * Self.field.width), bounded((1 - vertical) * Self.field.height))
  }

  /// Places that are printed alike stand once.
  private static func path(_ places: [LinePlot.Point]) -> String {
    var words: [String] = []
    for place in places {
      let word = "\(text(place.x)) \(text(place.y))"
      if words.last != word { words.append(word) }
    }
    return "M" + words.joined(separator: "L")
  }

  /// Hundredths of a pixel.
  private static func text(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    return hundredths % 100 == 0 ? "\(hundredths / 100)" : "\(Double(hundredths) / 100)"
  }

  /// Text of which only so many characters are shown.
  private static func shortened(_ text: String, to length: Int) -> String {
    text.count > length ? text.prefix(length - 1) + "…" : text
  }

  /// Text between tags; what XML has no character for is a sign of its own.
  private static func escaped(_ text: String) -> String {
    let allowed = text.unicodeScalars.map { scalar -> Unicode.Scalar in
      switch scalar.value {
      case 0x9, 0xA, 0xD: " "
      case 0..<0x20, 0x7F, 0xFFFE, 0xFFFF: "\u{FFFD}"
      default: scalar
      }
    }
    return Report.escaped(String(String.UnicodeScalarView(allowed)))
  }
}
