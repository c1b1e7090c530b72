// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import TestSupport
import Testing
import UNet

@Suite struct TimestepTests {
  /// The latent of the image serves all timesteps, to the bit.
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
    var stages: [String] = []
    let observer = StageObserver { stages.append($0) }
    let shared = try encoder(7)
    let found = try timesteps.map {
      try shared.encode(image, EncodingRequest(timestep: $0), observer: observer).nodes.values
    }
    for (timestep, values) in zip(timesteps, found) {
      #expect(values == (try encoder(timestep).encode(image).nodes.values))
    }
    #expect(stages.filter { $0 == "vae.conv_in" }.count == 1)
    #expect(stages.filter { $0 == "unet.conv_in" }.count == 4)
    #expect(Set(found.map { $0[0] }).count == 4)
    // Another image has a latent of its own.
    let other = Image(width: 8, height: 8, pixels: ContiguousArray(repeating: 90, count: 192))
    let features = try shared.encode(other, EncodingRequest(timestep: 300)).nodes.values
    #expect(features == (try encoder(300).encode(other).nodes.values))
  }

  @Test func aTimestepThatTheModelLacksIsRefusedBeforeAnythingIsComputed() throws {
    let encoder = try DiffusionEncoder(model: Fixture.path("diffusion/ssd-1b"), size: 128)
    let image = try Image.decode(Fixture.bytes("images/chelsea.png"))
    #expect(throws: EncoderError.badTimestep(1000, count: 1000)) {
      try encoder.encode(
        image, EncodingRequest(timestep: 1000), observer: StageObserver { Issue.record("began \($0)") })
    }
  }
}
