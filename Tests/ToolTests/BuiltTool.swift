// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// The executable as users run it, in a process of its own.
enum BuiltTool {
  struct Outcome {
    let status: Int32
    let output: Data
    let error: String
    var text: String { String(decoding: output, as: UTF8.self) }

    /// Expects an error that contains a message, and nothing on standard output.
    func expectRefusal(_ status: Int32, _ message: String, sourceLocation: SourceLocation = #_sourceLocation) {
      #expect(self.status == status, sourceLocation: sourceLocation)
      #expect(
        error.hasPrefix("diffcut: error: ") && error.contains(message), "\(error)", sourceLocation: sourceLocation)
      #expect(output.isEmpty, sourceLocation: sourceLocation)
    }
  }

  /// `diffcut` stands beside the test bundle in the build folder.
  static func path() throws -> String {
    let bundle = URL(fileURLWithPath: CommandLine.arguments[0])
    var folder = bundle.deletingLastPathComponent()
    while folder.path.count > 1 {
      let candidate = folder.appendingPathComponent("diffcut").path
      if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
      folder.deleteLastPathComponent()
    }
    throw Missing(startedAt: bundle.path)
  }

  struct Missing: Error { let startedAt: String }

  /// Runs the tool to its end.
  ///
  /// - Parameters:
  ///   - device: takes standard output, which is then lost.
  ///   - directory: the working directory, in place of this process's own.
  static func run(
    _ arguments: [String], input: Data? = nil, environment: [String: String] = [:], device: String? = nil,
    directory: String? = nil
  ) throws -> Outcome {
    let folder = try TemporaryFolder()
    let (outputPath, errorPath) = (folder.file("stdout"), folder.file("stderr"))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try path())
    process.arguments = arguments
    if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    for path in [outputPath, errorPath] { try Data().write(to: URL(fileURLWithPath: path)) }
    let inputPath = folder.file("stdin")
    try (input ?? Data()).write(to: URL(fileURLWithPath: inputPath))
    process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: inputPath))
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: device ?? outputPath))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errorPath))
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit, "diffcut \(arguments.joined(separator: " ")) died of a signal")
    return Outcome(
      status: process.terminationStatus, output: try Data(contentsOf: URL(fileURLWithPath: outputPath)),
      error: String(decoding: try Data(contentsOf: URL(fileURLWithPath: errorPath)), as: UTF8.self))
  }
}

typealias TemporaryFolder = TemporaryDirectory

extension TemporaryDirectory {
  func contents(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: file(name))) }
  func write(_ data: Data, _ name: String) throws { try data.write(to: URL(fileURLWithPath: file(name))) }
}
