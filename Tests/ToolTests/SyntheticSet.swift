// SPDX-License-Identifier: Apache-2.0
import Foundation
import Segment

/// A small set in a folder that goes away with it.
struct SyntheticSet {
  let files: Photographs

  /// Sums of `eval --partial` over one image and one class.
  static let sums = """
    {"kind":"diffcut evaluation sums","v":1,"dataset":"folder","protocol":"paper","source":"s","settings":"h",\
    "classes":["a"],"images":["1"],"pixels":3,"tp":[1],"fp":[4],"fn":[2]}
    """

  init() throws { files = try Photographs() }

  var root: String { files.folder.file("set") }
  var folder: TemporaryFolder { files.folder }

  func add(_ data: Data, _ name: String) throws { try files.write(data, "set/\(name)") }

  /// A photograph of three fields, which every decoder tells by its content whatever its name.
  func addPhotograph(_ name: String, seed: Int = 0, width: Int = 60, height: Int = 45) throws {
    try add(Photographs.picture(seed: seed, width: width, height: height), name)
  }

  /// Labels in three bands, as the fields of the photograph.
  static func labels(_ values: [UInt8], width: Int = 60, height: Int = 45) -> Data {
    let samples = ContiguousArray((0..<width * height).map { values[$0 % width * values.count / width] })
    return Data(PNGImage(width: width, height: height, grayscale: samples).encoded())
  }

  func addLabels(_ name: String, _ values: [UInt8], width: Int = 60, height: Int = 45) throws {
    try add(Self.labels(values, width: width, height: height), name)
  }
}
