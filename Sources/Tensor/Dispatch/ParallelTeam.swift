// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization

/// Threads that stay awake between the operations of one computation.
///
/// Waking a thread takes as long as a product of a thousand rows with a vector. These ask for work without pause instead, so
/// they are for computations of some milliseconds that have work for all of them most of the time.
package final class ParallelTeam: Sendable {
  /// What is to be done, in one word: the items in the upper half and the next one to be handed out in the lower.
  private let work = Atomic<UInt64>(0)
  private let finishedItems = Atomic<Int>(0)
  private let isClosed = Atomic<Bool>(false)
  /// Written by the owner while no item can be handed out, read with an item at hand.
  nonisolated(unsafe) private var body: ((Int) -> Void)?
  private let hasWorkers: Bool

  /// Threads of a team at most: as many as a large product has parts. More would mostly ask in vain.
  fileprivate static let maximumThreadCount = 8

  fileprivate init(hasWorkers: Bool) { self.hasWorkers = hasWorkers }

  /// Runs `body` for 0 ..< count, each once. Items are handed out in increasing order.
  ///
  /// - Precondition: called by the owner only, and not within an item.
  package func forEach(_ count: Int, _ body: (Int) -> Void) {
    guard hasWorkers, count > 1, let items = UInt32(exactly: count) else {
      for item in 0..<max(0, count) { body(item) }
      return
    }
    withoutActuallyEscaping(body) { body in
      self.body = body
      finishedItems.store(0, ordering: .relaxed)
      work.store(UInt64(items) << 32, ordering: .releasing)
      while runItem() {}
      // A helper that has taken an item is waited for; one that has not sees no further item.
      var spins = 0
      while finishedItems.load(ordering: .acquiring) < count { Self.spin(&spins) }
      self.body = nil
    }
  }

  /// The results of `body` for 0 ..< count, in their order; called as `forEach` is.
  package func map<Result>(_ count: Int, _ body: (Int) -> Result) -> [Result] {
    // The one empty array of the process is not to be written, not even its count.
    guard count > 0 else { return [] }
    return [Result](unsafeUninitializedCapacity: count) { buffer, initialized in
      nonisolated(unsafe) let start = buffer.baseAddress
      forEach(count) { item in start?.advanced(by: item).initialize(to: body(item)) }
      initialized = count
    }
  }

  /// Takes an item and runs it.
  private func runItem() -> Bool {
    var seen = work.load(ordering: .acquiring)
    while true {
      let (count, next) = (seen >> 32, seen & 0xffff_ffff)
      guard next < count else { return false }
      let (exchanged, original) = work.weakCompareExchange(
        expected: seen, desired: seen + 1, successOrdering: .acquiring, failureOrdering: .acquiring)
      if exchanged {
        run(Int(next))
        finishedItems.add(1, ordering: .releasing)
        return true
      }
      seen = original
    }
  }

  /// Not inlined, so that no reference to the closure is left when it returns: the owner may end its life then.
  @inline(never) private func run(_ item: Int) { body?(item) }

  fileprivate func runUntilClosed() {
    var spins = 0
    while !isClosed.load(ordering: .acquiring) {
      if runItem() { spins = 0 } else { Self.spin(&spins) }
    }
  }

  fileprivate func close() { isClosed.store(true, ordering: .releasing) }

  /// Rounds of asking before the processor is offered to other threads, some tens of microseconds.
  private static let spinLimit = 2000

  private static func spin(_ spins: inout Int) {
    spins += 1
    if spins > spinLimit { Platform.yieldProcessor() }
  }
}

extension Parallel {
  /// Runs `body`, the owner of a team of up to `threadCount` threads, and of eight, that lasts as long as it does.
  ///
  /// - Precondition: operations within `body` are the team's: others find no free threads.
  package static func withTeam<Result, Failure: Error>(
    _ body: (ParallelTeam) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let workers = min(threadCount, ParallelTeam.maximumThreadCount)
    let team = ParallelTeam(hasWorkers: workers > 1)
    guard workers > 1 else { return try body(team) }
    var outcome: Swift.Result<Result, Failure>?
    withoutActuallyEscaping(body) { body in
      nonisolated(unsafe) let body = body
      withUnsafeMutablePointer(to: &outcome) { outcome in
        nonisolated(unsafe) let outcome = outcome
        DispatchQueue.concurrentPerform(iterations: workers) { index in
          if index > 0 { return team.runUntilClosed() }
          do throws(Failure) { outcome.pointee = .success(try body(team)) } catch { outcome.pointee = .failure(error) }
          team.close()
        }
      }
    }
    return try outcome!.get()
  }
}
