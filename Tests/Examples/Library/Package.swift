// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// Where diffcut's repository is: a URL, or the path of a clone.
let diffcut = Context.environment["DIFFCUT_REPOSITORY"] ?? "../../.."

let package = Package(
  name: "Example",
  platforms: [.macOS(.v15)],
  dependencies: [.package(url: diffcut, from: "0.1.0")],
  targets: [
    .executableTarget(name: "Example", dependencies: [.product(name: "DiffCut", package: "diffcut")])
  ]
)
