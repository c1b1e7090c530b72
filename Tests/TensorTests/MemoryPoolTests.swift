// SPDX-License-Identifier: Apache-2.0
import Testing
import TestSupport

import Tensor

@Suite("Memory that is used again")
struct MemoryPoolTests {
  @Test("The first range that fits is taken, from its start")
  func firstFit() {
    var free = FreeRanges(byteCount: 100)
    #expect(free.allocate(40) == 0)
    #expect(free.allocate(40) == 40)
    free.release(0..<40)
    #expect(free.allocate(30) == 0)
    #expect(free.allocate(15) == 80)
    #expect(free.allocate(11) == nil)
    #expect(free.allocate(10) == 30)
    #expect(free.ranges == [95..<100])
  }

  @Test(
    "What is given back joins its neighbors, whatever the order",
    arguments: [[0, 1, 2], [2, 1, 0], [0, 2, 1], [1, 0, 2]])
  func joining(order: [Int]) {
    var free = FreeRanges(byteCount: 60)
    for _ in 0..<3 { #expect(free.allocate(20) != nil) }
    #expect(free.ranges.isEmpty)
    for part in order { free.release(20 * part..<20 * (part + 1)) }
    #expect(free.ranges == [0..<60])
  }

  @Test("Idle bytes beyond the limit are cut off at the end, and only there")
  func cuttingOff() {
    var free = FreeRanges(byteCount: 1000)
    for _ in 0..<4 { _ = free.allocate(100) }
    #expect(free.idleByteCount == 0)
    #expect(free.trim(to: 0) == nil)
    free.release(0..<100)
    #expect(free.idleByteCount == 100)
    #expect(free.trim(to: 50) == nil, "bytes in use lie above")
    free.release(300..<400)
    #expect(free.trim(to: 150) == 350..<400)
    #expect(free.end == 350)
    #expect(free.idleByteCount == 150)
    #expect(free.trim(to: 0) == 300..<350, "bytes in use lie below")
    #expect(free.allocate(700) == 300)
    #expect(free.end == 1000)
  }

  @Test("A random sequence never lends a byte twice and ends with one free range")
  func randomSequence() {
    var generator = SeededGenerator(seed: 7)
    var free = FreeRanges(byteCount: 4096)
    var lent: [Range<Int>] = []
    for _ in 0..<2000 {
      if Bool.random(using: &generator), !lent.isEmpty {
        free.release(lent.remove(at: Int.random(in: lent.indices, using: &generator)))
      } else {
        let count = Int.random(in: 1...300, using: &generator)
        guard let start = free.allocate(count) else { continue }
        #expect(lent.allSatisfy { !$0.overlaps(start..<start + count) })
        lent.append(start..<start + count)
      }
      #expect(lent.reduce(0) { $0 + $1.count } + free.ranges.reduce(0) { $0 + $1.count } == 4096)
      _ = free.trim(to: 500)
    }
    for range in lent { free.release(range) }
    #expect(free.ranges == [0..<4096])
  }

  @Test("A piece that is given back is lent again, and pieces in use do not share bytes")
  func pieces() {
    let pool = MemoryPool()
    let first = pool.allocate(1 << 20)
    let second = pool.allocate(1 << 20)
    #expect(abs(second.memory - first.memory) >= 1 << 20)
    pool.release(first)
    let third = pool.allocate(1 << 19)
    #expect(third.memory == first.memory)
    pool.release(second)
    pool.release(third)
    let small = pool.allocate(10)
    small.memory.storeBytes(of: 1, as: Int64.self)
    pool.release(small)
  }
}
