// SPDX-License-Identifier: Apache-2.0

/// Uninitialized memory for trivial elements, aligned for the widest vector, for as long as this object lives.
final class AlignedBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Element>
  private let block: MemoryPool.Block

  init(count: Int) {
    block = MemoryPool.shared.allocate(count * MemoryLayout<Element>.stride)
    pointer = block.memory.bindMemory(to: Element.self, capacity: max(1, count))
  }

  deinit { MemoryPool.shared.release(block) }
}
