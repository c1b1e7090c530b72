// SPDX-License-Identifier: Apache-2.0
import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#elseif canImport(Glibc)
  import Glibc
#endif

/// Paths that a signal handler looks at while other threads add and remove some.
///
/// A handler cannot wait for a lock. Hence a list whose slots are taken again and never freed. Whoever changes it changes its own
/// part first and then looks at the other's, in one order for all threads, so that one of the two sees the other.
final class PathRegistry: @unchecked Sendable {
  private struct Slot: ~Copyable {
    let path = Atomic<UnsafeMutableRawPointer?>(nil)
    let start = Atomic<UInt>(0)
    let end = Atomic<UInt>(0)
    let next: UnsafeMutableRawPointer?
  }

  /// One of the paths; to be forgotten once.
  struct Entry: @unchecked Sendable {
    fileprivate let slot: UnsafeMutableRawPointer
  }

  private let first = Atomic<UnsafeMutableRawPointer?>(nil)
  /// Set by the first handler: from now on paths are not freed, for one may be reading them.
  private let isRead = Atomic(false)

  /// Adds a path, with the addresses that belong to it if there are any.
  func insert(_ path: String, addresses: Range<UInt> = 0..<0) -> Entry {
    let copy = UnsafeMutableRawPointer(strdup(path))
    let slot = reserveSlot()
    slot.pointee.start.store(addresses.lowerBound, ordering: .sequentiallyConsistent)
    slot.pointee.end.store(addresses.upperBound, ordering: .sequentiallyConsistent)
    slot.pointee.path.store(copy, ordering: .sequentiallyConsistent)
    return Entry(slot: UnsafeMutableRawPointer(slot))
  }

  func remove(_ entry: Entry) {
    let slot = entry.slot.assumingMemoryBound(to: Slot.self)
    let path = slot.pointee.path.exchange(nil, ordering: .sequentiallyConsistent)
    if !isRead.load(ordering: .sequentiallyConsistent) { free(path) }
  }

  /// A handler's look at all paths.
  func forEach(_ body: (_ path: UnsafePointer<CChar>, _ addresses: Range<UInt>) -> Void) {
    isRead.store(true, ordering: .sequentiallyConsistent)
    var next = first.load(ordering: .sequentiallyConsistent)
    while let slot = next?.assumingMemoryBound(to: Slot.self) {
      if let path = slot.pointee.path.load(ordering: .sequentiallyConsistent), path != Self.reserved {
        let start = slot.pointee.start.load(ordering: .sequentiallyConsistent)
        let end = slot.pointee.end.load(ordering: .sequentiallyConsistent)
        body(path.assumingMemoryBound(to: CChar.self), start..<max(start, end))
      }
      next = slot.pointee.next
    }
  }

  /// Stands for a path in a slot that is being filled.
  private static var reserved: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: 1) }

  /// A slot that is reserved: a free one, or a new one at the beginning.
  private func reserveSlot() -> UnsafeMutablePointer<Slot> {
    var next = first.load(ordering: .sequentiallyConsistent)
    while let slot = next?.assumingMemoryBound(to: Slot.self) {
      let (isOurs, _) = slot.pointee.path.compareExchange(
        expected: nil, desired: Self.reserved, ordering: .sequentiallyConsistent)
      if isOurs { return slot }
      next = slot.pointee.next
    }
    let slot = UnsafeMutablePointer<Slot>.allocate(capacity: 1)
    var head = first.load(ordering: .sequentiallyConsistent)
    while true {
      slot.initialize(to: Slot(next: head))
      slot.pointee.path.store(Self.reserved, ordering: .sequentiallyConsistent)
      let (isFirst, other) = first.compareExchange(
        expected: head, desired: UnsafeMutableRawPointer(slot), ordering: .sequentiallyConsistent)
      if isFirst { return slot }
      slot.deinitialize(count: 1)
      head = other
    }
  }
}
