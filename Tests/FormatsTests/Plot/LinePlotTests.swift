// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import TestSupport
import Testing

@Suite struct LinePlotTests {
  private func elements(_ plot: LinePlot) throws -> SVGElements { try SVGElements(plot.svg.utf8) }

  private func plot(
    _ points: [LinePlot.Point], x: LinePlot.Axis = .init("x"), y: LinePlot.Axis = .init("y")
  ) throws -> SVGElements {
    try elements(LinePlot(title: "t", x: x, y: y, series: [.init("", points)]))
  }

  /// The ticks of the x axis stand below those of the y axis, one place for all.
  private func ticks(_ elements: SVGElements, x: Bool) -> [String] {
    let texts = elements.elements.filter { $0.name == "text" && $0.attributes["y"] != nil }
    let row = x ? "428" : nil
    return texts.filter { row == nil ? $0.attributes["y"] != "428" : $0.attributes["y"] == row }.map(\.text)
  }

  @Test(
    arguments: [
      (0.05, 0.95, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]), (0, 1, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
      (3, 80, ["0", "20", "40", "60", "80"]),
      (-4, 11, ["\u{2212}5.0", "\u{2212}2.5", "0.0", "2.5", "5.0", "7.5", "10.0", "12.5"]),
      (0.1, 0.7, ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7"]),
      (0.301, 0.3049, ["0.301", "0.302", "0.303", "0.304", "0.305"]), (5, 5, ["2", "3", "4", "5", "6", "7", "8"]),
      (0, 0, ["\u{2212}1.0", "\u{2212}0.5", "0.0", "0.5", "1.0"]),
      (0, 3e7, ["0", "5e6", "1e7", "1.5e7", "2e7", "2.5e7", "3e7"]),
      (1e-9, 5e-9, ["1e-9", "2e-9", "3e-9", "4e-9", "5e-9"]),
    ] as [(Double, Double, [String])])
  func ticksAreRoundAndCoverTheValues(low: Double, high: Double, expected: [String]) throws {
    let elements = try plot([.init(low, low), .init(high, high)])
    #expect(ticks(elements, x: true) == expected)
  }

  @Test(
    arguments: [
      (1, 15, ["1", "2", "5", "10", "20"]), (10, 10, ["5", "10", "20"]),
      (0.004, 0.9, ["0.002", "0.005", "0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"]),
      (1e-4, 1, ["0.0001", "0.001", "0.01", "0.1", "1"]),
      (1e-8, 1e12, ["1e-8", "1e-5", "0.01", "10", "10000", "1e7", "1e10", "1e13"]),
    ] as [(Double, Double, [String])])
  func ticksOfALogarithmicAxis(low: Double, high: Double, expected: [String]) throws {
    let elements = try plot([.init(low, 0), .init(high, 1)], x: .init("x", scale: .logarithmic))
    #expect(ticks(elements, x: true) == expected)
  }

  @Test func pointsStandWhereTheTicksSay() throws {
    let line = [LinePlot.Point(0, 0), .init(0.25, 1), .init(1, 0.5)]
    let elements = try plot(line, x: .init("x", range: 0...1), y: .init("y", range: 0...1))
    #expect(elements.attributes("path", "d").contains("M0 360L140 0L560 180"))
    let logarithmic = try plot(
      [.init(1, 0), .init(10, 1), .init(100, 0)], x: .init("x", range: 1...100, scale: .logarithmic))
    #expect(logarithmic.attributes("path", "d").contains("M0 360L280 0L560 360"))
  }

  @Test func aGapDividesALine() throws {
    let gap = [
      LinePlot.Point(0, 0), .init(1, 1), .init(2, .nan), .init(3, 1), .init(4, .infinity), .init(5, 0), .init(6, 1),
    ]
    let elements = try plot(gap, x: .init("x", range: 0...6), y: .init("y", range: 0...1))
    let paths = elements.attributes("path", "d")
    #expect(paths.contains("M0 360L93.33 0") && paths.contains("M466.67 360L560 0"))
    // A point alone would not be seen.
    #expect(elements.attributes("circle", "cx") == ["280"])
    #expect(elements.texts("title") == ["t", "3.0, 1.0"])
    let negative = try plot([.init(-1, 0), .init(0, 1), .init(5, 1)], x: .init("x", scale: .logarithmic))
    #expect(negative.attributes("circle", "cx").count == 1)
  }

  @Test func whatLiesOutsideARangeIsCutOff() throws {
    let inside = try plot([.init(0, 0), .init(1, 1)])
    #expect(inside.elements.filter { $0.name == "svg" }.count == 1)
    let outside = try plot([.init(0, 0), .init(1e99, 1)], x: .init("x", range: 0...2))
    #expect(outside.attributes("svg", "overflow") == ["hidden"])
    #expect(outside.attributes("path", "d").contains("M0 360L1000000 0"))
  }

  @Test func legendMarksAndDiagonal() throws {
    let series = (0..<9).map { LinePlot.Series("alpha \($0)", [.init(0, 0), .init(1, Double($0))], hasDots: true) }
    let plot = LinePlot(
      title: "mIoU", subtitle: "of <nothing> & \u{1}", x: .init("tau"), y: .init("mIoU"), series: series,
      marks: [.init(.init(1, 8), "best \"8\""), .init(.init(.nan, 0), "nowhere")], hasDiagonal: true)
    let elements = try self.elements(plot)
    let texts = elements.texts()
    #expect(texts.contains("mIoU") && texts.contains("of <nothing> & \u{FFFD}") && texts.contains("tau"))
    for line in series { #expect(texts.contains(line.name)) }
    #expect(texts.contains("best \"8\"") && !texts.contains("nowhere"))
    #expect(elements.texts("title").contains("alpha 8: 1.0, 8.0"))
    // Two points a line and a sample of each.
    #expect(elements.elements.count { $0.name == "circle" && $0.attributes["r"] == "4" } == 27)
    // Colors come again behind seven lines, with dashes.
    #expect(elements.attributes("path", "stroke").filter { $0 == "#0072b2" }.count == 2)
    #expect(elements.attributes("g", "stroke-dasharray") == ["7 3", "7 3"])
    #expect(elements.attributes("path", "stroke-dasharray").contains("5 4"))
    // A diagonal from 0 to 1 on y from 0 to 8.
    #expect(elements.attributes("path", "d").contains("M0 360L560 315"))
  }

  @Test func nothingToDrawIsSaid() throws {
    #expect(try plot([]).texts().contains("no values"))
    #expect(try plot([.init(.nan, 1)]).texts().contains("no values"))
    #expect(
      try elements(LinePlot(title: "", x: .init(""), y: .init(""), series: [])).texts().contains("no values"))
  }

  /// Bounds of a plot are what the caller has; none of these may trap.
  @Test(
    arguments: [
      0...0, -1e308...1e308, Double.leastNonzeroMagnitude...Double.leastNormalMagnitude, -0.0...0, 1e99...1e100,
      -5...(-5), 0...Double.infinity, 1...(1 + 1e-15),
      123456789...123456789.25,
    ] as [ClosedRange<Double>])
  func anyRangeIsDrawn(range: ClosedRange<Double>) throws {
    for scale in [LinePlot.Axis.Scale.linear, .logarithmic] {
      for points in [[], [LinePlot.Point(range.lowerBound, 1), .init(range.upperBound, 2)]] {
        for given in [nil, range] {
          let axis = LinePlot.Axis("x", range: given, scale: scale)
          let elements = try plot(points, x: axis, y: axis)
          #expect(!ticks(elements, x: true).isEmpty || given != nil)
          #expect(!elements.attributes("path", "d").contains { $0.contains("nan") || $0.contains("inf") })
        }
      }
    }
  }

  @Test func theSameValuesGiveTheSameBytes() {
    func make() -> String {
      LinePlot(
        title: "t", x: .init("x", scale: .logarithmic), y: .init("y"),
        series: [.init("a", (1..<100).map { .init(Double($0) / 7, 1 / Double($0)) }, hasDots: true)]
      ).svg
    }
    #expect(
      make() == make() && make().hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"")
        && make().hasSuffix("</svg>\n"))
  }

  /// The reader that these tests go by takes no more than XML.
  @Test(arguments: [
    "", "a", "<a>", "<a></b>", "<a/><b/>", "<a><b></a></b>", "<a b=1/>", "<a b=\"1\" b=\"2\"/>", "<a b=\"<\"/>",
    "<a>&</a>",
    "<a>&nbsp;</a>", "<a>\u{1}</a>", "<1/>", "<a/", "<a/>b",
  ])
  func whatIsNoXMLIsRefused(text: String) {
    #expect(throws: SVGElements.Malformed.self) { try SVGElements(text.utf8) }
  }
}
