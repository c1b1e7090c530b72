// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The weights and the configuration of a model, opened but not read.
package protocol Checkpoint: Sendable {
  var location: CheckpointLocation { get }
  /// The weights of every component.
  var stores: [WeightStore] { get }
  /// Every component, with the tensors that the features depend on.
  var requirements: [(store: WeightStore, tensors: [TensorRequirement])] { get }
  /// The model that a packed file was made of; nil for other files.
  var origin: PackedModel.Origin? { get }
  /// The settings that weights do not show, as files of a published folder that opening a model reads to the same configuration.
  var packedFiles: [String: String] { get }

  /// Computes the tensors that a packed model contains besides the weights, by their names; none by default.
  ///
  /// - Throws: `CheckpointError` for weights that are missing or wrong.
  func packedTensors(observer: StageObserver) throws -> [String: Tensor]
}

extension CheckpointLocation {
  /// Opens the model of this place, whatever its family is.
  ///
  /// - Parameter configurationFolder: the folder of the configuration files of a single file.
  package func open(configurationFolder: String? = nil) throws(CheckpointError) -> any Checkpoint {
    if VisionTransformerCheckpoint.recognizes(self) {
      return try VisionTransformerCheckpoint(opening: self, configurationFolder: configurationFolder)
    }
    return try DiffusionCheckpoint(opening: self, configurationFolder: configurationFolder)
  }
}

extension Checkpoint {
  package var isPacked: Bool { origin != nil }

  package func packedTensors(observer: StageObserver) -> [String: Tensor] { [:] }

  /// Checks that every tensor that the features depend on is present, with the right shape and a floating-point type.
  ///
  /// - Parameters:
  ///   - readingValues: whether to read all of these tensors too, and to reject infinities and NaNs.
  ///   - observer: each tensor that is read is a stage, named by `stage(_:_:)`.
  package func validate(
    readingValues: Bool = false, observer: StageObserver = StageObserver()
  ) throws(CheckpointError) {
    let requirements = requirements
    for (store, tensors) in requirements {
      for tensor in tensors { try store.check(tensor.name, shape: tensor.shape) }
    }
    guard readingValues else { return }
    for (store, tensors) in requirements {
      for tensor in tensors {
        observer.begin(Self.stage(store.component, tensor))
        _ = try store.tensor(tensor.name, shape: tensor.shape)
      }
    }
    try checkUnchanged()
  }

  /// Returns the name of the stage that reads a tensor: `unet.conv_in.weight`.
  package static func stage(_ component: ModelComponent, _ tensor: TensorRequirement) -> String {
    "\(component.rawValue).\(tensor.name)"
  }

  /// Checks, after the last read, that no file has changed since it was opened: by a download that continues, or by a copy that
  /// is deleted.
  ///
  /// - Throws: `CheckpointError.system`.
  package func checkUnchanged() throws(CheckpointError) {
    for store in stores { try store.checkUnchanged() }
  }

  /// A summary of each component, for reports.
  package var summaries: [CheckpointSummary] {
    requirements.map { store, tensors in
      let needed = tensors.map { (count: $0.shape.reduce(1, *), type: store.type($0.name)) }
      return CheckpointSummary(
        component: store.component, paths: store.paths, types: Set(needed.compactMap { $0.type?.rawValue }).sorted(),
        neededTensorCount: tensors.count, tensorCount: store.names.count,
        parameterCount: needed.reduce(0) { $0 + $1.count },
        byteCount: needed.reduce(0) { $0 + $1.count * ($1.type?.byteCount ?? 0) })
    }
  }
}

/// The files and the size of a component of a checkpoint.
package struct CheckpointSummary: Equatable, Sendable {
  package let component: ModelComponent
  package let paths: [String]
  /// The element types of the tensors that are needed, such as "F16".
  package let types: [String]
  /// The number of tensors that are needed.
  package let neededTensorCount: Int
  /// The number of all tensors.
  package let tensorCount: Int
  /// The number of elements of the tensors that are needed.
  package let parameterCount: Int
  /// The bytes of these elements in the files.
  package let byteCount: Int
}
