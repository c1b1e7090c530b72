// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Memory that has been used and is kept for the next user.
///
/// Memory fresh from the system is cleared first, page by page as it is touched. In a virtual machine, where the host
/// finds each page as well, that can take longer than the kernel that fills it: 0.5 GB/s were seen, a fifth of the time
/// of an image. Pieces are therefore cut from regions of addresses and lie as low in them as they can (`FreeRanges`):
/// an image touches little more than it has in use at its peak, and the next image touches nothing new.
package final class MemoryPool: Sendable {
  /// Uninitialized memory, aligned for the widest vector.
  package struct Piece: @unchecked Sendable {
    package let memory: UnsafeMutableRawPointer
    let byteCount: Int
  }

  /// Consecutive addresses; those never lent cost nothing.
  private struct Region: @unchecked Sendable {
    let memory: UnsafeMutableRawPointer
    let byteCount: Int
    var free: FreeRanges
  }

  static let shared = MemoryPool()
  /// Bytes below which the allocator is as good.
  private static let smallest = 1 << 17
  /// Pieces are whole pages, of the largest kind there is by default.
  private static let granule = 1 << 14
  /// Addresses in a region; less where the system does not give as many, more where one piece needs them.
  private static let regionSize = 1 << 36
  /// Idle bytes that a region keeps at most: the two largest activations of an image of 1024 pixels.
  private static let limit = 5 << 28

  package init() {}

  private let regions = Mutex<[Region]>([])

  /// Memory for `byteCount` bytes.
  package func borrow(_ byteCount: Int) -> Piece {
    if byteCount >= Self.smallest {
      let rounded = roundUp(byteCount, to: Self.granule)
      if let memory = regions.withLock({ Self.take(rounded, from: &$0) }) {
        return Piece(memory: memory, byteCount: rounded)
      }
    }
    return Piece(memory: .allocate(byteCount: max(1, byteCount), alignment: 64), byteCount: byteCount)
  }

  /// Keeps a piece for others.
  package func giveBack(_ piece: Piece) {
    let isKept = regions.withLock { regions in
      for index in regions.indices {
        let offset = piece.memory - regions[index].memory
        guard (0..<regions[index].byteCount).contains(offset) else { continue }
        regions[index].free.giveBack(offset..<offset + piece.byteCount)
        if let cut = regions[index].free.cutOff(beyond: Self.limit) {
          Platform.discard(regions[index].memory + cut.lowerBound, byteCount: cut.count)
        }
        return true
      }
      return false
    }
    if !isKept { piece.memory.deallocate() }
  }

  /// Memory of the first region that has it, or of a new one; nil when the system gives no more addresses.
  private static func take(_ byteCount: Int, from regions: inout [Region]) -> UnsafeMutableRawPointer? {
    for index in regions.indices {
      if let offset = regions[index].free.take(byteCount) { return regions[index].memory + offset }
    }
    var size = max(regionSize, byteCount)
    while size >= byteCount {
      if let memory = Platform.reserve(byteCount: size) {
        Platform.preferHugePages(memory, byteCount: size)
        regions.append(Region(memory: memory, byteCount: size, free: FreeRanges(byteCount: size)))
        return take(byteCount, from: &regions)
      }
      if size == byteCount { break }
      size = max(byteCount, size / 2)
    }
    return nil
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
