// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import TestSupport

/// Files of `fixtures/baselines`, and the features they were made of.
enum BaselineFixture {
  static func file(_ name: String) throws -> SafetensorsFile {
    try SafetensorsFile(path: Fixture.path("baselines/\(name).safetensors"))
  }

  static func integers(_ tensor: String, in file: SafetensorsFile) throws -> [Int] {
    try file.doubles(tensor).map { Int($0) }
  }

  /// Features of a photograph: `NAME-16`, means of 2x2 cells; `NAME-32`, or the `NAME-crop16` in its middle.
  static func features(_ name: String) throws -> FeatureMap {
    let sources = [
      "coffee": "coffee-tau0.3", "chelsea": "chelsea-tau0.25", "rocket": "rocket-tau0.3",
      "astronaut": "astronaut-tau0.2",
    ]
    let photograph = String(name.prefix { $0 != "-" })
    if name == "\(photograph)-16" {
      return try FeatureMap(contentsOf: Fixture.path("baselines/\(name).safetensors"))
    }
    let whole = try FeatureMap(contentsOf: Fixture.path("ncut/\(sources[photograph] ?? "").safetensors"))
    if name.hasSuffix("-32") { return whole }
    let (side, first, channels) = (16, 8, whole.channels)
    var values = ContiguousArray<Double>()
    for row in first..<first + side {
      let start = (row * whole.grid.width + first) * channels
      values += whole.values[start..<start + side * channels]
    }
    return try FeatureMap(grid: Grid(height: side, width: side), channels: channels, values: values)
  }

  /// Two flat fields, `split` columns of the one and the rest of the other.
  static func halves(_ grid: Grid, split: Int) throws -> FeatureMap {
    try fields(grid, (0..<grid.count).map { $0 % grid.width < split })
  }

  /// (1, 0) where `isFirst`, (0, 1) elsewhere.
  static func fields(_ grid: Grid, _ isFirst: [Bool]) throws -> FeatureMap {
    var values = ContiguousArray<Double>()
    for first in isFirst { values += first ? [1, 0] : [0, 1] }
    return try FeatureMap(grid: grid, channels: 2, values: values)
  }

  static func constant(_ grid: Grid) throws -> FeatureMap {
    var values = ContiguousArray<Double>()
    for _ in 0..<grid.count { values += [1, 2, -0.5] }
    return try FeatureMap(grid: grid, channels: 3, values: values)
  }
}
