// SPDX-License-Identifier: Apache-2.0

/// Elements handed to a thread at a time.
private let elementsPerTask = 16_384

extension Tensor {
  /// x·σ(1.702·x) of every element (CLIP's `quick_gelu`); within 1.5 ulp of x.
  package func quickGELU(using kernels: KernelTable = .current) -> Tensor {
    var result = Tensor(uninitialized: shape)
    let (source, target, count) = (pointer, result.mutablePointer, count)
    Parallel.forEach((count + elementsPerTask - 1) / elementsPerTask) { task in
      let first = task * elementsPerTask
      kernels.set.quickGELU(source + first, target + first, count: min(elementsPerTask, count - first))
    }
    return result
  }

  /// self ← self + other, in place.
  ///
  /// - Shapes: equal.
  package mutating func add(_ other: Tensor, using kernels: KernelTable = .current) {
    precondition(shape == other.shape, "adding \(other.shape) to \(shape)")
    let (source, target, count) = (other.pointer, mutablePointer, count)
    Parallel.forEach((count + elementsPerTask - 1) / elementsPerTask) { task in
      let first = task * elementsPerTask
      kernels.set.add(source + first, target + first, count: min(elementsPerTask, count - first))
    }
  }

  /// self ← self + row on every row, in place: a bias, or the time term of a ResNet block.
  ///
  /// - Shapes: self [..., c], `row` [c].
  package mutating func addToRows(_ row: Tensor, using kernels: KernelTable = .current) {
    let length = shape.extents.last ?? 1
    precondition(row.count == length, "adding a row of \(row.shape) to \(shape)")
    guard count > 0 else { return }
    let (source, target, rows) = (row.pointer, mutablePointer, count / length)
    let rowsPerTask = max(1, elementsPerTask / length)
    Parallel.forEach((rows + rowsPerTask - 1) / rowsPerTask) { task in
      for index in task * rowsPerTask..<min(rows, (task + 1) * rowsPerTask) {
        kernels.set.add(source, target + index * length, count: length)
      }
    }
  }
}
