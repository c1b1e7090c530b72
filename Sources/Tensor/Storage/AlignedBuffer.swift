// SPDX-License-Identifier: Apache-2.0

/// Uninitialized memory for trivial elements, aligned for the widest vector, for as long as this object lives.
final class AlignedBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Element>
  private let piece: MemoryPool.Piece

  init(count: Int) {
    piece = MemoryPool.shared.borrow(count * MemoryLayout<Element>.stride)
    pointer = piece.memory.bindMemory(to: Element.self, capacity: max(1, count))
  }

  deinit { MemoryPool.shared.giveBack(piece) }
}
