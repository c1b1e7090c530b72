// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@Suite struct PackTests {
  private let astronaut = Fixture.path("images/astronaut.png")

  @Test(arguments: ["ssd-1b", "vega", "sd1.4"])
  func aPackedModelStandsForTheModel(name: String) throws {
    let folder = try TemporaryFolder()
    let (original, packed) = (Fixture.path("diffusion/\(name)"), folder.file("packed.safetensors"))
    let outcome = try BuiltTool.run(["model", "pack", original, "-o", packed])
    #expect(outcome.status == 0 && outcome.text.contains("bytes, packed from \(name)"))
    let info = try BuiltTool.run(["model", "info", packed])
    #expect(info.status == 0 && info.text.contains("packed from \(name), without its text encoders"))
    #expect(info.text.contains("prompt: [77, ") && !info.text.contains("text_encoder:"))
    let check = try BuiltTool.run(["model", "check", packed])
    #expect(check.status == 0 && check.text.contains("ok: all "))
    for level in ["32", "64", "32+64"] {
      let features = try [original, packed].map { model in
        let options = ["--model", model, "--size", "128", "--level", level, "-o", folder.file("f.npy")]
        #expect(try BuiltTool.run(["features", astronaut] + options).status == 0)
        return try folder.contents("f.npy")
      }
      #expect(features[0] == features[1])
    }
    let segment = try BuiltTool.run(["segment", astronaut, "--model", packed, "--size", "128", "-o", folder.path])
    #expect(segment.status == 0 && segment.text.contains("(diffusion encoder)"))
  }

  @Test func theModelItselfIsNotOverwritten() throws {
    let folder = try TemporaryFolder()
    let single = folder.file("single.safetensors")
    let settings = ["--config", Fixture.path("diffusion/vega")]
    #expect(try BuiltTool.run(["model", "synthesize", "vega", "-o", single]).status == 0)
    let before = try folder.contents("single.safetensors")
    try FileManager.default.createSymbolicLink(atPath: folder.file("link.safetensors"), withDestinationPath: single)
    for name in ["single.safetensors", "link.safetensors"] {
      let outcome = try BuiltTool.run(["model", "pack", single, "-o", folder.file(name)] + settings)
      #expect(outcome.status == 2 && outcome.error.contains("is the model to be packed"))
    }
    #expect(try folder.contents("single.safetensors") == before)
    let packed = folder.file("packed.safetensors")
    #expect(try BuiltTool.run(["model", "pack", single, "-q", "-o", packed] + settings).output.isEmpty)
    let again = try BuiltTool.run(["model", "pack", packed, "-o", folder.file("again.safetensors")])
    #expect(again.status == 2 && again.error.contains("is packed already"))
    let configured = try BuiltTool.run(["model", "info", packed] + settings)
    #expect(configured.status == 3 && configured.error.contains("contains its configuration"))
    #expect(try folder.names() == ["link.safetensors", "packed.safetensors", "single.safetensors"])
  }

  /// Arguments after `model pack`, the exit code, and what the message says.
  @Test(arguments: [
    (["MODEL"], 2, "model pack needs -o"),
    (["MODEL", "-o", "packed.bin"], 2, "use a name that ends with .safetensors"),
    (["MODEL", "-o", "packed.safetensors", "--widths", "full"], 2, "--widths has no effect with 'model pack'"),
    (["/nowhere", "-o", "packed.safetensors"], 3, "model '/nowhere' not found"),
    (["MODEL", "-o", "/nowhere/packed.safetensors"], 5, "cannot create '/nowhere/packed.safetensors'"),
  ])
  func failuresAreExplained(arguments: [String], status: Int32, message: String) throws {
    let arguments = arguments.map { $0 == "MODEL" ? Fixture.path("diffusion/vega") : $0 }
    let outcome = try BuiltTool.run(["model", "pack"] + arguments)
    #expect(outcome.status == status && outcome.error.contains(message), "\(outcome.error)")
  }
}
