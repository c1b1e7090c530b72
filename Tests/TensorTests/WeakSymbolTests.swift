// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

#if os(Linux)
  /// A weak function in an object of an instruction-set target may replace the whole program's copy of it, and an older
  /// processor then stops at its first instruction (see <doc:InstructionSets>). There must be none.
  @Suite struct WeakSymbolTests {
    /// The instruction-set targets: the folders of kernels below Sources/Tensor but for the sources that they share.
    private static let folders: [String] = {
      let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Sources/Tensor")
      let names = (try? FileManager.default.contentsOfDirectory(atPath: sources.path)) ?? []
      return names.filter { $0.hasPrefix("Kernels") && $0 != "Kernels" }.sorted()
    }()

    /// The targets that are built for this architecture.
    private static let targets = folders.filter { !objects(of: $0).isEmpty }

    /// The folders of built products: this test's own, and that of the other configuration where it exists.
    private static let products: [URL] = {
      let own = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
      let siblings = ["debug", "release"].map { own.deletingLastPathComponent().appendingPathComponent($0) }
      return Set([own] + siblings.map { $0.resolvingSymlinksInPath() })
        .filter { FileManager.default.fileExists(atPath: $0.path) }
        .sorted { $0.path < $1.path }
    }()

    /// Object files of one target, in every configuration that is built.
    private static func objects(of target: String) -> [URL] {
      Self.products.flatMap { folder in
        let build = folder.appendingPathComponent("\(target).build")
        let files = (try? FileManager.default.contentsOfDirectory(at: build, includingPropertiesForKeys: nil)) ?? []
        return files.filter { $0.pathExtension == "o" }
      }
    }

    /// Lines of `nm`: an address (where defined), a letter for the kind, a name.
    private func symbols(of object: URL) throws -> [(kind: String, name: String, isDefined: Bool)] {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = ["nm", object.path]
      let output = Pipe()
      process.standardOutput = output
      try process.run()
      let data = output.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      try #require(process.terminationStatus == 0, "nm \(object.path)")
      return String(decoding: data, as: UTF8.self).split(separator: "\n").compactMap { line in
        let fields = line.split(separator: " ")
        guard fields.count >= 2 else { return nil }
        return (String(fields[fields.count - 2]), String(fields[fields.count - 1]), fields.count > 2)
      }
    }

    /// On x86-64 every folder is built, elsewhere at least the portable one.
    @Test func allTargetsAreFound() {
      #expect(Self.targets.contains("KernelsPortable"), "no object in \(Self.products.map(\.path))")
      #if arch(x86_64)
        #expect(Self.targets == Self.folders)
      #endif
    }

    /// "W" is a weak function. "V" marks weak data, such as `__swift_reflection_version`, and "w" without an address a
    /// weak reference, such as a sanitizer's: both are harmless.
    @Test(arguments: targets)
    func noFunctionIsWeak(_ target: String) throws {
      let objects = Self.objects(of: target)
      var functions = 0
      for object in objects {
        let symbols = try symbols(of: object)
        functions += symbols.count { $0.kind.lowercased() == "t" }
        let weak = symbols.filter { $0.kind.lowercased() == "w" && $0.isDefined }.map(\.name)
        #expect(weak.isEmpty, "\(object.path)")
      }
      #expect(functions > 0, "no function at all in \(objects.map(\.path))")
    }
  }
#endif
