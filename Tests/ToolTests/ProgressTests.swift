// SPDX-License-Identifier: Apache-2.0
import Testing
import Tool

@Suite struct ProgressTests {
  private let steps = [
    Progress.Step("vae.conv_in", size: 10), Progress.Step("unet.down_blocks.1.attentions.0", size: 30),
    Progress.Step("unet.down_blocks.2.resnets.0", size: 60),
  ]

  @Test func theLineNamesItemStepShareAndTheTimeLeft() {
    let progress = Progress(isQuiet: true)
    progress.show(name: "photos/cat.png", steps: steps)
    #expect(progress.line(after: 0) == "cat.png")
    progress.begin("vae.conv_in")
    #expect(progress.line(after: 5) == "cat.png: VAE conv_in")
    progress.begin("unet.down_blocks.2.resnets.0")
    #expect(progress.line(after: 8) == "cat.png, 40 %, about 12 s left: UNet down_blocks.2.resnets.0")
  }

  @Test func stepsOfUnknownSizeStandWhereTheLastOneBegan() {
    let progress = Progress(isQuiet: true)
    progress.show(name: "cat.png", steps: steps)
    progress.begin("unet.down_blocks.1.attentions.0")
    progress.begin("affinity")
    #expect(progress.line(after: 0) == "cat.png, 10 %: affinity")
    progress.show(name: "model")
    progress.begin("text_encoder_2")
    #expect(progress.line(after: 100) == "model: text encoder 2")
  }

  @Test func severalItemsHaveABarACountAndARate() {
    let progress = Progress(total: 4, isQuiet: true)
    progress.show(name: "dog.png", steps: steps)
    #expect(progress.line(after: 10) == "[............] 0/4, dog.png")
    progress.show(done: 1, name: "dog.png", steps: steps)
    #expect(progress.line(after: 10) == "[###.........] 1/4, 10.0 s each, 30 s left, dog.png")
    progress.begin("unet.down_blocks.2.resnets.0")
    #expect(progress.line(after: 14).hasPrefix("[####........] 1/4, 10.0 s each, 26 s left, dog.png: UNet down_blocks"))
    // 8 that were already done took no time.
    let resumed = Progress(total: 400, isQuiet: true)
    resumed.show(done: 10, skipped: 8, name: "dog.png")
    #expect(resumed.line(after: 1) == "[............] 10/400, 2.0/s, 3 min left, dog.png")
    resumed.show(done: 1, name: "dog.png")
    #expect(resumed.line(after: 60) == "[............] 1/400, 60.0 s each, 6 h 39 min left, dog.png")
  }

  @Test func theLineFitsATerminalAndHoldsNoControlCharacters() {
    let progress = Progress(total: 1000, isQuiet: true)
    progress.show(name: "\u{1B}[31m" + String(repeating: "x", count: 500), steps: steps)
    progress.begin("unet.down_blocks.2.resnets.0")
    #expect(progress.line(after: 1e6).count <= 78)
    let line = progress.line(after: 0)
    #expect(line.count <= 78 && line.unicodeScalars.allSatisfy { $0.value >= 0x20 })
    #expect(line.contains("UNet down_blocks.2.resnets.0"))
  }
}
