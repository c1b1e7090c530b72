// SPDX-License-Identifier: Apache-2.0
import Tensor

/// A tensor that a network needs: its name in a published folder, and its shape.
package struct TensorRequirement: Equatable, Hashable, Sendable {
  package let name: String
  package let shape: [Int]

  package init(_ name: String, _ shape: [Int]) {
    self.name = name
    self.shape = shape
  }
}

extension Tensor {
  /// A tensor without elements.
  static var empty: Tensor { Tensor(zeros: [0]) }
}

extension WeightReader {
  /// Builds a network without weights.
  ///
  /// The initializers of networks state their topology once. Here they run on placeholders without elements: the result cannot
  /// compute, but it lists its tensors and counts its multiply-accumulates.
  ///
  /// - Returns: the network, and the tensors that it needs in the order of the computation.
  static func outline<Network>(
    _ build: (WeightReader) throws -> Network
  ) -> (network: Network, tensors: [TensorRequirement]) {
    let recorder = TensorRecorder()
    do {
      return (try build(WeightReader(recorder)), recorder.tensors)
    } catch {
      preconditionFailure("placeholders are never missing: \(error)")
    }
  }
}

/// Records every tensor that is asked for, and returns placeholders. They take no memory, whatever the shape.
private final class TensorRecorder: WeightReader.Source {
  private(set) var tensors: [TensorRequirement] = []

  func tensor(_ name: String, shape: [Int]) -> Tensor {
    tensors.append(TensorRequirement(name, shape))
    return .empty
  }

  func stored(_ name: String, shape: [Int]) -> StoredArray {
    tensors.append(TensorRequirement(name, shape))
    return StoredArray(placeholderCount: shape.reduce(1, *))
  }

  func rows(_ indices: [Int], of name: String, shape: [Int]) -> Tensor {
    tensor(name, shape: shape)
  }
}
