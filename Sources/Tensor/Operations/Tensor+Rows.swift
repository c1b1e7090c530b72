// SPDX-License-Identifier: Apache-2.0

/// Rows handed to a thread at a time.
private let rowsPerTask = 16

extension Tensor {
  /// Elements of the innermost axis, and how many such rows there are.
  private var rowLayout: (rows: Int, length: Int) {
    let length = shape.extents.last ?? 1
    return (length == 0 ? 0 : count / length, length)
  }

  /// A new tensor of `length` elements a row, each row computed from the same row of this one.
  private func mapRows(
    to length: Int, _ body: (_ row: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>) -> Void
  ) -> Tensor {
    let (rows, width) = rowLayout
    var result = Tensor(uninitialized: Shape(shape.extents.dropLast() + [length]))
    let (source, target) = (pointer, result.mutablePointer)
    Parallel.forEach((rows + rowsPerTask - 1) / rowsPerTask) { task in
      for row in task * rowsPerTask..<min(rows, (task + 1) * rowsPerTask) {
        body(source + row * width, target + row * length)
      }
    }
    return result
  }

  private func mapElements(
    _ map: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  ) -> Tensor {
    let length = rowLayout.length
    return mapRows(to: length) { row, output in map(row, output, length) }
  }

  /// eˣ of every element; within 1.1 ulp.
  package func exponential(using kernels: KernelTable = .current) -> Tensor {
    mapElements { kernels.set.exponential($0, $1, count: $2) }
  }

  /// 2ˣ for x below 128; 0 below −125.
  package func powerOfTwo(using kernels: KernelTable = .current) -> Tensor {
    mapElements { kernels.set.powerOfTwo($0, $1, count: $2) }
  }

  /// tanh of every element; within 1.4 ulp.
  package func hyperbolicTangent(using kernels: KernelTable = .current) -> Tensor {
    mapElements { kernels.set.hyperbolicTangent($0, $1, count: $2) }
  }

  /// erf of every element; within 1.5 ulp.
  package func errorFunction(using kernels: KernelTable = .current) -> Tensor {
    mapElements { kernels.set.errorFunction($0, $1, count: $2) }
  }

  /// x / (1 + e⁻ˣ) of every element (torch `silu`); within 2.5 ulp for x ≥ −87, within 2⁻¹²¹ below.
  package func silu(using kernels: KernelTable = .current) -> Tensor {
    mapElements { kernels.set.silu($0, $1, count: $2) }
  }

  /// x·Φ(x) of every element (torch `gelu` with `approximate="none"`); within 1.5 ulp of x.
  package func gelu(using kernels: KernelTable = .current) -> Tensor {
    mapElements { kernels.set.gelu($0, $1, count: $2) }
  }

  /// value · gelu(gate), where a row is [value, gate].
  ///
  /// - Shapes: self [..., 2c], result [..., c].
  /// - Source: diffusers' `GEGLU`: the projection is split in halves, the second one gates.
  package func geglu(using kernels: KernelTable = .current) -> Tensor {
    let length = rowLayout.length
    precondition(length % 2 == 0, "GEGLU of an odd number of channels: \(shape)")
    let half = length / 2
    return mapRows(to: half) { row, output in kernels.set.geglu(value: row, gate: row + half, output, count: half) }
  }

  /// silu(gate) · value, where a row is [gate, value].
  ///
  /// - Shapes: self [..., 2c], result [..., c].
  /// - Source: transformers' `Dinov2SwiGLUFFN`: the projection is split in halves, the first one gates.
  package func swiglu(using kernels: KernelTable = .current) -> Tensor {
    let length = rowLayout.length
    precondition(length % 2 == 0, "SwiGLU of an odd number of channels: \(shape)")
    let half = length / 2
    return mapRows(to: half) { row, output in kernels.set.swiglu(gate: row, value: row + half, output, count: half) }
  }

  /// softmax(scale · x) over the innermost axis.
  ///
  /// - Numerics: the row's maximum is subtracted first; rows with a NaN, with +∞ or with nothing but −∞ become NaN.
  /// - Precondition: the scale is positive, or the row's maximum would not be the largest exponent.
  package func softmax(scale: Float = 1, using kernels: KernelTable = .current) -> Tensor {
    precondition(scale > 0, "softmax with scale \(scale)")
    let length = rowLayout.length
    return mapRows(to: length) { row, output in kernels.set.softmax(row, output, count: length, scale: scale) }
  }

