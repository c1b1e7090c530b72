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
/// A handler cannot wait for a lock. Hence a list whose places are taken again and never freed. Whoever changes it changes its own
/// part first and then looks at the other's, in one order for all threads, so that one of the two sees the other.
final class NotedPaths: @unchecked Sendable {
  private struct Place: ~Copyable {
    let path = Atomic<UnsafeMutableRawPointer?>(nil)
    let start = Atomic<UInt>(0)
    let end = Atomic<UInt>(0)
    let next: UnsafeMutableRawPointer?
  }

  /// One of the paths; to be forgotten once.
  struct Note: @unchecked Sendable {
    fileprivate let place: UnsafeMutableRawPointer
  }

  private let first = Atomic<UnsafeMutableRawPointer?>(nil)
  /// Set by the first handler: from now on paths are not freed, for one may be reading them.
  private let isRead = Atomic(false)

  /// Adds a path, with the addresses that belong to it if there are any.
  func note(_ path: String, addresses: Range<UInt> = 0..<0) -> Note {
    let copy = UnsafeMutableRawPointer(strdup(path))
    let place = emptyPlace()
    place.pointee.start.store(addresses.lowerBound, ordering: .sequentiallyConsistent)
    place.pointee.end.store(addresses.upperBound, ordering: .sequentiallyConsistent)
    place.pointee.path.store(copy, ordering: .sequentiallyConsistent)
    return Note(place: UnsafeMutableRawPointer(place))
  }

  func forget(_ note: Note) {
    let place = note.place.assumingMemoryBound(to: Place.self)
    let path = place.pointee.path.exchange(nil, ordering: .sequentiallyConsistent)
    if !isRead.load(ordering: .sequentiallyConsistent) { free(path) }
  }

  /// A handler's look at all paths.
  func forEach(_ body: (_ path: UnsafePointer<CChar>, _ addresses: Range<UInt>) -> Void) {
    isRead.store(true, ordering: .sequentiallyConsistent)
    var next = first.load(ordering: .sequentiallyConsistent)
    while let place = next?.assumingMemoryBound(to: Place.self) {
      if let path = place.pointee.path.load(ordering: .sequentiallyConsistent), path != Self.reserved {
        let start = place.pointee.start.load(ordering: .sequentiallyConsistent)
        let end = place.pointee.end.load(ordering: .sequentiallyConsistent)
        body(path.assumingMemoryBound(to: CChar.self), start..<max(start, end))
      }
      next = place.pointee.next
    }
  }

  /// Stands for a path in a place that is being filled.
  private static var reserved: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: 1) }

  /// A place that is reserved: a free one, or a new one at the beginning.
  private func emptyPlace() -> UnsafeMutablePointer<Place> {
    var next = first.load(ordering: .sequentiallyConsistent)
    while let place = next?.assumingMemoryBound(to: Place.self) {
      let (isOurs, _) = place.pointee.path.compareExchange(
        expected: nil, desired: Self.reserved, ordering: .sequentiallyConsistent)
      if isOurs { return place }
      next = place.pointee.next
    }
    let place = UnsafeMutablePointer<Place>.allocate(capacity: 1)
    var head = first.load(ordering: .sequentiallyConsistent)
    while true {
      place.initialize(to: Place(next: head))
      place.pointee.path.store(Self.reserved, ordering: .sequentiallyConsistent)
      let (isFirst, other) = first.compareExchange(
        expected: head, desired: UnsafeMutableRawPointer(place), ordering: .sequentiallyConsistent)
      if isFirst { return place }
      place.deinitialize(count: 1)
      head = other
    }
  }
}
