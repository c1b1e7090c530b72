// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing

/// Against torch, on every instruction set; tolerances stand in the fixtures (see `fixtures/generate/kernels.py`).
@Suite struct GoldenKernelTests {
  private struct Golden {
    let file: SafetensorsFile

    init(_ name: String) throws { file = try SafetensorsFile(path: Fixture.path("kernels/\(name).safetensors")) }

    func input(_ name: String) throws -> Tensor { try file.tensor(name) }

    func check(_ actual: Tensor, _ name: String, _ set: InstructionSet) throws {
      let entry = try #require(file.entries[name])
      let absolute = try #require(file.metadata["\(name).maximum_absolute"].flatMap(Double.init))
      let relative = try #require(file.metadata["\(name).relative_frobenius"].flatMap(Double.init))
      expectEqual(
        actual, Tensor.Shape(entry.shape), Array(try file.doubles(name)),
        within: .golden(relativeFrobenius: relative, maximumAbsolute: absolute), "\(set) \(name)")
    }
  }

  @Test(arguments: InstructionSet.supported)
  func elementary(_ set: InstructionSet) throws {
    let golden = try Golden("elementary")
    let kernels = KernelTable.table(for: set)
    let x = try golden.input("x")
    try golden.check(x.hyperbolicTangent(using: kernels), "tanh", set)
    try golden.check(x.errorFunction(using: kernels), "erf", set)
    try golden.check(x.silu(using: kernels), "silu", set)
    try golden.check(x.gelu(using: kernels), "gelu", set)
    try golden.check(golden.input("exp.x").exponential(using: kernels), "exp", set)
  }

  @Test(arguments: InstructionSet.supported)
  func rows(_ set: InstructionSet) throws {
    let golden = try Golden("rows")
    let kernels = KernelTable.table(for: set)
    let x = try golden.input("x")
    try golden.check(x.softmax(using: kernels), "softmax", set)
    let normal = try x.layerNorm(
      weight: golden.input("weight"), bias: golden.input("bias"), epsilon: 1e-5, using: kernels)
    try golden.check(normal, "layer_norm", set)
    let image = try golden.input("image").groupNorm(
      groups: 4, weight: golden.input("image.weight"), bias: golden.input("image.bias"), epsilon: 1e-6, using: kernels)
    try golden.check(image, "group_norm", set)
  }

  @Test(arguments: InstructionSet.supported, ["resampling", "bicubic"])
  func resampling(_ set: InstructionSet, _ file: String) throws {
    let golden = try Golden(file)
    let modes: [String: Interpolation] = [
      "bilinear": .bilinear, "nearest-exact": .nearest, "bicubic": .bicubic, "bicubic-antialiased": .bicubicAntialiased,
    ]
    var checked = 0
    for name in golden.file.entries.keys.sorted() {
      // MODE.CHANNELS.HEIGHTxWIDTH
      let parts = name.split(separator: ".").map(String.init)
      guard parts.count == 3 else { continue }
      let size = parts[2].split(separator: "x").compactMap { Int($0) }
      let image = try golden.input("image\(parts[1])")
      let mode = try #require(modes[parts[0]])
      try golden.check(image.resized(height: size[0], width: size[1], mode, using: .table(for: set)), name, set)
      checked += 1
    }
    #expect(checked == 24)
  }

  /// Stride and padding of the cases, which their names stand for.
  private static let convolutions: [String: (stride: Int, padding: Padding)] = [
    "same": (1, Padding(1)), "down": (2, Padding(1)), "down_right_bottom": (2, Padding(bottom: 1, right: 1)),
    "pointwise": (1, .none), "first": (1, Padding(1)),
  ]

  @Test(arguments: InstructionSet.supported)
  func convolution(_ set: InstructionSet) throws {
    let golden = try Golden("convolution")
    for (name, layout) in Self.convolutions {
      let result = try golden.input("\(name).image").convolved(
        with: golden.input("\(name).weight"), bias: golden.input("\(name).bias"), stride: layout.stride,
        padding: layout.padding, using: .table(for: set))
      try golden.check(result, name, set)
    }
  }

  @Test(arguments: InstructionSet.supported)
  func attention(_ set: InstructionSet) throws {
    let golden = try Golden("attention")
    let kernels = KernelTable.table(for: set)
    for (name, heads) in [("self", 2), ("cross", 3), ("causal", 2)] {
      let result = try golden.input("\(name).queries").attention(
        keys: golden.input("\(name).keys"), values: golden.input("\(name).values"), heads: heads,
        causal: name == "causal", using: kernels)
      try golden.check(result, name, set)
    }
    try golden.check(golden.input("quick_gelu.x").quickGELU(using: kernels), "quick_gelu", set)
  }
}
