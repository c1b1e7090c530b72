// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization

/// Work split over threads by output: an item is computed whole by one thread, so results do not depend on their number.
public enum Parallel {
  private static let limit = Atomic<Int>(Platform.availableCores)

  /// Threads that one operation uses at most; at first all cores the process may run on.
  public static var threadCount: Int {
    get { limit.load(ordering: .relaxed) }
    set { limit.store(max(1, newValue), ordering: .relaxed) }
  }

  /// Runs `body` for 0 ..< count, each once, on up to `threadCount` threads. Items are handed out in increasing order.
  package static func forEach(_ count: Int, _ body: (Int) -> Void) {
    let workers = min(threadCount, count)
    guard workers > 1 else {
      for item in 0..<max(0, count) { body(item) }
      return
    }
    let next = Atomic<Int>(0)
    withoutActuallyEscaping(body) { body in
      // The body's captures are used concurrently; callers write disjoint outputs and only read the rest.
      nonisolated(unsafe) let body = body
      DispatchQueue.concurrentPerform(iterations: workers) { _ in
        while true {
          let item = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard item < count else { return }
          body(item)
        }
      }
    }
  }

  /// Hands every chunk of `chunkSize` consecutive elements (the last may be shorter) to `body`, with its index, in
  /// parallel. The one way in which safe code writes an array from several threads.
  package static func fillChunks<Element: BitwiseCopyable>(
    of array: inout ContiguousArray<Element>, chunkSize: Int,
    _ body: @Sendable (_ index: Int, _ chunk: inout MutableSpan<Element>) -> Void
  ) {
    array.withUnsafeMutableBufferPointer { fillChunks(of: $0, chunkSize, body) }
  }

  /// An array whose chunks `body` writes as above, every element of them.
  package static func array<Element: BitwiseCopyable>(
    count: Int, chunkSize: Int, _ body: @Sendable (_ index: Int, _ chunk: inout MutableSpan<Element>) -> Void
  ) -> ContiguousArray<Element> {
    guard count > 0 else { return [] }
    return ContiguousArray(unsafeUninitializedCapacity: count) { buffer, initialized in
      fillChunks(of: UnsafeMutableBufferPointer(rebasing: buffer.prefix(count)), chunkSize, body)
      initialized = count
    }
  }

  private static func fillChunks<Element: BitwiseCopyable>(
    of buffer: UnsafeMutableBufferPointer<Element>, _ chunkSize: Int,
    _ body: @Sendable (_ index: Int, _ chunk: inout MutableSpan<Element>) -> Void
  ) {
    precondition(chunkSize > 0, "chunks hold at least one element")
    guard let base = buffer.baseAddress else { return }
    let count = buffer.count
    let chunkSize = min(chunkSize, max(1, count))
    nonisolated(unsafe) let start = base
    forEach((count + chunkSize - 1) / chunkSize) { index in
      let first = index * chunkSize
      var chunk = MutableSpan(_unsafeStart: start + first, count: min(chunkSize, count - first))
      body(index, &chunk)
    }
  }

  /// The same for the rows of a tensor's outermost axis.
  package static func fillRows(
    of tensor: inout Tensor, _ body: @Sendable (_ row: Int, _ values: inout MutableSpan<Float>) -> Void
  ) {
    let rows = tensor.shape.rank == 0 ? 1 : tensor.shape[0]
    guard tensor.count > 0 else { return }
    let length = tensor.count / rows
    nonisolated(unsafe) let start = tensor.mutablePointer
    forEach(rows) { row in
      var values = MutableSpan(_unsafeStart: start + row * length, count: length)
      body(row, &values)
    }
  }
}
