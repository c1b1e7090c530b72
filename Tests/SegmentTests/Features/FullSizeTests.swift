// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import TestSupport
import Testing
import UNet

/// A folder that `diffcut model synthesize ssd-1b --widths full -o FOLDER` has written: too large to keep, too slow for
/// every run. `.ci/run` makes one.
private let fullModel = Platform.environment("DIFFCUT_FULL_MODEL")

@Suite struct FullSizeTests {
  /// 1.3 billion parameters at their published widths.
  @Test(.enabled(if: fullModel != nil))
  func featuresOfThePublishedWidthsAreThoseOfDiffusers() throws {
    let golden = try SafetensorsFile(path: Fixture.path("diffusion/goldens/ssd-1b-full-chelsea-128.safetensors"))
    let encoder = try DiffusionEncoder(model: try #require(fullModel), size: 128)
    #expect(encoder.name == "SSD-1B")
    let nodes = try encoder.encode(Image.decode(Fixture.bytes("images/chelsea.png"))).nodes
    // The error that design allows the features.
    expectEqual(
      Array(nodes.values), Array(try golden.doubles("features")),
      within: .golden(relativeFrobenius: 1e-4, maximumAbsolute: 1), "features")
  }
}
