// SPDX-License-Identifier: Apache-2.0
import Experiments
import Foundation
import Segment
import Tensor
import TestSupport
import Testing
import UNet

@Suite struct FeatureLevelTests {
  private func checkpoint(_ path: String) throws -> DiffusionCheckpoint {
    try DiffusionCheckpoint(opening: CheckpointLocation.resolve(path))
  }

  private func photograph() throws -> Image { try Image.decode(Fixture.bytes("images/astronaut.png")) }

  @Test(arguments: StageGolden.all)
  func theFineLevelIsThatOfDiffusers(stage: StageGolden) throws {
    let golden = try stage.golden()
    let encoder = try DiffusionEncoder(model: stage.checkpoint, size: golden.size, level: .fine)
    let nodes = try encoder.encode(golden.photograph).nodes
    let expected = try #require(golden.stages.first { $0.name == "features.64" })
    let side = golden.size / 16
    #expect(nodes.grid == Grid(height: side, width: side))
    let found = Tensor([side, side, nodes.channels], values: nodes.values.lazy.map { Float($0) })
    let error = try #require(expected.error(of: found), "\(found.shape) against \(expected.shape)")
    #expect(error <= DiffusionGolden.limit(.single))
  }

  /// The fine level's vectors as they are, beside the coarse ones at the positions torch's bilinear upsampling has.
  @Test(arguments: ["ssd-1b", "vega", "sd1.4"])
  func bothLevelsLieSideBySideOnTheFinerGrid(name: String) throws {
    let path = Fixture.path("diffusion/\(name)")
    func nodes(_ level: FeatureLevel) throws -> FeatureMap {
      try DiffusionEncoder(model: path, size: 128, level: level).encode(photograph()).nodes
    }
    let (coarse, fine, both) = (try nodes(.coarse), try nodes(.fine), try nodes(.both))
    #expect(coarse.grid == Grid(height: 4, width: 4) && fine.grid == Grid(height: 8, width: 8))
    try #require(both.grid == fine.grid && both.channels == coarse.channels + fine.channels)
    func value(_ y: Int, _ x: Int, _ channel: Int) -> Double { coarse.values[(y * 4 + x) * coarse.channels + channel] }
    for y in 0..<8 {
      for x in 0..<8 {
        let start = (y * 8 + x) * both.channels
        let (vertical, horizontal) = (SamplePosition(of: y, from: 4, to: 8), SamplePosition(of: x, from: 4, to: 8))
        for channel in 0..<coarse.channels {
          let rows = [vertical.first, vertical.second].map { row in
            value(row, horizontal.first, channel) * (1 - horizontal.weight)
              + value(row, horizontal.second, channel) * horizontal.weight
          }
          let expected = rows[0] * (1 - vertical.weight) + rows[1] * vertical.weight
          #expect(abs(both.values[start + channel] - expected) <= 1e-7)
        }
        let own = fine.values[(y * 8 + x) * fine.channels..<(y * 8 + x + 1) * fine.channels]
        #expect(Array(both.values[start + coarse.channels..<start + both.channels]) == Array(own))
      }
    }
  }

  /// What lies past the fine level's hook may be damaged: it is not read.
  @Test func nothingPastTheFineHookIsRead() throws {
    let directory = try TemporaryDirectory()
    let original = Fixture.path("diffusion/ssd-1b")
    let copy = directory.file("model")
    try FileManager.default.copyItem(atPath: original, toPath: copy)
    let whole = try checkpoint(original)
    let needed = Set(try whole.configuration.ending(at: .fine).unet.requirements.map(\.name))
    let name = "unet/diffusion_pytorch_model.fp16.safetensors"
    let file = try SafetensorsFile(path: "\(original)/\(name)")
    let tensors = try Dictionary(
      uniqueKeysWithValues: file.entries.keys.map { key in
        let tensor = try file.tensor(key)
        let poison = Tensor(tensor.shape, values: repeatElement(Float.nan, count: tensor.count))
        return (key, needed.contains(key) ? tensor : poison)
      })
    let bytes = SafetensorsFile.encode(tensors, metadata: nil) { _ in .float16 }
    try Data(bytes).write(to: URL(fileURLWithPath: "\(copy)/\(name)"))

    let fine = try DiffusionEncoder(model: copy, size: 128, level: .fine)
    let expected = try DiffusionEncoder(model: original, size: 128, level: .fine).encode(photograph()).nodes
    #expect(try fine.encode(photograph()).nodes.values == expected.values)
    for level in [FeatureLevel.coarse, .both] {
      let poisoned = try DiffusionEncoder(model: copy, size: 128, level: level)
      #expect(throws: CheckpointError.self) { try poisoned.encode(photograph()) }
    }
  }

  @Test func levelsAreBlocksOfTheModel() throws {
    let hooks = try ["ssd-1b", "vega", "sd1.4"].map { name in
      let configuration = try checkpoint(Fixture.path("diffusion/\(name)")).configuration
      return try FeatureLevel.allCases.map { try configuration.ending(at: $0).unet.hook }
    }
    let coarse = "down_blocks.2.attentions.1.transformer_blocks."
    let fine = "down_blocks.1.attentions.1.transformer_blocks."
    #expect(
      hooks == [
        ["\(coarse)3.attn1", "\(fine)1.attn1", "\(coarse)3.attn1"],
        ["\(coarse)1.attn1", "\(fine)0.attn1", "\(coarse)1.attn1"],
        ["\(coarse)0.attn1", "\(fine)0.attn1", "\(coarse)0.attn1"],
      ])
  }

  @Test func aLevelWithoutAttentionIsRefused() throws {
    var configuration = try checkpoint(Fixture.path("diffusion/ssd-1b")).configuration
    configuration.unet.blocks[1].transformerDepths = []
    #expect(throws: Never.self) { try configuration.ending(at: .coarse) }
    for level in [FeatureLevel.fine, .both] {
      #expect(throws: DiffusionError.noLevel(level)) { try configuration.ending(at: level) }
    }
    configuration.unet.blocks.removeFirst(2)
    #expect(throws: DiffusionError.noLevel(.fine)) { try configuration.ending(at: .fine) }
  }

  /// A sixteenth of the side is the fine level's step: the coarse one's need not divide the size.
  @Test func sizesAreMultiplesOfTheLevelsStep() throws {
    let path = Fixture.path("diffusion/vega")
    #expect(throws: EncoderError.badSize(72, multipleOf: 16)) {
      try DiffusionEncoder(model: path, size: 72, level: .fine)
    }
    #expect(throws: EncoderError.badSize(80, multipleOf: 32)) {
      try DiffusionEncoder(model: path, size: 80, level: .both)
    }
    let nodes = try DiffusionEncoder(model: path, size: 80, level: .fine).encode(photograph()).nodes
    #expect(nodes.grid == Grid(height: 5, width: 5))
  }
}
