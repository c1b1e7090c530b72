// SPDX-License-Identifier: Apache-2.0

/// Uninitialised memory for trivial elements, aligned to 64 bytes: a cache line and the widest vector.
final class AlignedBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
  static var alignment: Int { 64 }

  let pointer: UnsafeMutablePointer<Element>
  let count: Int

  init(count: Int) {
    self.count = count
    let bytes = max(1, count) * MemoryLayout<Element>.stride
    let isLarge = bytes >= 2 * Platform.hugePage
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: bytes, alignment: isLarge ? Platform.hugePage : Self.alignment)
    // First touches of small pages take longer than much of what is computed into them.
    if isLarge { Platform.adviseHugePages(raw, byteCount: bytes) }
    pointer = raw.bindMemory(to: Element.self, capacity: max(1, count))
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }
}

/// Lends aligned scratch memory, contents arbitrary, for the duration of `body`.
func withScratch<Element: BitwiseCopyable, Result>(
  _ count: Int, of: Element.Type, _ body: (UnsafeMutablePointer<Element>) -> Result
) -> Result {
  let buffer = AlignedBuffer<Element>(count: count)
  return withExtendedLifetime(buffer) { body(buffer.pointer) }
}
