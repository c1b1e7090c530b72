// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Tool

/// What reads bytes from outside, each with the files it begins from.
///
/// The fuzzer (`run.sh`) and the mutations of the test suite run the same ones.
package enum FuzzTarget: String, CaseIterable, Sendable {
  // Pictures.
  case inflate, jpeg, png, pnm
  // Arrays and models.
  case checkpoint, config, index, npy, safetensors
  // Text.
  case arguments, curve, json, list, manifest, merge, patches, record
}

/// A target with what it needs around its input.
package struct FuzzRunner {
  package let target: FuzzTarget
  let directory: TemporaryDirectory
  /// Whether text for people is made too, which goes to standard output.
  let printsText: Bool

  package init(_ target: FuzzTarget, printsText: Bool = false) throws {
    self.target = target
    self.printsText = printsText
    directory = try TemporaryDirectory()
    if target == .config { try MinimalModel.writeFolder(directory) }
    if target == .index { try MinimalModel.writeShard(directory) }
  }

  /// Reads an input. Nothing that it holds may stop the process.
  ///
  /// - Returns: whether it was accepted.
  package func run(_ bytes: [UInt8]) -> Bool {
    do {
      switch target {
      case .inflate: try inflate(bytes)
      case .jpeg: try jpeg(bytes)
      case .png: try png(bytes)
      case .pnm: try pnm(bytes)
      case .checkpoint: try checkpoint(bytes)
      case .config: try config(bytes)
      case .index: try index(bytes)
      case .npy: try npy(bytes)
      case .safetensors: try safetensors(bytes)
      case .arguments: try arguments(bytes)
      case .curve: try curve(bytes)
      case .json: try json(bytes)
      case .list: try list(bytes)
      case .manifest: try manifest(bytes)
      case .merge: try merge(bytes)
      case .patches: try patches(bytes)
      case .record: try record(bytes)
      }
      return true
    } catch let error as ToolError {
      precondition(error.code != .internalError, "a bug: \(error.text)")
      precondition(!error.text.isEmpty)
      return false
    } catch {
      precondition(!"\(error)".isEmpty)
      return false
    }
  }

  /// Messages compute too.
  func describe(_ body: () throws -> Void) {
    do { try body() } catch { precondition(!"\((error as? ToolError)?.text ?? "\(error)")".isEmpty) }
  }

  /// A file of this runner's own, with these bytes.
  func file(_ bytes: [UInt8], named name: String = "input") throws -> String { try directory.write(bytes, to: name) }
}
