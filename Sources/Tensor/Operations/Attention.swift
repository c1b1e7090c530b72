// SPDX-License-Identifier: Apache-2.0
import Kernels

/// The sizes of one attention and of its blocks.
private struct AttentionPlan {
  let queries: Int
  let keys: Int
  let heads: Int
  /// Channels of a head.
  let size: Int
  let causal: Bool
  let kernels: KernelTable
  let kernel: GEMMKernel<Float>

  /// Keys whose scores exist at a time; a constant, as it decides the order of a sum. A multiple of all tile heights.
  static let keysPerBlock = 252
  /// Queries of a task at most: they share what is read of keys and values.
  static let queriesPerTask = 512

  /// Distance of rows.
  var stride: Int { heads * size }
  var blocks: Int { (keys + Self.keysPerBlock - 1) / Self.keysPerBlock }
  /// Whole panels, and enough tasks for all threads.
  var queriesOfTask: Int {
    let shared = queries * heads / (4 * Parallel.threadCount)
    return roundUp(max(1, min(Self.queriesPerTask, shared)), to: kernel.columns)
  }

  func keyRange(_ block: Int) -> Range<Int> {
    block * Self.keysPerBlock..<min(keys, (block + 1) * Self.keysPerBlock)
  }

  func padded(_ count: Int) -> Int { (count + kernel.rows - 1) / kernel.rows * kernel.rows }
  var blockCapacity: Int { padded(min(keys, Self.keysPerBlock)) }
  var keyStride: Int { kernel.quantization == nil ? GEMMBlocking.paddedStride(size) : kernel.length(size) }
  var packedKeysSize: Int { blockCapacity * keyStride }
  var packedValuesSize: Int { kernel.length(min(keys, Self.keysPerBlock)) * padded(size) }

  /// A block's keys, [keys, size], as left operand, rows of zeros behind.
  func packKeys(_ source: UnsafePointer<Float>, count: Int, into target: UnsafeMutablePointer<Float>) {
    if let quantization = kernel.quantization {
      quantization.rows(source, stride, count, size, target, keyStride)
    } else {
      for key in 0..<count { (target + key * keyStride).update(from: source + key * stride, count: size) }
    }
    (target + count * keyStride).update(repeating: 0, count: (padded(count) - count) * keyStride)
  }

  /// A block's values, transposed to [size, keys], as left operand, rows of zeros behind.
  func packValues(_ source: UnsafePointer<Float>, count: Int, into target: UnsafeMutablePointer<Float>) {
    let length = kernel.length(count)
    if let quantization = kernel.quantization {
      withScratch(size * count, of: Float.self) { rows in
        kernels.set.transposeMatrix(source, rowStride: stride, count: count, depth: size, into: rows)
        quantization.rows(rows, count, size, count, target, length)
      }
    } else {
      kernels.set.transposeMatrix(source, rowStride: stride, count: count, depth: size, into: target)
    }
    (target + size * length).update(repeating: 0, count: (padded(size) - size) * length)
  }
}

/// softmax(scale · Q·Kᵀ)·V for every head.
///
/// - Shapes: `queries` and `output` [n, heads · size], `keys` and `values` [m, heads · size], m ≥ 1; head h has the
///   channels h · size ..< (h + 1) · size.
/// - Parameters:
///   - causal: query i sees the keys 0 ... i only.
///   - precision: of both products.
/// - Numerics: scores are products of depth `size`, see `gemm`; the softmax runs over blocks of 252 keys, each summed in
///   order, the blocks added in order. A query with a NaN score, with +∞ or with nothing but −∞ gives NaN.
/// - Memory: keys and transposed values are copied once, block by block; 252 × 32 scores exist per thread, and never all n × m.
/// - Source: Rabe & Staats, "Self-attention Does Not Need O(n²) Memory", arXiv:2112.05682; Dao et al., "FlashAttention",
///   NeurIPS 2022.
package func attend(
  queries: UnsafePointer<Float>, count: Int, keys: UnsafePointer<Float>, values: UnsafePointer<Float>, keyCount: Int,
  heads: Int, size: Int, scale: Float, causal: Bool = false, precision: Precision = .single,
  into output: UnsafeMutablePointer<Float>, using kernels: KernelTable = .current
) {
  precondition(keyCount > 0 && heads > 0 && size > 0, "attention to \(keyCount) keys, \(heads) heads of \(size)")
  let plan = AttentionPlan(
    queries: count, keys: keyCount, heads: heads, size: size, causal: causal, kernels: kernels,
    kernel: kernels.gemm(precision))
  guard count > 0 else { return }
  let blocks = plan.blocks
  withScratch(heads * blocks * (plan.packedKeysSize + plan.packedValuesSize), of: Float.self) { packedKeys in
    let packedValues = packedKeys + heads * blocks * plan.packedKeysSize
    Parallel.forEach(heads * blocks) { item in
      let range = plan.keyRange(item % blocks)
      let offset = range.lowerBound * plan.stride + item / blocks * size
      plan.packKeys(keys + offset, count: range.count, into: packedKeys + item * plan.packedKeysSize)
      plan.packValues(values + offset, count: range.count, into: packedValues + item * plan.packedValuesSize)
    }
    let perTask = plan.queriesOfTask
    let tasks = (count + perTask - 1) / perTask
    Parallel.forEach(heads * tasks) { task in
      let (head, first) = (task / tasks, task % tasks * perTask)
      attendTile(
        plan, head: head, queries: first..<min(count, first + perTask), queries,
        packedKeys + head * blocks * plan.packedKeysSize, packedValues + head * blocks * plan.packedValuesSize, scale,
        into: output)
    }
  }
}

