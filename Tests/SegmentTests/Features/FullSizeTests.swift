// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import Tensor
import TestSupport
import Testing
import UNet

/// A folder that `diffcut model synthesize ARCHITECTURE --widths full -o FOLDER` has written: too large to keep, too slow
/// for every run. `.ci/run` makes one after the other.
private let fullModel = Platform.environment("DIFFCUT_FULL_MODEL")

@Suite struct FullSizeTests {
  /// Goldens of the published widths, by the models' names.
  private static let goldens = [
    "SSD-1B": ["ssd-1b-full-chelsea-128", "ssd-1b-full-coffee-512", "ssd-1b-full-astronaut-1024"],
    "Segmind-Vega": ["vega-full-chelsea-512"],
    "Stable Diffusion 1.x": ["sd1.4-full-coffee-512"],
  ]

  /// Up to 1.3 billion parameters at their published widths.
  @Test(.enabled(if: fullModel != nil))
  func stagesOfThePublishedWidthsAreThoseOfDiffusers() throws {
    let checkpoint = try DiffusionCheckpoint(opening: CheckpointLocation.resolve(try #require(fullModel)))
    let name = try #require(checkpoint.configuration.publishedName)
    for file in try #require(Self.goldens[name]) {
      let golden = try DiffusionGolden.fixture(file)
      #expect(golden.fits(checkpoint.configuration))
      let comparisons = try golden.replay(checkpoint, photograph: golden.photograph)
      for comparison in comparisons { #expect(comparison.isWithinLimit, "\(file): \(comparison)") }
      #expect(comparisons.contains { $0.stage == "features" })
      #expect(comparisons.count == golden.stages.count)
    }
  }
}
