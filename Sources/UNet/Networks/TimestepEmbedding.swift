// SPDX-License-Identifier: Apache-2.0
import Tensor

/// What the UNet's residual blocks are told about the timestep and, in XL models, about prompt and image size.
struct TimestepEmbedding: Sendable {
  private let time: (Linear, Linear)
  private let added: (Linear, Linear)?
  private let configuration: UNetConfiguration

  init(_ weights: WeightReader, _ configuration: UNetConfiguration) throws {
    let width = configuration.timeEmbeddingWidth
    func layers(_ name: String, from input: Int) throws -> (Linear, Linear) {
      (
        try Linear(weights.module("\(name).linear_1"), from: input, to: width),
        try Linear(weights.module("\(name).linear_2"), from: width, to: width)
      )
    }
    time = try layers("time_embedding", from: configuration.timeSinusoidWidth)
    added = try configuration.addedConditioning.map { try layers("add_embedding", from: $0.inputWidth) }
    self.configuration = configuration
  }

  /// Cosines first, then sines, at frequencies from 1 down to nearly 1/10000.
  ///
  /// - Source: diffusers' `get_timestep_embedding` with `flip_sin_to_cos` and `downscale_freq_shift` 0.
  package static func sinusoid(_ value: Double, width: Int) -> [Float] {
    let half = width / 2
    let angles = (0..<half).map { value * Platform.exponential(-Platform.logarithm(10000) * Double($0) / Double(half)) }
    return angles.map { Float(Platform.cosine($0)) } + angles.map { Float(Platform.sine($0)) }
  }

  /// - Parameters:
  ///   - pooled: the pooled prompt embedding, [1, pooled width]; XL models.
  ///   - size: side of the image, which XL models are told as original and target size, uncropped.
  /// - Returns: [1, timeEmbeddingWidth].
  func callAsFunction(timestep: Int, pooled: Tensor?, size: Int) -> Tensor {
    func apply(_ layers: (Linear, Linear), _ input: [Float]) -> Tensor {
      layers.1(layers.0(Tensor([1, input.count], values: input)).silu())
    }
    var embedding = apply(time, Self.sinusoid(Double(timestep), width: configuration.timeSinusoidWidth))
    if let added, let pooled, let conditioning = configuration.addedConditioning {
      let sizes = [size, size, 0, 0, size, size]
      let sinusoids = sizes.flatMap { Self.sinusoid(Double($0), width: conditioning.sinusoidWidth) }
      embedding.add(apply(added, pooled.values + sinusoids))
    }
    return embedding
  }

  /// Counts the multiply-accumulates.
  func count(in work: inout StageWork) {
    for (first, second) in [time] + (added.map { [$0] } ?? []) {
      first.count(rows: 1, in: &work)
      second.count(rows: 1, in: &work)
    }
  }
}
