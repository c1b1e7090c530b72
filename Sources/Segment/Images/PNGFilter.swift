// SPDX-License-Identifier: Apache-2.0

/// The five filter types. With x the current byte, a the one a pixel to the left, b the one above and c the one above a
/// (0 outside the image), a row stores x minus a prediction, modulo 256.
///
/// - Source: PNG specification, 9.2.
enum PNGFilter: UInt8, CaseIterable {
  case none, sub, up, average, paeth

  /// a, b or c, whichever is nearest to a + b − c; ties go to a, then b (9.4).
  @inline(__always)
  static func paethPredictor(_ a: UInt8, _ b: UInt8, _ c: UInt8) -> UInt8 {
    let towardB = Int32(b) &- Int32(c)
    let towardA = Int32(a) &- Int32(c)
    let distanceA = abs(towardB)
    let distanceB = abs(towardA)
    let distanceC = abs(towardA &+ towardB)
    return distanceA <= distanceB && distanceA <= distanceC ? a : distanceB <= distanceC ? b : c
  }

  /// ⌊(a + b) / 2⌋ without overflow.
  @inline(__always)
  static func average(_ a: UInt8, _ b: UInt8) -> UInt8 {
    UInt8(truncatingIfNeeded: (UInt32(a) &+ UInt32(b)) &>> 1)
  }

  /// Restores rows in place. `bytes` holds, from `start`, the rows of a pass, each after its filter byte.
  ///
  /// - Parameter firstRow: The number of rows in the passes before, for the error.
  static func unfilter(
    _ bytes: inout ContiguousArray<UInt8>, from start: Int, pass: PNGPass, distance: Int, firstRow: Int
  ) throws(ImageError) {
    var span = bytes.mutableSpan
    for row in 0..<pass.height {
      let begin = start + row * (pass.rowByteCount + 1)
      guard let filter = PNGFilter(rawValue: span[begin]) else {
        throw .invalidFilter(span[begin], row: firstRow + row)
      }
      let range = begin + 1..<begin + 1 + pass.rowByteCount
      if row == 0 {
        filter.restoreFirstRow(&span, range, distance)
      } else {
        filter.restore(&span, range, distance, above: pass.rowByteCount + 1)
      }
    }
  }

  /// Nothing lies above: b and c are 0, so that `up` adds nothing and `paeth` predicts a.
  private func restoreFirstRow(_ span: inout MutableSpan<UInt8>, _ range: Range<Int>, _ distance: Int) {
    let rest = min(range.lowerBound + distance, range.upperBound)..<range.upperBound
    switch self {
    case .none, .up: break
    case .sub, .paeth: for index in rest { span[index] &+= span[index &- distance] }
    case .average: for index in rest { span[index] &+= span[index &- distance] &>> 1 }
    }
  }

  /// The first pixel has nothing to its left: a and c are 0, so that `paeth` predicts b.
  private func restore(
    _ span: inout MutableSpan<UInt8>, _ range: Range<Int>, _ distance: Int, above: Int
  ) {
    let head = range.lowerBound..<min(range.lowerBound + distance, range.upperBound)
    let rest = head.upperBound..<range.upperBound
    switch self {
    case .none:
      break
    case .sub:
      for index in rest { span[index] &+= span[index &- distance] }
    case .up:
      for index in range { span[index] &+= span[index &- above] }
    case .average:
      for index in head { span[index] &+= span[index &- above] &>> 1 }
      for index in rest { span[index] &+= Self.average(span[index &- distance], span[index &- above]) }
    case .paeth:
      for index in head { span[index] &+= span[index &- above] }
      for index in rest {
        let corner = span[index &- above &- distance]
        span[index] &+= Self.paethPredictor(span[index &- distance], span[index &- above], corner)
      }
    }
  }
}
