// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@Suite struct FaultTests {
  #if os(Linux)
    /// The system answers a read behind the end with SIGBUS.
    @Test func weightsThatAreCutOffEndInOneLine() throws {
      // The weights may have been read before they are cut off: then once more.
      for _ in 0..<10 {
        let folder = try TemporaryFolder()
        let model = folder.file("model")
        #expect(try BuiltTool.run(["model", "synthesize", "sd1.4", "-q", "-o", model]).status == 0)
        let weights = "\(model)/unet/diffusion_pytorch_model.safetensors"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try BuiltTool.path())
        process.arguments = [
          "features", Fixture.path("images/coffee.png"), "--model", model, "--size", "1024", "-o",
          folder.file("out.npy"),
        ]
        let error = Pipe()
        process.standardError = error
        try process.run()
        var isMapped = false
        while process.isRunning && !isMapped { isMapped = Self.hasMapped(weights, process.processIdentifier) }
        #expect(truncate(weights, 0) == 0)
        let text = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard isMapped, process.terminationStatus != 0, !text.contains("changed while") else { continue }
        #expect(process.terminationReason == .exit && process.terminationStatus == 3)
        #expect(
          text
            == "diffcut: error: '\(weights)' became shorter while it was read; run the command again when it is complete\n"
        )
        #expect(try folder.names() == ["model"])
        return
      }
      Issue.record("the weights were never cut off in time")
    }

    /// Whether the process has mapped a file. Open is not enough: the size is asked for in between.
    private static func hasMapped(_ path: String, _ process: Int32) -> Bool {
      (try? String(contentsOfFile: "/proc/\(process)/maps", encoding: .utf8))?.contains(path) ?? false
    }

    /// A sanitizer's shadow takes terabytes of addresses.
    private static let isSanitized = ["ASAN_OPTIONS", "TSAN_OPTIONS"].contains {
      ProcessInfo.processInfo.environment[$0] != nil
    }

    /// 30 bytes that say they are 2²⁸ pixels, in 4 GB of addresses.
    @Test(
      .enabled(if: !isSanitized),
      arguments: [
        ["report", "large.ppm", "-o", "out.html"], ["refine", "large.ppm", "large.labels.png", "-o", "out.png"],
        ["convert", "large.labels.png", "-f", "overlay", "--image-dir", ".", "-o", "out"],
      ])
    func picturesThatDoNotFitTheMemoryAreRefusedByTheirHeader(command: [String]) throws {
      let folder = try TemporaryFolder()
      try folder.write(Data("P6\n16384 16384\n255\nshort".utf8), "large.ppm")
      try folder.write(SyntheticSet.labels([1, 2]), "large.labels.png")
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/bash")
      process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
      process.arguments =
        ["-c", "ulimit -v 4000000 && exec \"$0\" \"$@\"", try BuiltTool.path()] + command
      let error = Pipe()
      process.standardError = error
      try process.run()
      let text = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationReason == .exit && process.terminationStatus == 6, "\(text)")
      #expect(text.contains("large.ppm: 16384x16384 pixels need about 5.4 GB; the machine has 4.1 GB free"), "\(text)")
    }
  #endif
}
