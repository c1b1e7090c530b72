// SPDX-License-Identifier: Apache-2.0
import Foundation
import Tensor
import TestSupport
import Testing
import UNet

/// A copy of a narrow vision transformer of the fixtures, with changes.
struct TransformerCopy {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  var weightPath: String { directory.file("model.safetensors") }
  var configurationPath: String { directory.file("config.json") }

  static func tensors(_ name: String) throws -> [String: Tensor] {
    let file = try SafetensorsFile(path: Fixture.path("vit/\(name)/model.safetensors"))
    return try Dictionary(uniqueKeysWithValues: file.entries.keys.map { ($0, try file.tensor($0)) })
  }

  /// Writes the weights and the settings of a model, with changed tensors.
  func write(
    _ name: String, as type: SafetensorsFile.ElementType = .float16,
    _ change: (inout [String: Tensor]) -> Void = { _ in }
  ) throws {
    var tensors = try Self.tensors(name)
    change(&tensors)
    try write(tensors, to: "model.safetensors", as: type)
    try writeSettings(name)
  }

  func write(
    _ tensors: [String: Tensor], to file: String, as type: SafetensorsFile.ElementType = .float16
  ) throws {
    try write(SafetensorsFile.encode(tensors, metadata: ["format": "pt"]) { _ in type }, to: file)
  }

  func write(_ bytes: [UInt8], to file: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: directory.file(file)))
  }

  /// Writes config.json and preprocessor_config.json, with changed entries.
  func writeSettings(_ name: String, changing changes: [String: Any] = [:]) throws {
    for file in ["config.json", "preprocessor_config.json"] {
      let source = Fixture.path("vit/\(name)/\(file)")
      guard Directory.hasFile(source) else { continue }
      let data = try Data(contentsOf: URL(fileURLWithPath: source))
      var object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      if file == "config.json" { object.merge(changes) { $1 } }
      try write([UInt8](JSONSerialization.data(withJSONObject: object)), to: file)
    }
  }

  static func open(_ path: String) throws -> VisionTransformerCheckpoint {
    try #require(try CheckpointLocation.resolve(path).open() as? VisionTransformerCheckpoint)
  }

  func open() throws -> VisionTransformerCheckpoint { try Self.open(directory.path) }
}
