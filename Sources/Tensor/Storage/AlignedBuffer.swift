// SPDX-License-Identifier: Apache-2.0

/// Uninitialised memory for trivial elements, aligned for the widest vector.
final class AlignedBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Element>
  let count: Int

  init(count: Int) {
    self.count = count
    let bytes = max(1, count) * MemoryLayout<Element>.stride
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: alignment(of: bytes))
    // First touches of small pages take longer than much of what is computed into them.
    if bytes >= 2 * Platform.hugePage { Platform.adviseHugePages(raw, byteCount: bytes) }
    pointer = raw.bindMemory(to: Element.self, capacity: max(1, count))
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }
}
