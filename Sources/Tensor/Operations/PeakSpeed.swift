// SPDX-License-Identifier: Apache-2.0

/// The speed of multiply-adds that nothing but the processor's arithmetic bounds.
package enum PeakSpeed {
  /// Length of the products: operands of a register tile, 23 KiB at most, stay in the first-level cache.
  private static let depth = 128
  /// Register tiles of a task, and tasks for each thread.
  private static let tilesPerTask = 500
  private static let tasksPerThread = 20

  /// Multiply-adds a second of the register tile of `gemm` on all threads, on operands in the first-level cache.
  ///
  /// - Parameter runs: the fastest counts; others were disturbed.
  package static func measure(runs: Int, using kernels: KernelTable = .current) -> Double {
    let kernel = kernels.gemmFloat
    let tasks = tasksPerThread * Parallel.threadCount
    let products = Double(tasks * tilesPerTask * kernel.rows * kernel.columns * depth)
    return (0..<max(1, runs)).reduce(0) { best, _ in
      let start = Platform.monotonicSeconds
      Parallel.forEach(tasks) { _ in
        let (left, right) = (kernel.rows * depth, kernel.columns * depth)
        withScratch(left + right + kernel.rows * kernel.columns, of: Float.self) { a in
          a.initialize(repeating: 1, count: left + right)
          let (b, c) = (a + left, a + left + right)
          for _ in 0..<tilesPerTask { kernel.tile(depth, a, depth, b, c, kernel.columns, false) }
        }
      }
      return max(best, products / (Platform.monotonicSeconds - start))
    }
  }
}
