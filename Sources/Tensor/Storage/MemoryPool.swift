// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Memory that has been used and is kept for the next user.
///
/// Memory fresh from the system is cleared first, page by page as it is touched, which takes about as long as a kernel
/// takes to fill it: a tenth of the time of an image.
final class MemoryPool: Sendable {
  /// Uninitialised memory, aligned for the widest vector.
  struct Piece: @unchecked Sendable {
    let memory: UnsafeMutableRawPointer
    let byteCount: Int
  }

  static let shared = MemoryPool()
  /// Bytes below which the allocator is as good.
  private static let smallest = 1 << 17
  /// Bytes that are kept at most: the two largest activations of an image of 1024 pixels.
  private static let limit = 5 << 28
  /// A piece is lent for as little as a third of it, or an eighth where more than half of the limit lies idle.
  private static let fractions = (usual: 3, idle: 8)

  private let pieces = Mutex<[Piece]>([])

  /// The smallest piece that is large enough, or a new one.
  func borrow(_ byteCount: Int) -> Piece {
    // Whole huge pages from half of one on: fewer faults on first use, fewer misses of the address cache later.
    let page = Platform.hugePage
    let isLarge = byteCount >= page / 2
    let byteCount = isLarge ? roundUp(byteCount, to: page) : max(1, byteCount)
    if byteCount >= Self.smallest {
      let found = pieces.withLock { pieces -> Piece? in
        let isIdle = pieces.reduce(0) { $0 + $1.byteCount } > Self.limit / 2
        let range = byteCount...(isIdle ? Self.fractions.idle : Self.fractions.usual) * byteCount
        let fitting = pieces.indices.filter { range.contains(pieces[$0].byteCount) }
        return fitting.min { pieces[$0].byteCount < pieces[$1].byteCount }.map { pieces.remove(at: $0) }
      }
      if let found { return found }
    }
    let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: isLarge ? page : 64)
    if isLarge { Platform.preferHugePages(memory, byteCount: byteCount) }
    return Piece(memory: memory, byteCount: byteCount)
  }

  /// Keeps a piece, and lets go of the oldest ones beyond the limit.
  func giveBack(_ piece: Piece) {
    guard piece.byteCount >= Self.smallest && piece.byteCount <= Self.limit else { return piece.memory.deallocate() }
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

/// Lends aligned scratch memory, contents arbitrary, for the duration of `body`.
func withScratch<Element: BitwiseCopyable, Result>(
  _ count: Int, of: Element.Type, _ body: (UnsafeMutablePointer<Element>) -> Result
) -> Result {
  let piece = MemoryPool.shared.borrow(count * MemoryLayout<Element>.stride)
  defer { MemoryPool.shared.giveBack(piece) }
  return body(piece.memory.bindMemory(to: Element.self, capacity: max(1, count)))
}
