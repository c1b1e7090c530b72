// SPDX-License-Identifier: Apache-2.0
import Kernels

/// A symmetric matrix in single precision of which one triangle is stored: half the memory, and half the memory traffic
/// of a product.
///
/// Rows are kept in groups of 16; those of group g hold the columns 0 ..< 16·(g + 1), so that every row starts on a
/// cache line and ends with whole vectors. Elements past the dimension are 0.
package struct SymmetricTensor: Sendable {
  package let dimension: Int
  private let storage: AlignedBuffer<Float>

  private init(uninitialized dimension: Int) {
    self.dimension = dimension
    storage = AlignedBuffer(
      count: symmetricGroupOffset(Self.groups(of: dimension)))
  }

  /// The elements at and below the diagonal, each row written by `fill`, which may run for several rows at once.
  ///
  /// - Parameter fill: sets elements 0 ... row of the row at the pointer.
  init(
    _ dimension: Int, inRuns runs: Int, by team: ParallelTeam? = nil,
    fill: (_ run: Int, _ row: (Int) -> UnsafeMutablePointer<Float>) -> Void
  ) {
    self.init(uninitialized: dimension)
    let elements = storage.pointer
    func fillRun(_ run: Int) { fill(run) { elements + Self.offset($0) } }
    if let team { team.forEach(runs, fillRun) } else { Parallel.forEach(runs, fillRun) }
    completeDiagonalBlocks()
  }

  /// The part of a square matrix at and below its diagonal.
  package init(lower matrix: Tensor) {
    precondition(matrix.shape.rank == 2 && matrix.shape[0] == matrix.shape[1], "lower triangle of \(matrix.shape)")
    let n = matrix.shape[0]
    let source = matrix.pointer
    self.init(n, inRuns: 1) { _, row in
      for i in 0..<n { row(i).update(from: source + i * n, count: i + 1) }
    }
  }

  package subscript(i: Int, j: Int) -> Float {
    precondition(min(i, j) >= 0 && max(i, j) < dimension, "element [\(i), \(j)] of order \(dimension)")
    return storage.pointer[Self.offset(max(i, j)) + min(i, j)]
  }

  private static func groups(of dimension: Int) -> Int { (dimension + symmetricGroup - 1) / symmetricGroup }

  /// Of the first element of a row.
  private static func offset(_ row: Int) -> Int {
    let (group, index) = (row / symmetricGroup, row % symmetricGroup)
    return symmetricGroupOffset(group) + index * (group + 1) * symmetricGroup
  }

  /// Mirrors the blocks on the diagonal and clears what lies past the dimension.
  private func completeDiagonalBlocks() {
    let padded = Self.groups(of: dimension) * symmetricGroup
    for i in 0..<padded {
      let row = storage.pointer + Self.offset(i)
      let end = (i / symmetricGroup + 1) * symmetricGroup
      if i >= dimension {
        row.update(repeating: 0, count: end)
      } else {
        for j in i + 1..<max(i + 1, end) { row[j] = j < dimension ? storage.pointer[Self.offset(j) + i] : 0 }
      }
    }
  }

  /// Dimension from which a product pays for a team of threads that are awake.
  package static let teamDimension = 384
  /// Dimension from which it pays for threads that have to be woken.
  private static let threadedDimension = 1536

  /// Parts that are summed each by one thread. They depend on the dimension only, and so does the order of the sums.
  private var parts: Int {
    dimension < Self.teamDimension ? 1 : dimension < Self.threadedDimension ? 4 : 8
  }

  /// y = W·x in double precision.
  ///
  /// - Shapes: `x` and `y` [dimension].
  /// - Parameter team: who computes the parts; nil: whoever is worth waking.
  /// - Numerics: elements are widened to Double first; the order of a sum depends on the instruction set and the
  ///   dimension only. Error ≤ γ_n Σ|w||x|.
  package func multiply(
    _ x: Span<Double>, into y: inout MutableSpan<Double>, by team: ParallelTeam? = nil,
    using kernels: KernelTable = .current
  ) {
    precondition(x.count == dimension && y.count == dimension, "order \(dimension) times \(x.count) into \(y.count)")
    guard dimension > 0 else { return }
    let groups = Self.groups(of: dimension)
    let padded = groups * symmetricGroup
    let parts = parts
    let elements = UnsafePointer(storage.pointer)
    withScratch((parts + 1) * padded, of: Double.self) { scratch in
      let sums = scratch + padded
      x.withUnsafeBufferPointer { scratch.update(from: $0.baseAddress!, count: dimension) }
      (scratch + dimension).update(repeating: 0, count: padded - dimension)
      func sum(_ part: Int) {
        let range = Self.boundary(part, of: parts, groups)..<Self.boundary(part + 1, of: parts, groups)
        let target = sums + part * padded
        target.update(repeating: 0, count: range.upperBound * symmetricGroup)
        kernels.set.multiplySymmetric(
          elements, first: range.lowerBound, last: range.upperBound, scratch, target)
      }
      if let team {
        team.forEach(parts, sum)
      } else if dimension < Self.threadedDimension {
        for part in 0..<parts { sum(part) }
      } else {
        Parallel.forEach(parts, sum)
      }
      // The last part reaches over all rows, an earlier one over those before its end.
      let total = sums + (parts - 1) * padded
      for part in 0..<parts - 1 {
        kernels.set.axpy(
          1, sums + part * padded, total, count: Self.boundary(part + 1, of: parts, groups) * symmetricGroup)
      }
      y.withUnsafeMutableBufferPointer { $0.baseAddress!.update(from: total, count: dimension) }
    }
    withExtendedLifetime(storage) {}
  }

  /// The first group, or row, of a part of a triangle, parts being about equal in elements.
  private static func boundary(_ part: Int, of parts: Int, _ groups: Int) -> Int {
    Int((Double(part) / Double(parts)).squareRoot() * Double(groups))
  }

  /// Σ_j W_ij over the j whose key is less than that of i, for every i.
  ///
  /// - Shapes: `keys` and result [dimension].
  /// - Precondition: no two keys are equal.
  package func sumsOfPreceding(
    keys: ContiguousArray<Double>, using kernels: KernelTable = .current
  ) -> ContiguousArray<Double> {
    precondition(keys.count == dimension, "\(keys.count) keys for order \(dimension)")
    let groups = Self.groups(of: dimension)
    let padded = groups * symmetricGroup
    return withScratch(2 * padded, of: Double.self) { scratch in
      let sums = scratch + padded
      for i in 0..<padded { scratch[i] = i < dimension ? keys[i] : 0 }
      sums.update(repeating: 0, count: padded)
      withExtendedLifetime(storage) { kernels.set.sumPreceding(storage.pointer, groups: groups, scratch, sums) }
      return ContiguousArray(UnsafeBufferPointer(start: sums, count: dimension))
    }
  }

  /// The submatrix of the given rows and columns.
  ///
  /// - Parameter team: who copies; nil: this thread.
  /// - Precondition: indices of rows, increasing.
  package func submatrix(_ indices: [Int], by team: ParallelTeam? = nil) -> SymmetricTensor {
    precondition(
      (indices.first ?? 0) >= 0 && (indices.last ?? -1) < dimension && zip(indices, indices.dropFirst()).allSatisfy(<),
      "submatrix: indices that do not increase within 0..<\(dimension)")
    let elements = storage.pointer
    let parts = team == nil ? 1 : Self.copiedParts
    return withExtendedLifetime(storage) {
      indices.withUnsafeBufferPointer { indices in
        SymmetricTensor(indices.count, inRuns: parts, by: team) { part, row in
          for i in Self.boundary(part, of: parts, indices.count)..<Self.boundary(part + 1, of: parts, indices.count) {
            let source = elements + Self.offset(indices[i])
            let target = row(i)
            for j in 0...i { target[j] = source[indices[j]] }
          }
        }
      }
    }
  }

  /// Parts of a submatrix that are copied each by one thread.
  private static let copiedParts = 8

  /// Which rows hold an exact zero.
  package func rowsWithZero() -> [Bool] {
    var found = [Bool](repeating: false, count: dimension)
    for i in 0..<dimension {
      let row = UnsafePointer(storage.pointer + Self.offset(i))
      // Rows without any, nearly all of them, are passed over sixteen elements at a time; the last block holds the
      // mirrored elements too, and zeros past the dimension.
      var isZero = SIMD16<Int32>.zero
      for j in stride(from: 0, to: i + 1, by: 16) {
        let block = load(row + j, as: SIMD16<Float>.self)
        isZero.replace(with: 1, where: block .== 0)
      }
      guard isZero.wrappedSum() != 0 else { continue }
      for j in 0...i where row[j] == 0 {
        found[i] = true
        found[j] = true
      }
    }
    withExtendedLifetime(storage) {}
    return found
  }
}
