// SPDX-License-Identifier: Apache-2.0
import Foundation
import Tensor
import TestSupport
import Testing

/// `--precision` of the real binary.
@Suite struct PrecisionTests {
  private let photograph = Fixture.path("images/astronaut.png")
  private let model = ["--model", Fixture.path("diffusion/ssd-1b"), "--size", "128"]

  private func features(_ arguments: [String]) throws -> [Double] {
    let folder = try TemporaryFolder()
    let path = folder.file("features.npy")
    let outcome = try BuiltTool.run(["features", photograph, "-o", path] + model + arguments)
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    return Array(try NPY.parse([UInt8](folder.contents("features.npy"))).doubles())
  }

  @Test func fastFeaturesAreNearlyThose() throws {
    let single = try features([])
    #expect(try features(["--precision", "single"]) == single)
    let fast = try features(["--precision", "fast"])
    let squares = zip(fast, single).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let error = (squares / single.reduce(0) { $0 + $1 * $1 }).squareRoot()
    // The portable kernels multiply integers no faster, and so do not.
    #expect(InstructionSet.active == .portable ? error == 0 : error > 1e-5 && error < 1.1e-3)
  }

  /// Results of the one do not stand for those of the other.
  @Test func imagesAreDoneAgainInAnotherPrecision() throws {
    let out = try TemporaryFolder()
    func status(_ precision: String) throws -> [String] {
      try BuiltTool.run(
        ["segment", photograph, "-f", "labels", "--json", "-o", out.path, "--precision", precision] + model
      ).all("status")
    }
    #expect(try status("fast") == ["ok"])
    #expect(try status("fast") == ["skipped"])
    #expect(try status("single") == ["ok"])
  }

  @Test func goldensHaveALimitOfTheirOwn() throws {
    let golden = Fixture.path("diffusion/goldens/ssd-1b-astronaut-128.safetensors")
    let fast = try BuiltTool.run(["verify", golden, "--precision", "fast", "--json"])
    #expect(fast.status == 0)
    #expect(fast.text.contains("\"limit\":0.0011"))
    #expect(try BuiltTool.run(["verify", golden, "--json"]).text.contains("\"limit\":0.0001"))
  }

  @Test func otherUsesAreRefused() throws {
    for (arguments, message) in [
      (
        ["segment", photograph, "-o", "-", "--precision", "fast"], "--precision has no effect with the built-in encoder"
      ),
      (["features", photograph, "-o", "-", "--precision", "half"] + model, "--precision is 'half'"),
      (["bench", "norm", "--precision", "fast"], "--precision has no effect with 'bench norm'"),
    ] {
      let outcome = try BuiltTool.run(arguments)
      #expect(outcome.status == 2 && outcome.output.isEmpty)
      #expect(outcome.error.contains(message), "\(outcome.error)")
    }
  }

  @Test func kernelsAreMeasuredInBoth() throws {
    for arguments in [["gemm", "--size", "64"], ["attention", "--size", "64", "--stage", "prompt"]] {
      let outcome = try BuiltTool.run(["bench", "--json", "--repeat", "1", "--precision", "fast"] + arguments)
      #expect(outcome.status == 0 && outcome.text.contains("\"error\":"))
    }
  }
}
