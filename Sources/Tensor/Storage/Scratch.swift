// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Lends aligned scratch memory, contents arbitrary, for the duration of `body`.
///
/// Large pieces are kept for the next borrower: memory fresh from the system is cleared first, which takes about as long
/// as a kernel takes to fill it.
func withScratch<Element: BitwiseCopyable, Result>(
  _ count: Int, of: Element.Type, _ body: (UnsafeMutablePointer<Element>) -> Result
) -> Result {
  let bytes = max(1, count) * MemoryLayout<Element>.stride
  if bytes < ScratchPool.smallest {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: alignment(of: bytes))
    defer { memory.deallocate() }
    return body(memory.bindMemory(to: Element.self, capacity: max(1, count)))
  }
  let piece = ScratchPool.shared.borrow(bytes)
  defer { ScratchPool.shared.giveBack(piece) }
  return body(piece.memory.bindMemory(to: Element.self, capacity: count))
}

/// A cache line and the widest vector, or a huge page where memory fills several.
func alignment(of byteCount: Int) -> Int { byteCount >= 2 * Platform.hugePage ? Platform.hugePage : 64 }

/// Scratch memory that nobody borrows at the moment.
private final class ScratchPool: Sendable {
  struct Piece: @unchecked Sendable {
    let memory: UnsafeMutableRawPointer
    let byteCount: Int
  }

  static let shared = ScratchPool()
  /// Bytes below which the allocator is as good.
  static let smallest = 1 << 18
  /// Bytes that are kept at most.
  private static let limit = 1 << 27

  private let pieces = Mutex<[Piece]>([])

  /// The smallest piece that is large enough without being wasteful, or a new one.
  func borrow(_ byteCount: Int) -> Piece {
    let found = pieces.withLock { pieces -> Piece? in
      let fitting = pieces.indices.filter { pieces[$0].byteCount >= byteCount && pieces[$0].byteCount <= 4 * byteCount }
      return fitting.min { pieces[$0].byteCount < pieces[$1].byteCount }.map { pieces.remove(at: $0) }
    }
    if let found { return found }
    let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: alignment(of: byteCount))
    if byteCount >= 2 * Platform.hugePage { Platform.adviseHugePages(memory, byteCount: byteCount) }
    return Piece(memory: memory, byteCount: byteCount)
  }

  /// Keeps a piece, and lets go of the oldest ones beyond the limit.
  func giveBack(_ piece: Piece) {
    let dropped = pieces.withLock { pieces -> [Piece] in
      pieces.append(piece)
      var (kept, dropped) = (pieces.reduce(0) { $0 + $1.byteCount }, [Piece]())
      while kept > Self.limit {
        dropped.append(pieces.removeFirst())
        kept -= dropped[dropped.count - 1].byteCount
      }
      return dropped
    }
    for piece in dropped { piece.memory.deallocate() }
  }
}
