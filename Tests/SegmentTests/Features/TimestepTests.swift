// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import TestSupport
import Testing
import UNet

@Suite struct TimestepTests {
  /// The image's code serves all timesteps, to the bit.
  @Test(arguments: ["ssd-1b", "sd1.4"])
  func severalTimestepsAreThoseOfSeparateEncoders(name: String) throws {
    let path = Fixture.path("diffusion/\(name)")
    let image = try Image.decode(Fixture.bytes("images/chelsea.png"))
    func encoder(_ timestep: Int) throws -> DiffusionEncoder {
      var noise = NoiseOptions()
      noise.timestep = timestep
      return try DiffusionEncoder(model: path, size: 128, noise: noise)
    }
    let timesteps = [0, 300, 50, 999]
    var found: [(Int, ContiguousArray<Double>)] = []
    var stages: [String] = []
    try encoder(7).encode(image, timesteps: timesteps, willBegin: { stages.append($0) }) { timestep, encoded in
      found.append((timestep, encoded.nodes.values))
    }
    #expect(found.map(\.0) == timesteps)
    for (timestep, values) in found { #expect(values == (try encoder(timestep).encode(image).nodes.values)) }
    #expect(stages.filter { $0 == "vae.conv_in" }.count == 1)
    #expect(stages.filter { $0 == "unet.conv_in" }.count == 4)
    #expect(Set(found.map { $0.1[0] }).count == 4)
  }

  @Test func aTimestepThatTheModelLacksIsRefusedBeforeAnythingIsComputed() throws {
    let encoder = try DiffusionEncoder(model: Fixture.path("diffusion/ssd-1b"), size: 128)
    let image = try Image.decode(Fixture.bytes("images/chelsea.png"))
    #expect(throws: EncoderError.badTimestep(1000, count: 1000)) {
      try encoder.encode(image, timesteps: [50, 1000], willBegin: { Issue.record("\($0)") }) { _, _ in
        Issue.record("features of a wrong timestep")
      }
    }
  }
}
