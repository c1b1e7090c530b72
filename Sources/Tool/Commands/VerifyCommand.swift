// SPDX-License-Identifier: Apache-2.0
import Experiments
import Linalg
import Segment
import Tensor
import UNet

/// `diffcut verify`: goldens computed again on this machine, the error of every stage.
struct VerifyCommand {
  private let arguments: ParsedArguments
  private let operands: [String]
  private let precision: Precision
  private let report: VerifyReport

  init(_ arguments: ParsedArguments) throws(ToolError) {
    self.arguments = arguments
    precision = try arguments.choice("precision", of: Precision.self) ?? .single
    if arguments.operands.isEmpty {
      guard Directory.exists(GoldenFile.defaultFolder) else {
        throw .usage(
          "verify needs GOLDEN or FOLDER: the folder '\(GoldenFile.defaultFolder)' is not here",
          hint: "run it in the source repository, or pass its folder 'fixtures'")
      }
      operands = [GoldenFile.defaultFolder]
    } else {
      operands = arguments.operands
    }
    report = VerifyReport(isJSON: arguments.has("json"), isQuiet: arguments.has("quiet"))
  }

  func run() throws -> ExitCode {
    // Every file is opened before the first is computed.
    let goldens = try operands.flatMap(GoldenFile.files).map {
      try GoldenFile(path: $0, images: arguments.string("images"))
    }
    let model = try givenModel()
    var tally = VerifyReport.Tally()
    let progress = Progress(total: goldens.count, isQuiet: arguments.has("quiet"))
    defer { progress.clear() }
    for (index, golden) in goldens.enumerated() {
      progress.show(done: index, name: golden.path)
      let start = Platform.monotonicSeconds
      let outcome = try replay(golden, model)
      progress.clear()
      tally.count(golden.path, outcome)
      try report.show(golden.path, outcome, seconds: Platform.monotonicSeconds - start)
    }
    guard tally.replayed > 0 else {
      throw ToolError(.badModel, "nothing was verified: the models of all goldens are missing", hint: tally.firstReason)
    }
    try report.show(tally)
    return tally.failedStages == 0 ? .success : .someInputsFailed
  }

  private func givenModel() throws -> (any Checkpoint)? {
    guard let model = arguments.string("model") else { return nil }
    return try ModelCommand.checkpoint(model, arguments)
  }

  private func replay(_ file: GoldenFile, _ model: (any Checkpoint)?) throws -> VerifyReport.Outcome {
    try ToolError.reading(file.path) {
      switch file.golden {
      case .cut(let golden): .replayed(try golden.replay())
      case .encoder(let golden): .replayed(try golden.replay(photograph: try file.photograph(golden.imageName)))
      case .diffusion(let golden):
        try replay(
          of: golden.modelName, file, model, as: DiffusionCheckpoint.self, fits: { golden.fits($0.configuration) }
        ) { try golden.replay($0, photograph: try file.photograph(golden.imageName), precision: precision) }
      case .visionTransformer(let golden):
        try replay(
          of: golden.modelName, file, model, as: VisionTransformerCheckpoint.self,
          fits: { golden.fits($0.configuration) }
        ) { try golden.replay($0, photograph: try file.photograph(golden.imageName), precision: precision) }
      }
    }
  }

  /// Replays a golden of a network on the given model or, without one, on the model beside the golden.
  private func replay<Model: Checkpoint>(
    of name: String, _ file: GoldenFile, _ given: (any Checkpoint)?, as: Model.Type, fits: (Model) -> Bool,
    compute: (Model) throws -> [StageComparison]
  ) throws -> VerifyReport.Outcome {
    if let given {
      guard let model = given as? Model, fits(model) else {
        return .skipped("made from '\(name)', which has another structure than \(given.location.path)")
      }
      return .replayed(try compute(model))
    }
    guard let folder = file.model(name) else { return .skipped(Self.modelHint(name)) }
    guard let model = try CheckpointLocation.resolve(folder).open() as? Model, fits(model) else {
      throw ToolError(.badModel, "\(file.path): made from a model of another structure than \(folder)")
    }
    return .replayed(try compute(model))
  }

  /// What to do about a model that is not there. The synthetic ones are named ARCHITECTURE-full.
  private static func modelHint(_ name: String) -> String {
    guard let architecture = SynthesizeCommand.architectures.first(where: { name == "\($0)-full" }) else {
      return "the model '\(name)' is not here; pass it with --model"
    }
    return
      "the model '\(name)' is not here; make it with 'diffcut model synthesize \(architecture) --widths full -o \(name)', "
      + "and pass it with --model \(name)"
  }
}
