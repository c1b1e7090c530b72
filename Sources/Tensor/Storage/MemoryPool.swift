// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Memory that has been used and is kept for the next user.
///
/// Memory fresh from the system is cleared first, page by page as it is touched. In a virtual machine, where the host
/// finds each page as well, that can take longer than the kernel that fills it: 0.5 GB/s were seen, a fifth of the time
/// of an image. Blocks are therefore cut from regions of addresses and lie as low in them as they can (`FreeRanges`):
/// an image touches little more than it has in use at its peak, and the next image touches nothing new.
package final class MemoryPool: Sendable {
  /// Uninitialized memory, aligned for the widest vector.
  package struct Block: @unchecked Sendable {
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
  private static let minimumPooledBytes = 1 << 17
  /// Blocks are whole pages, of the largest kind there is by default.
  private static let granularity = 1 << 14
  /// Addresses in a region; less where the system does not give as many, more where one block needs them.
  private static let regionSize = 1 << 36
  /// Idle bytes that a region keeps at most: the two largest activations of an image of 1024 pixels.
  private static let limit = 5 << 28

  package init() {}

  private let regions = Mutex<[Region]>([])

  /// Memory for `byteCount` bytes.
  package func allocate(_ byteCount: Int) -> Block {
    if byteCount >= Self.minimumPooledBytes {
      let rounded = roundUp(byteCount, to: Self.granularity)
      if let memory = regions.withLock({ Self.allocate(rounded, from: &$0) }) {
        return Block(memory: memory, byteCount: rounded)
      }
    }
    return Block(memory: .allocate(byteCount: max(1, byteCount), alignment: 64), byteCount: byteCount)
  }

  /// Keeps a block for others.
  package func release(_ block: Block) {
    let isKept = regions.withLock { regions in
      for index in regions.indices {
        let offset = block.memory - regions[index].memory
        guard (0..<regions[index].byteCount).contains(offset) else { continue }
        regions[index].free.release(offset..<offset + block.byteCount)
        if let cut = regions[index].free.trim(to: Self.limit) {
          Platform.discard(regions[index].memory + cut.lowerBound, byteCount: cut.count)
        }
        return true
      }
      return false
    }
    if !isKept { block.memory.deallocate() }
  }

  /// Memory of the first region that has it, or of a new one; nil when the system gives no more addresses.
  private static func allocate(_ byteCount: Int, from regions: inout [Region]) -> UnsafeMutableRawPointer? {
    for index in regions.indices {
      if let offset = regions[index].free.allocate(byteCount) { return regions[index].memory + offset }
    }
    var size = max(regionSize, byteCount)
    while size >= byteCount {
      if let memory = Platform.reserve(byteCount: size) {
        Platform.preferHugePages(memory, byteCount: size)
        regions.append(Region(memory: memory, byteCount: size, free: FreeRanges(byteCount: size)))
        return allocate(byteCount, from: &regions)
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
  let block = MemoryPool.shared.allocate(count * MemoryLayout<Element>.stride)
  defer { MemoryPool.shared.release(block) }
  return body(block.memory.bindMemory(to: Element.self, capacity: max(1, count)))
}
