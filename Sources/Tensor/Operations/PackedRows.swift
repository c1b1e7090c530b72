// SPDX-License-Identifier: Apache-2.0

/// Rows for products with one another, or with other rows: as they are, up to a whole register tile, and packed as right
/// operand. The products are computed in strips of rows when asked for.
///
/// - Numerics: see `gemm`; chains of additions are `depth` long. The order of a sum depends on the instruction set only.
struct PackedRows: Sendable {
  let count: Int
  let length: Int
  /// How many rows the products are taken with; nil: the rows' own, at and below the diagonal.
  private let otherCount: Int?
  /// mr and nr.
  let tileRows: Int
  let tileColumns: Int
  /// [n, length], rows of zeros behind.
  private let left: AlignedBuffer<Double>
  /// Blocks of depth one after the other, each in panels of nr rows.
  private let right: AlignedBuffer<Double>

  /// kc; also the length of a chain of additions (see `gemm`).
  private static let depth = 256
  /// Rows of a strip at most. Its block of the left operand stays in the second-level cache.
  private static let stripRows = 112
  /// Rows that are copied or packed by one thread at a time.
  private static let preparedRows = 128

  /// - Shapes: `rows` [n, length].
  init(_ rows: Span<Double>, length: Int, _ kernel: GEMMKernel<Double>) {
    self.init(rows, rows, isTriangle: true, length: length, kernel)
  }

  /// - Shapes: `rows` [n, length], `others` [m, length].
  init(_ rows: Span<Double>, with others: Span<Double>, length: Int, _ kernel: GEMMKernel<Double>) {
    self.init(rows, others, isTriangle: false, length: length, kernel)
  }

  private init(
    _ rows: Span<Double>, _ others: Span<Double>, isTriangle: Bool, length: Int, _ kernel: GEMMKernel<Double>
  ) {
    let (n, m) = (rows.count / length, others.count / length)
    let (mr, nr) = (kernel.rows, kernel.columns)
    (count, self.length, tileRows, tileColumns) = (n, length, mr, nr)
    otherCount = isTriangle ? nil : m
    let (left, right) = (
      AlignedBuffer<Double>(count: roundUp(n, to: mr) * length),
      AlignedBuffer<Double>(count: roundUp(m, to: nr) * length)
    )
    rows.withUnsafeBufferPointer { rows in
      guard let source = rows.baseAddress else { return }
      Parallel.forEach((n + Self.preparedRows - 1) / Self.preparedRows) { task in
        let first = task * Self.preparedRows * length
        (left.pointer + first).update(from: source + first, count: min(Self.preparedRows * length, n * length - first))
      }
      (left.pointer + n * length).update(repeating: 0, count: (roundUp(n, to: mr) - n) * length)
    }
    others.withUnsafeBufferPointer { others in
      guard let source = others.baseAddress else { return }
      // Of some rows in each block of depth one or several whole panels.
      let step = max(1, Self.preparedRows / nr) * nr
      let tasks = (m + step - 1) / step
      Parallel.forEach((length + Self.depth - 1) / Self.depth * tasks) { task in
        let (start, first) = (task / tasks * Self.depth, task % tasks * step)
        let depth = min(Self.depth, length - start)
        kernel.pack(
          source + first * length + start, length, 1, min(step, m - first), depth, nr,
          right.pointer + start * roundUp(m, to: nr) + first * depth)
      }
    }
    (self.left, self.right) = (left, right)
  }

  private var rowsOfStrip: Int { max(1, Self.stripRows / tileRows) * tileRows }
  var stripCount: Int { (count + rowsOfStrip - 1) / rowsOfStrip }

  func rows(ofStrip index: Int) -> Range<Int> {
    index * rowsOfStrip..<min(count, (index + 1) * rowsOfStrip)
  }

  /// Elements from one row of a strip to the next.
  func stride(ofStrip index: Int) -> Int { roundUp(otherCount ?? rows(ofStrip: index).upperBound, to: tileColumns) }

  func size(ofStrip index: Int) -> Int { roundUp(rows(ofStrip: index).count, to: tileRows) * stride(ofStrip: index) }

  /// Elements of all strips before one.
  func stripOffset(_ index: Int) -> Int { (0..<index).reduce(0) { $0 + size(ofStrip: $1) } }