  /// Normalizes every row to mean 0 and variance 1, then applies weight and bias (torch `layer_norm`).
  ///
  /// - Shapes: self [..., c], `weight` and `bias` [c].
  package func layerNorm(
    weight: Tensor, bias: Tensor, epsilon: Float, using kernels: KernelTable = .current
  ) -> Tensor {
    let length = rowLayout.length
    precondition(weight.count == length && bias.count == length, "layer norm of \(shape) with weight \(weight.shape)")
    return mapRows(to: length) { row, output in
      kernels.set.layerNorm(
        row, output, count: length, weight: weight.pointer, bias: bias.pointer, epsilon: epsilon)
    }
  }

  /// Tokens whose moments are summed together; a constant, so that sums do not depend on the thread count.
  private static let momentTile = 512

  /// Normalizes groups of channels over all positions, then applies weight and bias (torch `group_norm`).
  ///
  /// - Shapes: self [..., c] with every leading axis a position; `weight` and `bias` [c]; `groups` divides c.
  /// - Parameter thenSiLU: applies SiLU to the result while it is in the cache.
  package func groupNorm(
    groups: Int, weight: Tensor, bias: Tensor, epsilon: Float, thenSiLU: Bool = false,
    using kernels: KernelTable = .current
  ) -> Tensor {
    let activation = groupNormActivation(
      groups: groups, weight: weight, bias: bias, epsilon: epsilon, thenSiLU: thenSiLU, using: kernels)
    return activated(by: activation, using: kernels)
  }

  /// What `groupNorm` does to each channel, without doing it.
  ///
  /// - Numerics: moments are summed in Double over tiles of 512 positions, the tiles added in order.
  package func groupNormActivation(
    groups: Int, weight: Tensor, bias: Tensor, epsilon: Float, thenSiLU: Bool, using kernels: KernelTable = .current
  ) -> Activation {
    let (positions, channels) = rowLayout
    precondition(groups > 0 && channels % groups == 0, "\(channels) channels in \(groups) groups")
    precondition(weight.count == channels && bias.count == channels, "group norm of \(shape), weight \(weight.shape)")
    let tiles = (positions + Self.momentTile - 1) / Self.momentTile
    let source = pointer
    var factors = Tensor(zeros: [channels])
    var addends = Tensor(zeros: [channels])
    withScratch(tiles * 2 * channels, of: Double.self) { partial in
      Parallel.forEach(tiles) { tile in
        let sums = partial + tile * 2 * channels
        sums.initialize(repeating: 0, count: 2 * channels)
        for position in tile * Self.momentTile..<min(positions, (tile + 1) * Self.momentTile) {
          kernels.set.moments(source + position * channels, sums: sums, squares: sums + channels, count: channels)
        }
      }
      let width = channels / groups
      for group in 0..<groups {
        var (sum, squares) = (0.0, 0.0)
        for tile in 0..<tiles {
          let sums = partial + tile * 2 * channels
          for channel in group * width..<(group + 1) * width {
            sum += sums[channel]
            squares += sums[channels + channel]
          }
        }
        let size = Double(positions * width)
        let mean = sum / size
        let scale = 1 / (max(0, squares / size - mean * mean) + Double(epsilon)).squareRoot()
        for channel in group * width..<(group + 1) * width {
          let factor = scale * Double(weight.pointer[channel])
          factors.mutablePointer[channel] = Float(factor)
          addends.mutablePointer[channel] = Float(Double(bias.pointer[channel]) - mean * factor)
        }
      }
    }
    return Activation(factor: factors, addend: addends, appliesSiLU: thenSiLU)
  }

  /// - Shapes: self and result [..., channels of the activation].
  package func activated(by activation: Activation, using kernels: KernelTable = .current) -> Tensor {
    let (rows, channels) = rowLayout
    precondition(activation.factor.count == channels, "activation of \(activation.factor.shape) on \(shape)")
    var result = Tensor(uninitialized: shape)
    activation.apply(to: pointer, rows: rows, into: result.mutablePointer, using: kernels)
    return result
  }
}
