// SPDX-License-Identifier: Apache-2.0
import Tensor

/// libFuzzer around one target, whose name is in the environment, DIFFCUT_FUZZ_TARGET. Arguments are libFuzzer's.
///
/// The target's seeds are written into the folder DIFFCUT_FUZZ_SEEDS, which is then given as a corpus.
@main
struct Driver {
  static func main() throws {
    let name = Platform.environment("DIFFCUT_FUZZ_TARGET") ?? ""
    guard let target = FuzzTarget(rawValue: name) else { preconditionFailure("no target '\(name)'") }
    if let folder = Platform.environment("DIFFCUT_FUZZ_SEEDS") {
      for (index, seed) in try target.seeds.enumerated() {
        try OutputFile.write([seed], to: "\(folder)/seed-\(index)")
      }
    }
    runner = try FuzzRunner(target, printsText: true)
    // Inputs are small, and threads would hide which edges one of them reaches.
    Parallel.threadCount = 1
    Platform.exitProcess(drive())
  }
}

/// Made once: every input is given to the same runner.
nonisolated(unsafe) private var runner: FuzzRunner?

private func drive() -> Int32 {
  var count = CommandLine.argc
  var arguments = Optional(CommandLine.unsafeArgv)
  return runDriver(&count, &arguments) { start, count in
    _ = runner?.run(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
  }
}

/// - Source: compiler-rt, `FuzzerDriver.cpp`; "Using libFuzzer as a library" in its documentation.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<Int8>?>?>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32
