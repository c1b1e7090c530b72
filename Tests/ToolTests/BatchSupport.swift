// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// A folder of small images with different colors.
struct Photographs {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// - Parameter names: paths below the folder, such as "a/1.ppm".
  init(_ names: [String], width: Int = 60, height: Int = 45) throws {
    folder = try TemporaryFolder()
    for (index, name) in names.enumerated() { try add(name, seed: index, width: width, height: height) }
  }

  var path: String { folder.path }

  func add(_ name: String, seed: Int, width: Int = 60, height: Int = 45) throws {
    try write(Self.picture(seed: seed, width: width, height: height), name)
  }

  func write(_ data: Data, _ name: String) throws {
    let url = URL(fileURLWithPath: folder.file(name))
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: url)
  }

  /// A PPM of three fields and a slope.
  static func picture(seed: Int, width: Int = 60, height: Int = 45) -> Data {
    var data = Data("P6\n\(width) \(height)\n255\n".utf8)
    for y in 0..<height {
      for x in 0..<width {
        let field = x * 3 / width
        let value = (seed * 37 + field * 90 + (y > (seed * 7 + x) % height ? 60 : 0)) % 256
        data.append(contentsOf: [UInt8(value), UInt8((value * 3 + y) % 256), UInt8((255 - value + x) % 256)])
      }
    }
    return data
  }
}

/// Every file below a folder, hidden ones too, by its path.
func tree(_ folder: String) throws -> [String: Data] {
  var files: [String: Data] = [:]
  let enumerator = try #require(FileManager.default.enumerator(atPath: folder))
  for case let name as String in enumerator {
    var isDirectory: ObjCBool = false
    let path = "\(folder)/\(name)"
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue else {
      continue
    }
    files[name] = try Data(contentsOf: URL(fileURLWithPath: path))
  }
  return files
}

/// The results among them: without records.
func results(_ folder: String) throws -> [String] {
  try tree(folder).keys.filter { !$0.hasPrefix(".diffcut/") }.sorted()
}

extension BuiltTool.Outcome {
  /// Lines of JSON.
  var objects: [[String: Any]] {
    get throws {
      try text.split(separator: "\n").map { line in
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      }
    }
  }

  func all(_ member: String) throws -> [String] { try objects.map { $0[member] as? String ?? "" } }
}