/// One head and one tile of queries, which lie side by side in panels as wide as the register tile.
private func attendTile(
  _ plan: AttentionPlan, head: Int, queries: Range<Int>, _ source: UnsafePointer<Float>,
  _ packedKeys: UnsafePointer<Float>, _ packedValues: UnsafePointer<Float>, _ scale: Float,
  into output: UnsafeMutablePointer<Float>
) {
  let (kernel, size) = (plan.kernel, plan.size)
  let width = kernel.columns
  let panels = (queries.count + width - 1) / width
  let channels = plan.padded(size)
  let (isQuantized, queryLength) = (kernel.quantization != nil, kernel.length(size))
  let scratch =
    panels * width * (queryLength + channels + 2) + plan.blockCapacity * width
    + (isQuantized ? kernel.length(plan.blockCapacity) * width : 0)
  withScratch(scratch, of: Float.self) { packedQueries in
    let weighted = packedQueries + panels * width * queryLength
    let peaks = weighted + panels * width * channels
    let sums = peaks + panels * width
    let scores = sums + panels * width
    let packedScores = scores + plan.blockCapacity * width
    kernel.pack(
      source + queries.lowerBound * plan.stride + head * size, plan.stride, 1, queries.count, size, width,
      packedQueries)
    peaks.update(repeating: -.infinity, count: panels * width)
    sums.update(repeating: 0, count: panels * width)
    for block in 0..<plan.blocks {
      let range = plan.keyRange(block)
      let left = packedKeys + block * plan.packedKeysSize
      let right = packedValues + block * plan.packedValuesSize
      for panel in 0..<panels {
        let firstQuery = queries.lowerBound + panel * width
        let visible = plan.causal ? min(range.count, firstQuery + width - range.lowerBound) : range.count
        guard visible > 0 else { continue }
        let panelQueries = packedQueries + panel * width * queryLength
        for row in stride(from: 0, to: visible, by: kernel.rows) {
          for depth in stride(from: 0, to: size, by: GEMMBlocking.depth) {
            kernel.tile(
              min(GEMMBlocking.depth, size - depth), left + row * plan.keyStride + kernel.length(depth),
              plan.keyStride, panelQueries + kernel.length(depth) * width, scores + row * width, width, depth > 0)
          }
        }
        if plan.causal {
          maskLaterKeys(scores, rows: visible, width: width, firstKey: range.lowerBound, firstQuery: firstQuery)
        }
        let sum = weighted + panel * width * channels
        plan.kernels.set.runningSoftmax(
          scores, rows: visible, peaks: peaks + panel * width, sums: sums + panel * width, weighted: sum,
          channels: block > 0 ? channels : 0, scale: scale)
        kernel.quantization?.panel(scores, visible, packedScores)
        let valueLength = kernel.length(range.count)
        for channel in stride(from: 0, to: channels, by: kernel.rows) {
          kernel.tile(
            visible, right + channel * valueLength, valueLength, isQuantized ? packedScores : scores,
            sum + channel * width, width, block > 0)
        }
      }
    }
    for panel in 0..<panels {
      let first = queries.lowerBound + panel * width
      storeTransposed(
        weighted + panel * width * channels, sums: sums + panel * width, width: width, channels: size,
        count: min(width, queries.upperBound - first), to: output + first * plan.stride + head * size,
        rowStride: plan.stride)
    }
  }
}