  /// Lends the memory of a strip among the kept ones, or scratch memory.
  func withStrip(
    _ index: Int, cachedIn strips: AlignedBuffer<Double>?, _ body: (UnsafeMutablePointer<Double>) -> Void
  ) {
    if let strips {
      withExtendedLifetime(strips) { body(strips.pointer + stripOffset(index)) }
    } else {
      withScratch(size(ofStrip: index), of: Double.self, body)
    }
  }

  /// Sets a strip to the products of its rows. Among themselves those right of the diagonal are not to be read; with others
  /// those behind the last of the others.
  func fill(_ strip: UnsafeMutablePointer<Double>, _ index: Int, _ kernel: GEMMKernel<Double>) {
    let rows = rows(ofStrip: index)
    let stride = stride(ofStrip: index)
    let panelRows = roundUp(otherCount ?? count, to: tileColumns)
    for first in Swift.stride(from: 0, to: length, by: Self.depth) {
      let depth = min(Self.depth, length - first)
      let a = left.pointer + first
      let b = right.pointer + first * panelRows
      for column in Swift.stride(from: 0, to: otherCount ?? rows.upperBound, by: tileColumns) {
        // Tiles that end above the panel's first column lie right of the diagonal.
        let above = otherCount == nil ? max(0, column - rows.lowerBound) / tileRows * tileRows : 0
        for row in Swift.stride(from: rows.lowerBound + above, to: rows.upperBound, by: tileRows) {
          kernel.tile(
            depth, a + row * length, length, b + column * depth, strip + (row - rows.lowerBound) * stride + column,
            stride, first > 0)
        }
      }
    }
  }

  /// Of the products at and left of the diagonal.
  func range(of strip: UnsafeMutablePointer<Double>, _ index: Int) -> (minimum: Double, maximum: Double) {
    var (minimum, maximum, isFinite) = (Double.infinity, -Double.infinity, true)
    let stride = stride(ofStrip: index)
    for (position, row) in rows(ofStrip: index).enumerated() {
      let products = Span(_unsafeStart: UnsafePointer(strip + position * stride), count: row + 1)
      guard let range = extent(products) else { continue }
      isFinite = isFinite && range.minimum.isFinite
      (minimum, maximum) = (min(minimum, range.minimum), max(maximum, range.maximum))
    }
    return isFinite ? (minimum, maximum) : (.nan, .nan)
  }
}

/// The products of rows with one another, each once, in strips that are handed out in parallel and not kept.
///
/// - Parameter body: the strip's rows; their products, row by row, `stride` apart; `stride`. Of row i the first i + 1 are
///   products; what lies behind is not to be read.
/// - Shapes: `rows` [n, length].
/// - Numerics: see `gemm`; the order of a sum depends on the instruction set only.
package func forEachProductStrip(
  of rows: Span<Double>, length: Int, using kernels: KernelTable = .current,
  _ body: (_ rows: Range<Int>, _ products: Span<Double>, _ stride: Int) -> Void
) {
  precondition(length > 0 && rows.count % length == 0, "rows of \(length) elements")
  PackedRows(rows, length: length, kernels.gemmDouble).forEachStrip(kernels.gemmDouble, body)
}

/// The same with other rows: of each row as many are products as there are others.
///
/// - Shapes: `rows` [n, length], `others` [m, length].
package func forEachProductStrip(
  of rows: Span<Double>, with others: Span<Double>, length: Int, using kernels: KernelTable = .current,
  _ body: (_ rows: Range<Int>, _ products: Span<Double>, _ stride: Int) -> Void
) {
  precondition(length > 0 && rows.count % length == 0 && others.count % length == 0, "rows of \(length) elements")
  PackedRows(rows, with: others, length: length, kernels.gemmDouble).forEachStrip(kernels.gemmDouble, body)
}

extension PackedRows {
  fileprivate func forEachStrip(
    _ kernel: GEMMKernel<Double>, _ body: (_ rows: Range<Int>, _ products: Span<Double>, _ stride: Int) -> Void
  ) {
    // The longest strips first: the threads then end together.
    Parallel.forEach(stripCount) { task in
      let index = stripCount - 1 - task
      withStrip(index, cachedIn: nil) { strip in
        fill(strip, index, kernel)
        let products = Span(_unsafeStart: UnsafePointer(strip), count: size(ofStrip: index))
        body(rows(ofStrip: index), products, stride(ofStrip: index))
      }
    }
  }
}
