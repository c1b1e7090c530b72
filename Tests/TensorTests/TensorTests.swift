// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing

@Suite struct TensorTests {
  @Test func copiesShareUntilOneIsWritten() {
    var first = Tensor([2, 2], values: [1, 2, 3, 4])
    var second = first
    let third = second.reshaped([4])
    func address(_ tensor: Tensor) -> Int {
      tensor.withSpan { $0.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) } }
    }
    #expect(address(first) == address(second) && address(second) == address(third))
    second[0, 1] = 7
    #expect(first.values == [1, 2, 3, 4] && second.values == [1, 7, 3, 4] && third.values == [1, 2, 3, 4])
    first.withMutableSpan { $0[3] = -1 }
    #expect(first.values == [1, 2, 3, -1] && third.values == [1, 2, 3, 4])
    let before = address(second)
    second[1, 1] = 9
    #expect(address(second) == before, "a value that is not shared is written in place")
  }

  @Test(arguments: [0, 1, 3, 16, 1000, 65_537])
  func storageIsAligned(_ count: Int) {
    for _ in 0..<8 {
      let address = Tensor(zeros: [count]).withSpan { $0.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) } }
      #expect(address % 64 == 0)
    }
  }

  @Test func elements() {
    let tensor = Tensor([2, 3], values: [1, 2, 3, 4, 5, 6])
    #expect(tensor[1, 2] == 6 && tensor[0, 1] == 2 && tensor.count == 6)
    #expect(Tensor(zeros: []).values == [0])
    #expect(Tensor(zeros: [3, 0]).values == [])
    var sum: Float = 0
    tensor.withSpan { span in for index in 0..<span.count { sum += span[index] } }
    #expect(sum == 21)
  }

  private struct Stop: Error, Equatable {}

  @Test func spansRethrow() {
    var tensor = Tensor(zeros: [1])
    #expect(throws: Stop.self) { try tensor.withSpan { _ throws(Stop) in throw Stop() } }
    #expect(throws: Stop.self) { try tensor.withMutableSpan { _ throws(Stop) in throw Stop() } }
  }

  @Test func shapes() {
    let shape: Tensor.Shape = [2, 3, 4]
    #expect(shape.count == 24 && shape.rank == 3 && shape[1] == 3 && shape.description == "[2, 3, 4]")
    #expect(Tensor.Shape([]).count == 1)
    #expect(Tensor.Shape([5, 0]).count == 0)
  }

  @Test(arguments: [[-1], [0, -1], [.max], [.max, .max], [1 << 31, 1 << 31], [.min], [3, .max / 16], [.max / 4]])
  func impossibleShapes(_ extents: [Int]) { #expect(Tensor.Shape(checking: extents) == nil) }

  @Test func largestShape() { #expect(Tensor.Shape(checking: [.max / 8])?.count == .max / 8) }
}
