// SPDX-License-Identifier: Apache-2.0
import Tensor

/// A weight file of a synthetic model, to be written.
package struct SyntheticFile: Sendable {
  /// Under the model's folder, or the component's name of a single file.
  package let name: String
  package let tensors: [SafetensorsFile.Planned]
  package let metadata: [String: String]?
  private let contents: [String: Content]

  package var elementCount: Int { tensors.reduce(0) { $0 + $1.count } }
  package var byteCount: Int {
    SafetensorsFile.header(of: tensors, metadata: metadata).count + tensors.reduce(0) { $0 + $1.byteCount }
  }

  /// The elements of a tensor of a file.
  enum Content: Sendable {
    /// Weights one after the other, under diffusers' present names.
    case weights(ModelComponent, [TensorRequirement])
    /// A matrix's transpose.
    case transposed(ModelComponent, TensorRequirement)
    /// 0, 1, … 76.
    case positions
    /// ln 100, OpenCLIP's inverse temperature; nothing depends on it.
    case logitScale
  }

  /// A tensor of a file and its content.
  struct Stored {
    let planned: SafetensorsFile.Planned
    let content: Content
  }

  init(_ name: String, _ tensors: [Stored], metadata: [String: String]?) {
    self.name = name
    self.metadata = metadata
    self.tensors = tensors.map(\.planned).sorted(by: SafetensorsFile.precedes)
    contents = Dictionary(tensors.map { ($0.planned.name, $0.content) }, uniquingKeysWith: { first, _ in first })
  }

  /// Writes weights, of which only a few megabytes are ever in memory.
  ///
  /// - Parameter observer: each tensor that is written is a stage, named as the tensor.
  fileprivate func write(
    to path: String, seed: UInt32, isXL: Bool, observer: StageObserver
  ) throws(FileError) {
    var weights = SyntheticWeights(seed: seed, isXL: isXL)
    try SafetensorsFile.write(tensors, metadata: metadata, to: path) { planned, sink throws(FileError) in
      observer.begin(planned.name)
      switch contents[planned.name] {
      case .weights(let component, let parts):
        for part in parts { try weights.write(part, of: component, isWide: planned.type == .float32, to: &sink) }
      case .transposed(let component, let matrix):
        try weights.writeTransposed(matrix, of: component, to: &sink)
      case .logitScale:
        let word = [halfBits(of: 4.6051702).littleEndian]
        try sink.append(word.span)
      case .positions, nil: try Self.writePositions(planned, to: &sink)
      }
    }
  }

  private static func writePositions(
    _ planned: SafetensorsFile.Planned, to sink: inout Sink
  ) throws(FileError) {
    if planned.type == .int64 {
      let positions = (0..<planned.count).map { Int64($0).littleEndian }
      try sink.append(positions.span)
    } else {
      let positions = (0..<planned.count).map { halfBits(of: Float($0)).littleEndian }
      try sink.append(positions.span)
    }
  }
}

/// A synthetic model in the layout of a published folder.
package protocol SyntheticFolder: Sendable {
  /// The weight files.
  var folderFiles: [SyntheticFile] { get }
  /// The configuration files by their paths under the model's folder.
  var configurations: [(path: String, text: String)] { get }
  /// The seed of the weights.
  var seed: UInt32 { get }
  /// Whether the weights are distributed as those of XL models.
  var isXL: Bool { get }
}

extension SyntheticFolder {
  /// Writes a weight file; a few megabytes of it are in memory at a time.
  ///
  /// - Parameter observer: each tensor that is written is a stage, named as the tensor.
  package func write(
    _ file: SyntheticFile, to path: String, observer: StageObserver = StageObserver()
  ) throws(FileError) {
    try file.write(to: path, seed: seed, isXL: isXL, observer: observer)
  }

  /// Writes a published folder; what it has under the same names is replaced.
  ///
  /// - Parameters:
  ///   - willWrite: called before each weight file.
  ///   - observer: each tensor that is written is a stage, named as the tensor.
  package func writeFolder(
    _ folder: String, willWrite: (SyntheticFile) -> Void = { _ in }, observer: StageObserver = StageObserver()
  ) throws(FileError) {
    try OutputFile.createDirectory(folder)
    for (path, text) in configurations {
      if let slash = path.lastIndex(of: "/") { try OutputFile.createDirectory("\(folder)/\(path[..<slash])") }
      try OutputFile.write([Array(text.utf8)], to: "\(folder)/\(path)")
    }
    for file in folderFiles {
      willWrite(file)
      try write(file, to: "\(folder)/\(file.name)", observer: observer)
    }
  }
}
