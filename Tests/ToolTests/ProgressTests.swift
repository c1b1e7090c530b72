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

  @Test func itemsAreCounted() {
    let progress = Progress(total: 4, isQuiet: true)
    progress.show(done: 1, name: "dog.png", steps: steps)
    #expect(progress.line(after: 10) == "[2/4] dog.png, about 30 s left")
    progress.begin("unet.down_blocks.2.resnets.0")
    #expect(progress.line(after: 14) == "[2/4] dog.png, 40 %, about 26 s left: UNet down_blocks.2.resnets.0")
  }

  @Test func theLineFitsATerminalAndHoldsNoControlCharacters() {
    let progress = Progress(total: 1000, isQuiet: true)
    progress.show(name: "\u{1B}[31m" + String(repeating: "x", count: 500), steps: steps)
    progress.begin("unet.down_blocks.2.resnets.0")
    let line = progress.line(after: 1e6)
    #expect(line.count <= 78 && line.unicodeScalars.allSatisfy { $0.value >= 0x20 })
    #expect(line.contains("UNet down_blocks.2.resnets.0"))
  }
}
