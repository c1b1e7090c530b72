// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@Suite struct InterruptionTests {
  /// Stops the tool while it writes 64 MB, and looks at what it leaves.
  @Test(arguments: [SIGTERM, SIGINT])
  func aStoppedProcessLeavesNoHalfWrittenFile(signal: Int32) throws {
    // The write may be over before it is seen: then once more.
    for _ in 0..<20 {
      let folder = try TemporaryFolder()
      let process = Process()
      process.executableURL = URL(fileURLWithPath: try BuiltTool.path())
      process.arguments = [
        "cut", Fixture.path("ncut/rocket-32x1.safetensors"), "--grid", "32x1", "--mask-size", "4000x4000", "--upsample",
        "nearest", "-q", "-o", folder.file("labels.npy"),
      ]
      try process.run()
      var isCaught = false
      while process.isRunning && !isCaught {
        isCaught = try folder.names().contains { $0.hasSuffix(".partial") }
      }
      guard isCaught else { continue }
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      guard process.terminationStatus != 0 else { continue }
      #expect(process.terminationReason == .exit && process.terminationStatus == 128 + signal)
      #expect(try folder.names() == [])
      return
    }
    Issue.record("the tool was never seen writing")
  }

  /// What a killed process leaves, under the number that this one may get, does not stand in the way.
  @Test func staleFilesOfAKilledProcessDoNotBlock() throws {
    let folder = try TemporaryFolder()
    for number in 1...3 { try folder.write(Data(), "labels.npy.\(number).0.partial") }
    let outcome = try BuiltTool.run([
      "cut", Fixture.path("ncut/rocket-32x1.safetensors"), "--grid", "32x1", "-q", "-o", folder.file("labels.npy"),
    ])
    #expect(outcome.status == 0)
    #expect(try folder.names().contains("labels.npy"))
  }
}
