// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The tensors of one component under the names they have in a published folder, wherever they lie.
///
/// The files are mapped; a tensor is read when it is asked for, and nothing else is.
package struct WeightStore: WeightReader.Source, Sendable {
  /// A tensor as it lies in a file.
  private struct Stored {
    let file: Int
    let name: String
    let form: StoredForm
    let type: SafetensorsFile.ElementType
    /// After slicing and transposing.
    let shape: [Int]
  }

  package let component: ModelComponent
  private let files: [SafetensorsFile]
  private let tensors: [String: Stored]
  /// Returns the name that a tensor has in files of this layout, for messages.
  let fileName: @Sendable (String) -> String

  /// - Parameters:
  ///   - naming: returns the names in a published folder for a name in a file; none for a tensor of another component.
  ///   - fileName: returns the name in the files for a name of a published folder, for messages about missing tensors.
  init(
    _ component: ModelComponent, files: [SafetensorsFile], naming: (String) -> [TensorNaming],
    fileName: @escaping @Sendable (String) -> String = { $0 }
  ) throws(CheckpointError) {
    var tensors: [String: Stored] = [:]
    for (index, file) in files.enumerated() {
      for (name, entry) in file.entries.sorted(by: { $0.key < $1.key }) {
        for target in naming(name) where target.component == component {
          let stored = Stored(
            file: index, name: name, form: target.form, type: entry.type, shape: target.form.shape(of: entry.shape))
          if let other = tensors.updateValue(stored, forKey: target.name) {
            throw .duplicate(name, path: file.path, other: other.name)
          }
        }
      }
    }
    self.component = component
    self.files = files
    self.tensors = tensors
    self.fileName = fileName
  }

  package var paths: [String] { files.map(\.path) }
  /// The file to name when a tensor is in none.
  var path: String { files.first?.path ?? "" }
  package var names: some Collection<String> { tensors.keys }
  package var isEmpty: Bool { tensors.isEmpty }

  package func shape(_ name: String) -> [Int]? { tensors[name]?.shape }
  package func type(_ name: String) -> SafetensorsFile.ElementType? { tensors[name]?.type }

  /// The numbers from 0 on that follow a prefix in names: those of the blocks after "down_blocks.", say.
  func indices(after prefix: String) -> Set<Int> {
    Set(
      tensors.keys.lazy.filter { $0.hasPrefix(prefix) }.compactMap { name in
        Int(name.dropFirst(prefix.count).prefix { $0 != "." }).flatMap { $0 >= 0 ? $0 : nil }
      })
  }

  /// How many numbers follow a prefix; they have to be 0, 1, 2 and so on.
  func count(after prefix: String) throws(CheckpointError) -> Int {
    let indices = indices(after: prefix)
    guard let gap = (0..<indices.count).first(where: { !indices.contains($0) }) else { return indices.count }
    throw .unsupportedStructure(
      path: path, found: "no tensors '\(prefix)\(gap).…'", expected: "consecutive block numbers")
  }

  /// Checks that a tensor is there with floating-point numbers in the given shape; does not read it.
  package func check(_ name: String, shape: [Int]) throws(CheckpointError) { _ = try find(name, shape) }

  /// Reads a tensor, in single precision.
  ///
  /// A 1×1 convolution and a linear layer hold the same numbers: either is taken for the other.
  ///
  /// - Throws: `CheckpointError` when it is missing, has another shape or type, or holds an infinity or a NaN.
  package func tensor(_ name: String, shape: [Int]) throws(CheckpointError) -> Tensor {
    try stored(name, shape: shape).tensor(Tensor.Shape(shape))
  }

  /// The same, read when it is used; values are looked at now.
  ///
  /// - Throws: as `tensor`.
  package func stored(_ name: String, shape: [Int]) throws(CheckpointError) -> StoredArray {
    let stored = try find(name, shape)
    let file = files[stored.file]
    var array: StoredArray
    do {
      switch stored.form {
      case .whole, .transposed: array = try file.stored(stored.name)
      case .third(let part):
        array = try file.stored(stored.name, rows: part * stored.shape[0]..<(part + 1) * stored.shape[0])
      }
    } catch {
      throw .safetensors(path: file.path, error)
    }
    if let (index, value) = array.firstNonFinite {
      throw .notFinite(stored.name, path: file.path, value: "\(value)", index: index)
    }
    if stored.form == .transposed {
      array = StoredArray(array.tensor(Tensor.Shape(stored.shape.reversed())).transposed)
    }
    return array
  }

  /// Rows of a matrix, in the order asked for; the others are not read.
  ///
  /// - Throws: as `tensor`.
  package func rows(_ indices: [Int], of name: String, shape: [Int]) throws(CheckpointError) -> Tensor {
    let stored = try find(name, shape)
    let file = files[stored.file]
    var values: [Float] = []
    for index in indices {
      do {
        values += try file.tensor(stored.name, rows: index..<index + 1).values
      } catch {
        throw .safetensors(path: file.path, error)
      }
    }
    let result = Tensor([indices.count, shape[1]], values: values)
    if let (position, value) = result.firstNonFinite {
      throw .notFinite(stored.name, path: file.path, value: "\(value)", index: position)
    }
    return result
  }

  /// Checks, after the last read, that the files are those that were opened.
  ///
  /// - Throws: `CheckpointError.system`.
  func checkUnchanged() throws(CheckpointError) {
    for file in files {
      do { try file.checkUnchanged() } catch { throw .system(error) }
    }
  }

  /// Appends a tensor's bytes in the layout of a published folder and in the type that the file has.
  ///
  /// - Precondition: the tensor is there.
  package func copy(_ name: String, to sink: inout Sink) throws(FileError) {
    guard let stored = tensors[name], let entry = files[stored.file].entries[stored.name] else {
      preconditionFailure("no tensor \(name) to copy")
    }
    switch stored.form {
    case .whole: try files[stored.file].copy(entry, to: &sink)
    case .third(let part):
      let rows = stored.shape.first ?? 0
      try files[stored.file].copy(entry, rows: part * rows..<(part + 1) * rows, to: &sink)
    case .transposed: try files[stored.file].copyTransposed(entry, to: &sink)
    }
  }

  /// 4 GiB in single precision; the largest tensor of published models is a sixteenth of that. A file may claim more than
  /// it takes on the disk.
  private static let maximumCount = 1 << 30

  private func find(_ name: String, _ shape: [Int]) throws(CheckpointError) -> Stored {
    guard let stored = tensors[name] else { throw .missingTensor(fileName(name), path: path, expected: shape) }
    let path = files[stored.file].path
    // The type first: quantized weights often have another shape too.
    guard stored.type.isFloatingPoint else {
      throw .wrongType(stored.name, path: path, found: stored.type.rawValue)
    }
    guard Self.asMatrix(stored.shape) == Self.asMatrix(shape) else {
      throw .wrongShape(stored.name, path: path, found: stored.shape, expected: shape)
    }
    let count = stored.shape.reduce(1, *)
    guard count <= Self.maximumCount else {
      throw .unsupportedStructure(
        path: path, found: "\(count) numbers in tensor '\(stored.name)'", expected: "at most \(Self.maximumCount)")
    }
    return stored
  }

  /// [n, m] for [n, m, 1, 1]; other shapes as they are.
  private static func asMatrix(_ shape: [Int]) -> [Int] {
    shape.count == 4 && shape[2] == 1 && shape[3] == 1 ? Array(shape[..<2]) : shape
  }
}

/// How a tensor lies in its file, compared with what a published folder has.
enum StoredForm: Equatable, Sendable {
  case whole
  /// One of three equal parts, one below another: queries, keys or values.
  case third(Int)
  case transposed

  func shape(of stored: [Int]) -> [Int] {
    switch self {
    case .whole: stored
    case .third: stored.isEmpty || stored[0] % 3 != 0 ? stored : [stored[0] / 3] + stored.dropFirst()
    case .transposed: stored.reversed()
    }
  }
}

extension Tensor {
  /// A matrix's transpose; other ranks as they are.
  fileprivate var transposed: Tensor {
    guard shape.rank == 2 else { return self }
    let (rows, columns) = (shape[0], shape[1])
    var result = Tensor(zeros: [columns, rows])
    withSpan { source in
      result.withMutableSpan { target in
        for row in 0..<rows {
          for column in 0..<columns { target[column * rows + row] = source[row * columns + column] }
        }
      }
    }
    return result
  }
}
