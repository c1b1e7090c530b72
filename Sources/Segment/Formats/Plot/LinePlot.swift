// SPDX-License-Identifier: Apache-2.0

/// Lines over two axes: a picture that loads nothing, the same bytes for the same values.
///
/// ```swift
/// let plot = LinePlot(
///   title: "Chance", x: .init("false positives", range: 0...1), y: .init("true positives", range: 0...1),
///   series: [.init("cosine", [.init(0, 0), .init(0.2, 0.7), .init(1, 1)])], hasDiagonal: true)
/// try Data(plot.svg.utf8).write(to: file)
/// ```
public struct LinePlot: Equatable, Sendable {
  public struct Point: Equatable, Sendable {
    public var x: Double
    public var y: Double

    public init(_ x: Double, _ y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// One line. A point that is not finite, beyond 1e100, or not above 0 on a logarithmic axis, is a gap in it.
  public struct Series: Equatable, Sendable {
    /// What the legend calls it; nothing leaves it out there.
    public var name: String
    /// Joined in this order.
    public var points: [Point]
    /// A dot on every point, which tells its values where a pointer rests on it. A point between two gaps always has one.
    public var hasDots: Bool

    public init(_ name: String, _ points: [Point], hasDots: Bool = false) {
      self.name = name
      self.points = points
      self.hasDots = hasDots
    }
  }

  /// A point with a ring around it and words beside it.
  public struct Mark: Equatable, Sendable {
    public var point: Point
    public var text: String

    public init(_ point: Point, _ text: String) {
      self.point = point
      self.text = text
    }
  }

  public struct Axis: Equatable, Sendable {
    public enum Scale: Equatable, Sendable {
      case linear, logarithmic
    }

    public var title: String
    /// What is shown, nothing outside of it; nil, or bounds that the scale cannot have: all values, up to a round number.
    public var range: ClosedRange<Double>?
    public var scale: Scale

    public init(_ title: String, range: ClosedRange<Double>? = nil, scale: Scale = .linear) {
      self.title = title
      self.range = range
      self.scale = scale
    }
  }

  public var title: String
  /// A smaller line below it.
  public var subtitle: String
  public var x: Axis
  public var y: Axis
  public var series: [Series]
  public var marks: [Mark]
  /// A dashed line of points with x = y, such as chance in a ROC curve.
  public var hasDiagonal: Bool

  public init(
    title: String, subtitle: String = "", x: Axis, y: Axis, series: [Series], marks: [Mark] = [],
    hasDiagonal: Bool = false
  ) {
    self.title = title
    self.subtitle = subtitle
    self.x = x
    self.y = y
    self.series = series
    self.marks = marks
    self.hasDiagonal = hasDiagonal
  }

  /// The picture as SVG 1.1, text in UTF-8.
  public var svg: String { LinePlotDrawing(self).svg }
}
