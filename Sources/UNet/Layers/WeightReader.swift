// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The weights of one component, or of one module of it, by their published names.
///
/// Initializers of layers ask for the tensors that they need, with the shapes that they must have, and compute nothing. A
/// network that was made is therefore whole, and the same initializers list the tensors of a network (`outline`).
package struct WeightReader {
  /// Where weights come from.
  package protocol Source {
    /// A tensor of single precision, checked for its shape and for values that are not finite.
    func tensor(_ name: String, shape: [Int]) throws -> Tensor
    /// A tensor that is widened to single precision when it is used, checked like one that is read now.
    func stored(_ name: String, shape: [Int]) throws -> StoredArray
    /// Rows of a matrix; the others are not read.
    func rows(_ indices: [Int], of name: String, shape: [Int]) throws -> Tensor
  }

  private let source: any Source
  private let prefix: String
  /// Of the products of layers that are made with the weights.
  let precision: Precision

  package init(_ source: any Source, precision: Precision = .single) {
    self.init(source, prefix: "", precision)
  }

  private init(_ source: any Source, prefix: String, _ precision: Precision) {
    self.source = source
    self.prefix = prefix
    self.precision = precision
  }

  /// The weights of a module.
  func module(_ name: String) -> WeightReader { WeightReader(source, prefix: "\(prefix)\(name).", precision) }

  func tensor(_ name: String, _ shape: [Int]) throws -> Tensor {
    try source.tensor(prefix + name, shape: shape)
  }

  func stored(_ name: String, _ shape: [Int]) throws -> StoredArray {
    try source.stored(prefix + name, shape: shape)
  }

  func rows(_ indices: [Int], of name: String, _ shape: [Int]) throws -> Tensor {
    try source.rows(indices, of: prefix + name, shape: shape)
  }
}
