// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// The names below the folder of results that are taken, and by what.
struct ResultNames {
  /// An image, or a format with a joined file.
  private struct Owner {
    let title: String
    let input: BatchInput?
  }

  let plan: OutputPlan
  private var owners: [String: Owner] = [:]
  /// Folders that are needed, and by what.
  private var folders: [String: Owner] = [:]

  init(plan: OutputPlan) { self.plan = plan }

  var names: some Collection<String> { owners.keys }

  /// Takes the names of an image's results.
  ///
  /// - Throws: `ToolError` with exit code 2 when one of them is taken, is that of a needed folder, or needs a folder in the
  ///   place of another; then none is taken.
  mutating func claim(_ input: BatchInput) throws(ToolError) {
    let names = plan.names(of: input)
    let owner = Owner(title: "'\(input.path)'", input: input)
    if let name = names.indices.first(where: { names[..<$0].contains(names[$0]) }).map({ names[$0] }) {
      throw .usage(
        "two results of '\(input.path)' would both be \(plan.folder.file(name))",
        hint: "add {kind} and {ext} to --name")
    }
    if let name = names.first(where: { $0.hasPrefix("\(ResultFolder.recordFolder)/") }) {
      throw .usage(
        "'\(input.path)' would write \(plan.folder.file(name)), where diffcut keeps its records",
        hint: "set another id in the manifest")
    }
    // The record's too: formats that only join have no other.
    let all = names + [plan.folder.recordName(of: input)]
    for name in all { try check(name, owner) }
    for name in all { take(name, owner) }
  }

  /// Takes the names of joined files.
  mutating func claimJoined() throws(ToolError) {
    for (format, name) in plan.joined {
      let owner = Owner(title: "format \(format.rawValue)", input: nil)
      try check(name, owner)
      take(name, owner)
    }
  }

  /// Whether this very image has been named before: same path, same id.
  func hasClaimed(_ input: BatchInput) -> Bool {
    owners[plan.folder.recordName(of: input)]?.input == input
  }

  /// The taken name of the file at a path, wherever the path comes into the folder of results.
  func name(at path: String) -> String? {
    let folder = OutputFile.key(of: plan.folder.path)
    for parent in [path.hasPrefix("/") ? "/" : "."] + Path.folders(of: path) where !parent.isEmpty {
      guard OutputFile.key(of: parent) == folder else { continue }
      let rest = parent == "." || parent == "/" ? path : String(Substring(path.utf8.dropFirst(parent.utf8.count)))
      let name = Path.parts(rest).filter { $0 != "." }.joined(separator: "/")
      if owners[name] != nil { return name }
    }
    return nil
  }

  private func check(_ name: String, _ owner: Owner) throws(ToolError) {
    let path = plan.folder.file(name)
    if let other = owners[name] {
      throw .usage(
        other.title == owner.title
          ? "\(owner.title) is given twice: both would write \(path)"
          : "\(other.title) and \(owner.title) would both write \(path)", hint: remedy(other, owner))
    }
    if let other = folders[name] {
      throw .usage("\(owner.title) would write \(path), where \(other.title) needs a folder")
    }
    for parent in Path.folders(of: name) {
      if let other = owners[parent] {
        throw .usage("\(other.title) would write \(plan.folder.file(parent)), where \(owner.title) needs a folder")
      }
    }
  }

  private mutating func take(_ name: String, _ owner: Owner) {
    owners[name] = owner
    for parent in Path.folders(of: name) where folders[parent] == nil { folders[parent] = owner }
  }

  /// What helps against two results of one name, if it does.
  private func remedy(_ first: Owner, _ second: Owner) -> String {
    if first.title == second.title { return "pass it once, or set two ids in a manifest" }
    let proposal = "{dir}/{file}.{kind}.{ext}"
    if first.input?.relativePath != second.input?.relativePath, plan.template == nil {
      return "use --name '\(proposal)' to keep the extensions"
    }
    return "pass their common folder, or set ids in a manifest"
  }
}
