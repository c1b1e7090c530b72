// SPDX-License-Identifier: Apache-2.0

/// How much of the image is left at a timestep: x_t = √ᾱ_t · x_0 + √(1 − ᾱ_t) · ε.
///
/// - Source: Ho, Jain & Abbeel, "Denoising diffusion probabilistic models", eq. 4. The "scaled linear" schedule of latent
///   diffusion, as diffusers computes it in single precision: β_i = (the i-th of 1000 points from √0.00085 to √0.012)².
package struct NoiseSchedule: Sendable {
  /// ᾱ_t for t = 0 ..< 1000.
  package let cumulativeAlpha: [Float]

  package init(betaStart: Float = 0.00085, betaEnd: Float = 0.012, count: Int = 1000) {
    let (first, last) = (betaStart.squareRoot(), betaEnd.squareRoot())
    let step = (last - first) / Float(count - 1)
    var product: Float = 1
    cumulativeAlpha = (0..<count).map { index in
      // torch fills the second half of a linspace from its end.
      let root = index < count / 2 ? first + step * Float(index) : last - step * Float(count - 1 - index)
      product *= 1 - root * root
      return product
    }
  }

  /// The weights of image and noise at a timestep.
  package func weights(at timestep: Int) -> (image: Float, noise: Float) {
    (cumulativeAlpha[timestep].squareRoot(), (1 - cumulativeAlpha[timestep]).squareRoot())
  }
}