extension Tensor {
  /// Attention of queries (self) to keys and their values: softmax(scale · Q·Kᵀ)·V for every head.
  ///
  /// - Shapes: self and result [n, heads · size], `keys` and `values` [m, heads · size], m ≥ 1.
  /// - Parameters:
  ///   - scale: 1/√size when nil.
  ///   - causal: query i sees the keys 0 ... i only.
  ///   - precision: of both products.
  /// - Numerics: see `attend`.
  /// - Precondition: the scale is positive, or a row's maximum would not be the largest exponent.
  package func attention(
    keys: Tensor, values: Tensor, heads: Int, scale: Float? = nil, causal: Bool = false,
    precision: Precision = .single, using kernels: KernelTable = .current
  ) -> Tensor {
    precondition(keys.shape == values.shape, "attention to keys \(keys.shape) and values \(values.shape)")
    let (size, scale) = headSize(to: keys, heads: heads, scale: scale)
    var result = Tensor(uninitialized: shape)
    attend(
      queries: pointer, count: shape[0], keys: keys.pointer, values: values.pointer, keyCount: keys.shape[0],
      heads: heads, size: size, scale: scale, causal: causal, precision: precision, into: result.mutablePointer,
      using: kernels)
    return result
  }

  /// How much each query (self) attends to each key: mean over the heads of softmax(scale · Q·Kᵀ).
  ///
  /// - Shapes: self [n, heads · size], `keys` [m, heads · size], m ≥ 1; result [n, m].
  /// - Parameter scale: 1/√size when nil.
  /// - Numerics: scores are products of depth `size`, see `gemm`; each head's rows go through `softmax`, are added in the
  ///   order of the heads and divided by their number. Independent of the number of threads.
  /// - Memory: the scores of one head for 256 queries, beside the result.
  /// - Precondition: the scale is positive.
  package func meanAttentionWeights(
    to keys: Tensor, heads: Int, scale: Float? = nil, using kernels: KernelTable = .current
  ) -> Tensor {
    let (size, scale) = headSize(to: keys, heads: heads, scale: scale)
    let (n, m, width) = (shape[0], keys.shape[0], shape[1])
    var result = Tensor(uninitialized: [n, m])
    let (queryRows, keyRows, output) = (pointer, keys.pointer, result.mutablePointer)
    let rowsPerBlock = min(n, 256)
    let rowsPerTask = 16
    withScratch(rowsPerBlock * m, of: Float.self) { scores in
      for first in stride(from: 0, to: n, by: max(1, rowsPerBlock)) {
        let count = min(rowsPerBlock, n - first)
        for head in 0..<heads {
          func slice(_ rows: UnsafePointer<Float>, _ count: Int) -> MatrixView<Float> {
            MatrixView(rows + head * size, rows: count, columns: size, rowStride: width, columnStride: 1)
          }
          gemm(
            slice(queryRows + first * width, count), slice(keyRows, m).transposed, into: scores, rowStride: m,
            kernel: kernels.gemmFloat)
          Parallel.forEach((count + rowsPerTask - 1) / rowsPerTask) { task in
            for row in task * rowsPerTask..<min(count, (task + 1) * rowsPerTask) {
              let (weights, sum) = (scores + row * m, output + (first + row) * m)
              kernels.set.softmax(weights, head == 0 ? sum : weights, count: m, scale: scale)
              if head > 0 { kernels.set.add(weights, sum, count: m) }
              if head == heads - 1 { for key in 0..<m { sum[key] /= Float(heads) } }
            }
          }
        }
      }
    }
    return result
  }

  /// Channels of a head and the scale in force, after checking the shapes.
  private func headSize(to keys: Tensor, heads: Int, scale: Float?) -> (size: Int, scale: Float) {
    precondition(
      shape.rank == 2 && keys.shape.rank == 2 && keys.shape[1] == shape[1] && keys.shape[0] > 0,
      "attention of \(shape) to keys \(keys.shape)")
    precondition(heads > 0 && shape[1] > 0 && shape[1] % heads == 0, "\(heads) heads of \(shape[1]) channels")
    let size = shape[1] / heads
    let scale = scale ?? Float(1 / Double(size).squareRoot())
    precondition(scale > 0, "attention with scale \(scale)")
    return (size, scale)
  }
}
