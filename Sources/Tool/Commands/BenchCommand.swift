// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// `diffcut bench`: speed with the error beside it.
struct BenchCommand {
  private enum Subject {
    case gemm(sizes: [Int])
    case cut(FeatureSource, tau: Double, alpha: Double)
  }

  private let subject: Subject
  private let repeats: Int
  private let isJSON: Bool

  init(_ arguments: ParsedArguments) throws(ToolError) {
    if arguments.operands[0] == "gemm" {
      for name in ["tau", "alpha", "grid", "tensor"] where arguments.has(name) {
        throw .usage("--\(name) is for features, not for gemm")
      }
      subject = .gemm(sizes: try arguments.integer("size", in: 1...8192).map { [$0] } ?? [1024, 2048])
    } else {
      if arguments.has("size") { throw .usage("--size is for gemm, not for features") }
      subject = .cut(
        try FeatureSource(arguments), tau: try arguments.double("tau", in: 0...2) ?? 0.5,
        alpha: try arguments.double("alpha", in: 1e-6...1e6) ?? 10)
    }
    repeats = try arguments.integer("repeat", in: 1...1000) ?? 7
    isJSON = arguments.has("json")
  }

  func run() throws -> ExitCode {
    if !isJSON {
      _ = try Tool.write(
        "\(Platform.processorName), \(InstructionSet.active.rawValue) instructions, \(Parallel.threadCount) threads, "
          + "median of \(repeats)\n")
    }
    switch subject {
    case .gemm(let sizes): for size in sizes { try multiply(size) }
    case .cut(let source, let tau, let alpha): try cut(source, tau: tau, alpha: alpha)
    }
    return .success
  }

  private func multiply(_ n: Int) throws {
    var state: UInt64 = 1
    func random() -> Float {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(state >> 40) * 0x1p-23 - 1
    }
    let a = Tensor([n, n], values: (0..<n * n).map { _ in random() })
    let b = Tensor([n, n], values: (0..<n * n).map { _ in random() })
    var product = a.multiplied(by: b)
    let seconds = median { product = a.multiplied(by: b) }
    let speed = 2 * Double(n) * Double(n) * Double(n) / seconds / 1e9
    // A sample of elements along a diagonal that visits every row and column block.
    var worst = 0.0
    for i in stride(from: 0, to: n, by: max(1, n / 64)) {
      let j = i * 7 % n
      var (sum, magnitude) = (0.0, 0.0)
      for k in 0..<n {
        let term = Double(a[i, k]) * Double(b[k, j])
        sum += term
        magnitude += abs(term)
      }
      worst = max(worst, abs(Double(product[i, j]) - sum) / max(magnitude, .leastNormalMagnitude))
    }
    try report(
      "gemm \(n)x\(n)x\(n): \(milliseconds(seconds)), \(fixed(speed, 1)) GFLOP/s, error \(worst)",
      json: [
        "\"kernel\":\"gemm\"", "\"size\":\(n)", "\"seconds\":\(seconds)", "\"gflops\":\(speed)", "\"error\":\(worst)",
      ])
  }

  private func cut(_ source: FeatureSource, tau: Double, alpha: Double) throws {
    let features = try source.read()
    var partition: NodePartition
    do {
      partition = try features.partition(tau: tau, alpha: alpha)
    } catch {
      throw InputImage.failure(error, source.path) ?? error
    }
    var map = partition.labelMap(height: 128, width: 128)
    var failure: (any Error)?
    let cutting = median {
      do { partition = try features.partition(tau: tau, alpha: alpha) } catch { failure = error }
    }
    if let failure { throw failure }
    let assigning = median { map = partition.labelMap(height: 128, width: 128) }
    let classes = Set(map.labels).count
    try report(
      "cut \(features.grid): \(milliseconds(cutting)), assign 128x128: \(milliseconds(assigning)), "
        + "\(partition.tree.nodes.count) eigenproblems, \(partition.classCount) segments, \(classes) in the label map",
      json: [
        "\"kernel\":\"cut\"", "\"nodes\":\(features.nodeCount)", "\"cutSeconds\":\(cutting)",
        "\"assignSeconds\":\(assigning)", "\"eigenproblems\":\(partition.tree.nodes.count)",
        "\"segments\":\(partition.classCount)",
      ])
  }

  private func report(_ text: String, json: [String]) throws {
    let common = [
      "\"isa\":\(jsonString(InstructionSet.active.rawValue))", "\"threads\":\(Parallel.threadCount)",
    ]
    _ = try Tool.write(isJSON ? "{\((json + common).joined(separator: ","))}\n" : "  \(text)\n")
  }

  /// The median duration of the runs of `body`, after one that is not counted.
  private func median(_ body: () -> Void) -> Double {
    body()
    let durations = (0..<repeats).map { _ in
      let start = Platform.monotonicSeconds
      body()
      return Platform.monotonicSeconds - start
    }
    let sorted = durations.sorted()
    return (sorted[(repeats - 1) / 2] + sorted[repeats / 2]) / 2
  }
}
