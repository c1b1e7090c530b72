// SPDX-License-Identifier: Apache-2.0

/// Turns bytes into literals and matches by hash chains with lazy matching.
///
/// Positions with the same hash of three bytes form a chain, newest first. A match is given up for a literal if the
/// next position has a longer one. Matches may reach back before the range that is worked on, as far as the window does.
///
/// - Source: RFC 1951, section 4.
struct MatchFinder {
  /// How long matches are looked for.
  struct Effort {
    /// Candidates examined for a match, and for one that would only replace a deferred match of `goodLength`.
    let maximumChain: Int
    let reducedChain: Int
    /// A match this long is taken without a look at the next position.
    let lazyLimit: Int

    static let thorough = Effort(maximumChain: 128, reducedChain: 32, lazyLimit: 32)
    /// A third of the time for differences of neighboring colors, in which matches are rare and short: 2 to 4 % more bytes.
    static let quick = Effort(maximumChain: 16, reducedChain: 8, lazyLimit: 16)
  }

  private let bytes: ContiguousArray<UInt8>
  private let effort: Effort
  /// The newest position for each hash, −1 if there is none.
  private var heads = ContiguousArray<Int32>(repeating: -1, count: 1 << Self.hashBits)
  /// At p mod 32768, how far the position before p in the same chain lies back, at most `chainEnd`.
  private var links = ContiguousArray<UInt16>(repeating: Self.chainEnd, count: DeflateAlphabet.windowSize)
  private var position: Int
  private let end: Int
  /// The match at `position` − 1 whose fate is open; length 0 means a literal.
  private var deferred: (length: Int, distance: Int)?

  private static let hashBits = 15
  /// A step out of the window.
  private static let chainEnd = UInt16.max
  private static let goodLength = 8
  /// A match this long ends the search.
  private static let niceLength = 160
  /// A match of three bytes further away costs more bits than three literals.
  private static let maximumShortDistance = 4096

  init(_ bytes: ContiguousArray<UInt8>, in range: Range<Int>, effort: Effort) {
    self.bytes = bytes
    self.effort = effort
    position = range.lowerBound
    end = range.upperBound
    Self.insert(max(0, position - DeflateAlphabet.windowSize)..<position, bytes, &heads, &links)
  }

  /// The next tokens, `count` or a few more; fewer at the end, nil after it.
  mutating func next(count: Int) -> [DeflateToken]? {
    guard position < end || deferred != nil else { return nil }
    var tokens: [DeflateToken] = []
    tokens.reserveCapacity(count + 2)
    Self.parse(bytes, end, effort, &position, &deferred, &heads, &links, into: &tokens, count: count)
    return tokens
  }

  private static func parse(
    _ source: ContiguousArray<UInt8>, _ end: Int, _ effort: Effort, _ position: inout Int,
    _ deferred: inout (length: Int, distance: Int)?,
    _ heads: inout ContiguousArray<Int32>, _ links: inout ContiguousArray<UInt16>, into tokens: inout [DeflateToken],
    count: Int
  ) {
    let bytes = source.span
    var heads = heads.mutableSpan
    var links = links.mutableSpan
    while tokens.count < count && position < end {
      let current = position
      let deferredLength = deferred?.length ?? 0
      var found = (length: 0, distance: 0)
      let candidate = insert(current, bytes, &heads, &links)
      if deferredLength < effort.lazyLimit && candidate >= 0 {
        let chain = deferredLength >= goodLength ? effort.reducedChain : effort.maximumChain
        found = longestMatch(
          bytes, in: current..<end, candidate, links.span, longerThan: max(deferredLength, 2), chain: chain)
        if found.length == 3 && found.distance > maximumShortDistance { found = (0, 0) }
      }
      position = current + 1
      guard let previous = deferred else {
        deferred = found
        continue
      }
      if previous.length >= DeflateAlphabet.minimumMatch && found.length <= previous.length {
        tokens.append(DeflateToken(length: previous.length, distance: previous.distance))
        let next = current - 1 + previous.length
        for skipped in current + 1..<max(next, current + 1) { _ = insert(skipped, bytes, &heads, &links) }
        position = next
        deferred = nil
      } else {
        tokens.append(DeflateToken(literal: bytes[current - 1]))
        deferred = found
      }
    }
    if position >= end && tokens.count < count && deferred != nil {
      // No match starts at the last byte.
      tokens.append(DeflateToken(literal: bytes[end - 1]))
      deferred = nil
    }
  }

  private static func insert(
    _ positions: Range<Int>, _ source: ContiguousArray<UInt8>, _ heads: inout ContiguousArray<Int32>,
    _ links: inout ContiguousArray<UInt16>
  ) {
    let bytes = source.span
    var heads = heads.mutableSpan
    var links = links.mutableSpan
    for position in positions { _ = insert(position, bytes, &heads, &links) }
  }

  /// Puts a position at the head of its chain and returns the head before, −1 if none is in reach.
  @inline(__always)
  private static func insert(
    _ position: Int, _ bytes: Span<UInt8>, _ heads: inout MutableSpan<Int32>, _ links: inout MutableSpan<UInt16>
  ) -> Int {
    guard position &+ 2 < bytes.count else { return -1 }
    let key = UInt32(bytes[position]) | UInt32(bytes[position &+ 1]) &<< 8 | UInt32(bytes[position &+ 2]) &<< 16
    // Multiplicative hashing: the high bits of a product with an odd constant near 2³² divided by the golden ratio.
    let hash = Int((key &* 0x9E37_79B1) &>> UInt32(32 - hashBits))
    let head = heads[hash]
    let step = head < 0 ? Int(chainEnd) : min(position &- Int(head), Int(chainEnd))
    links[position & (DeflateAlphabet.windowSize - 1)] = UInt16(truncatingIfNeeded: step)
    heads[hash] = Int32(truncatingIfNeeded: position)
    return Int(head)
  }

  /// The longest match with more than `minimum` bytes, the nearest of equal ones, or length 0.
  @inline(__always)
  private static func longestMatch(
    _ bytes: Span<UInt8>, in range: Range<Int>, _ first: Int, _ links: Span<UInt16>, longerThan minimum: Int, chain: Int
  ) -> (length: Int, distance: Int) {
    let position = range.lowerBound
    let limit = min(DeflateAlphabet.maximumMatch, range.count)
    guard limit > minimum else { return (0, 0) }
    let enough = min(niceLength, limit)
    let lowest = max(0, position &- DeflateAlphabet.windowSize)
    var best = (length: minimum, distance: 0)
    // A longer match must agree in the last byte of the best one and in the byte after it.
    var next = bytes[position &+ minimum]
    var last = bytes[position &+ minimum &- 1]
    var candidate = first
    var remaining = chain
    while candidate >= lowest && remaining > 0 {
      let candidateEnd = candidate &+ best.length
      if bytes[candidateEnd] == next && bytes[candidateEnd &- 1] == last {
        var length = 0
        while length < limit && bytes[candidate &+ length] == bytes[position &+ length] { length &+= 1 }
        if length > best.length {
          best = (length, position &- candidate)
          if length >= enough { break }
          next = bytes[position &+ length]
          last = bytes[position &+ length &- 1]
        }
      }
      candidate &-= Int(links[candidate & (DeflateAlphabet.windowSize - 1)])
      remaining &-= 1
    }
    return best.distance > 0 ? best : (0, 0)
  }
}
