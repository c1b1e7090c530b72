// SPDX-License-Identifier: Apache-2.0
import Tensor

/// Arrays that other programs write: `.npy` or `.safetensors`, recognized by content.
enum NumberFile {
  struct Numbers {
    let shape: [Int]
    let values: ContiguousArray<Double>
    /// The metadata of a safetensors file; empty of an `.npy` file.
    var metadata: [String: String] = [:]
    /// Whether the metadata describes this tensor: it is `features`, or the only one.
    var isMain = true
  }

  /// - Parameters:
  ///   - path: "-" is standard input.
  ///   - pipeError: what a pipe that does not hold `.npy` is.
  ///   - check: refuses so many numbers before they are read; an array's and then a tensor's.
  ///   - choice: the names of the tensors wanted of a safetensors file.
  /// - Throws: `FileError`, `NPYError` or `SafetensorsError` for a file that cannot be read; `pipeError`.
  static func arrays(
    in path: String, unlessPiped pipeError: any Error, checkingCount check: (Int) throws -> Void,
    choosing choice: (SafetensorsFile) -> [String]
  ) throws -> [Numbers] {
    // A pipe cannot be mapped, so it holds .npy; a file is told by its first byte.
    let isFile = path != "-" && Directory.hasFile(path)
    let isArray = try !isFile || MappedFile(path: path).withBytes { $0.count == 0 || $0[0] == 0x93 }
    if isArray || path.hasSuffix(".npy") {
      let bytes = try MappedFile.contents(of: path)
      if !isFile && bytes.first != 0x93 { throw pipeError }
      let array = try NPY.parse(bytes)
      try check(array.count)
      return [Numbers(shape: array.shape, values: array.doubles())]
    }
    let file = try SafetensorsFile(path: path)
    let numbers = try choice(file).map { name in
      let shape = file.entries[name]?.shape ?? []
      try check(shape.reduce(1, *))
      return Numbers(
        shape: shape, values: try file.doubles(name), metadata: file.metadata,
        isMain: name == "features" || file.entries.count == 1)
    }
    try file.checkUnchanged()
    return numbers
  }

  /// The name of a file's tensor where there is but one.
  static func onlyTensor(of file: SafetensorsFile) -> String? {
    file.entries.count == 1 ? file.entries.keys.first : nil
  }
}
