// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// Everything but `Tensor` and its kernels: a pointer is a build error.
let safe: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatWarning("StrictMemorySafety", as: .error),
]

/// Settings of the command line and of tests without loops over numbers. A release build compiles them in a third of the time
/// without optimization. The loops are in the modules below; only the checks of `bench`, which it does not time, become slower.
let unoptimized: [SwiftSetting] = [.unsafeFlags(["-Onone"])]

/// The architecture that the package is built for.
///
/// SwiftPM has no condition for architectures, and `#if arch` in a manifest means the machine that builds. A build for
/// another architecture therefore sets `DIFFCUT_TARGET_ARCH`; see InstructionSets.md.
let architecture: String = {
  switch Context.environment["DIFFCUT_TARGET_ARCH"] {
  case "x86_64": return "x86_64"
  case "arm64", "aarch64": return "arm64"
  case nil, "":
    #if arch(x86_64)
      return "x86_64"
    #else
      return "arm64"
    #endif
  case let name?: fatalError("DIFFCUT_TARGET_ARCH is '\(name)'; use x86_64, arm64 or aarch64")
  }
}()

/// A target that builds the kernels of `Kernels` with the instructions of one set, from the folder of its name.
struct InstructionSetTarget {
  let name: String
  /// The only architecture that has these instructions; nil for all.
  var architecture: String? = nil
  /// The flags of the C compiler that select the instructions.
  var flags: [String] = []
}

let avx512 = [
  "-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl", "-mavx2", "-mfma", "-mf16c", "-mprefer-vector-width=512",
]
let instructionSets = [
  InstructionSetTarget(name: "KernelsPortable"),
  InstructionSetTarget(name: "KernelsAVX2", architecture: "x86_64", flags: ["-mavx2", "-mfma", "-mf16c"]),
  InstructionSetTarget(name: "KernelsAVX512", architecture: "x86_64", flags: avx512),
  // The tuning keeps LLVM from splitting the instruction.
  InstructionSetTarget(
    name: "KernelsVNNI", architecture: "x86_64", flags: avx512 + ["-mavx512vnni", "-mtune=znver4"]),
]
let builtSets = instructionSets.filter { $0.architecture == nil || $0.architecture == architecture }

/// Returns the settings of a target of kernels. Kernels are optimized in debug builds too: unoptimized SIMD is a thousand times
/// slower. They call some instructions by name, through the compiler's module `Builtin`.
func kernelSettings(_ flags: [String] = []) -> [SwiftSetting] {
  [.unsafeFlags(["-O"] + flags.flatMap { ["-Xcc", $0] }), .enableExperimentalFeature("BuiltinModule")]
}

let package = Package(
  name: "diffcut",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "DiffCut", targets: ["Tensor", "Linalg", "UNet", "Images", "Segment", "Formats", "Experiments"]),
    .executable(name: "diffcut", targets: ["Tool"]),
  ],
  targets: [
    .target(name: "Kernels", path: "Sources/Tensor/Kernels", swiftSettings: kernelSettings()),
    .target(
      name: "Tensor", dependencies: ["Kernels"] + builtSets.map { .byName(name: $0.name) },
      exclude: ["Kernels"] + instructionSets.map(\.name)),
    .target(name: "Linalg", dependencies: ["Tensor"], swiftSettings: safe),
    .target(name: "UNet", dependencies: ["Tensor"], swiftSettings: safe),
    .target(name: "Images", dependencies: ["Tensor"], path: "Sources/Segment/Images", swiftSettings: safe),
    .target(
      name: "Segment", dependencies: ["Images", "UNet", "Linalg", "Tensor"],
      exclude: ["Images", "Formats", "Experiments"], swiftSettings: safe),
    .target(
      name: "Formats", dependencies: ["Segment"], path: "Sources/Segment/Formats",
      resources: ["style.css", "cut.js", "paint.js", "view.js", "controls.js"].map {
        .embedInCode("Report/Page/\($0)")
      },
      swiftSettings: safe),
    .target(name: "Experiments", dependencies: ["Segment"], path: "Sources/Segment/Experiments", swiftSettings: safe),
    .executableTarget(
      name: "Tool", dependencies: ["Segment", "Formats", "Experiments"], swiftSettings: safe + unoptimized),

    .target(name: "TestSupport", dependencies: ["Tensor"], path: "Tests/Support"),
    .testTarget(name: "TensorTests", dependencies: ["Tensor", "TestSupport"]),
    .testTarget(name: "LinalgTests", dependencies: ["Linalg", "TestSupport"]),
    .testTarget(name: "UNetTests", dependencies: ["UNet", "TestSupport"], swiftSettings: unoptimized),
    .testTarget(name: "ImagesTests", dependencies: ["Images", "TestSupport"]),
    // `Experiments` reads the goldens.
    .testTarget(name: "SegmentTests", dependencies: ["Segment", "Formats", "Experiments", "TestSupport"]),
    .testTarget(name: "FormatsTests", dependencies: ["Formats", "TestSupport"], swiftSettings: unoptimized),
    .testTarget(name: "ExperimentsTests", dependencies: ["Experiments", "TestSupport"], swiftSettings: unoptimized),
    .testTarget(name: "ToolTests", dependencies: ["Tool", "TestSupport"], swiftSettings: unoptimized),
    .testTarget(
      name: "FuzzTests", dependencies: ["Tool", "TestSupport"], path: "Tests/Fuzz",
      exclude: ["Driver", "run.sh"]),
  ]
)
package.targets += builtSets.map {
  .target(
    name: $0.name, dependencies: ["Kernels"], path: "Sources/Tensor/\($0.name)",
    swiftSettings: kernelSettings($0.flags))
}

// Tests/Fuzz/run.sh alone asks for this: a program around the same targets whose `main` is libFuzzer's. `Tool` is then a
// library, as a program can have one `main` only.
if Context.environment["DIFFCUT_FUZZ"] != nil {
  package.products = []
  package.targets.removeAll { $0.type == .test || $0.name == "Tool" }
  package.targets += [
    .target(
      name: "Tool", dependencies: ["Segment", "Formats", "Experiments"], exclude: ["Main.swift"],
      swiftSettings: safe),
    .executableTarget(
      name: "Fuzz", dependencies: ["Tool", "TestSupport"], path: "Tests/Fuzz",
      exclude: ["MutationTests.swift", "run.sh"]),
  ]
}
