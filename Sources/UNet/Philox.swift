// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The counter-based generator Philox4x32-10, and standard normals as PyTorch draws them with it on a CUDA device.
///
/// - Source: Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
package struct Philox: Sendable {
  package let seed: UInt64

  package init(seed: UInt64) { self.seed = seed }

  /// The four words of one counter.
  package func words(counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
    var (c, k0, k1) = (counter, UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    for round in 0..<10 {
      if round > 0 {
        k0 &+= 0x9E37_79B9
        k1 &+= 0xBB67_AE85
      }
      let first = c[0].multipliedFullWidth(by: 0xD251_1F53)
      let second = c[2].multipliedFullWidth(by: 0xCD9E_8D57)
      c = SIMD4(second.high ^ c[1] ^ k0, second.low, first.high ^ c[3] ^ k1, first.low)
    }
    return c
  }

  /// `torch.randn(count, device="cuda")` from a fresh generator.
  ///
  /// A launch has G = min(`residentThreads`, `count` rounded up to blocks of 256) threads; thread i draws four normals a
  /// turn from counter (turn, 0, i, 0), and element e is draw (e mod 4G) div G of thread e mod G in turn e div 4G.
  ///
  /// - Parameter residentThreads: threads the GPU holds at once. nil: at least `count`, which holds for the noise of a
  ///   1024-pixel image on most GPUs, so that every element is the first draw of its own thread.
  /// - Numerics: Box–Muller in single precision with the C library's functions in Double; CUDA's fast sine and cosine
  ///   differ in the seventh digit.
  package func normals(_ count: Int, residentThreads: Int? = nil) -> [Float] {
    let blocks = (count + 255) / 256 * 256
    let threads = max(1, min(residentThreads ?? blocks, blocks))
    return (0..<count).map { element in
      let (turn, rest) = element.quotientAndRemainder(dividingBy: 4 * threads)
      let (draw, thread) = rest.quotientAndRemainder(dividingBy: threads)
      let words = words(counter: SIMD4(UInt32(truncatingIfNeeded: turn), 0, UInt32(truncatingIfNeeded: thread), 0))
      let pair = draw < 2 ? (words[0], words[1]) : (words[2], words[3])
      return Self.boxMuller(pair.0, pair.1, usesSine: draw % 2 == 0)
    }
  }

  /// One of the two normals of a pair of words.
  private static func boxMuller(_ a: UInt32, _ b: UInt32, usesSine: Bool) -> Float {
    let step: Float = 2.3283064e-10
    let angleStep: Float = step * 6.2831855
    let u = Float(a) * step + step / 2
    let v = Float(b) * angleStep + angleStep / 2
    let radius = Float((-2 * Platform.logarithm(Double(u))).squareRoot())
    return radius * Float(usesSine ? Platform.sine(Double(v)) : Platform.cosine(Double(v)))
  }
}
