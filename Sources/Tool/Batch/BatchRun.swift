// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor

/// Works on images one after the other and puts their results into a folder, such that a run that is stopped at any moment
/// can be taken up again.
///
/// For every image: its files, then the parts that joined files need of it, then its record, each by renaming a whole file
/// into place. Joined files are made last.
struct BatchRun {
  let plan: OutputPlan
  let work: ImageWork
  let report: BatchReport
  let progress: Progress
  let overwrites: Bool
  let stopsAtFailure: Bool
  let isDry: Bool
  /// Whether results lie beside images.
  let isInPlace: Bool
  /// Refuses an image that would need more memory than allowed.
  let checkMemory: (BatchInput) throws(ToolError) -> Void

  private var folder: ResultFolder { plan.folder }
  private var settings: RunSettings { work.settings }

  func run(_ queue: BatchQueue) throws -> ExitCode {
    var queue = queue
    var staleFiles = StaleFiles(plan: plan)
    var records: [CompletionRecord] = []
    // Where the records of images are that standard input may name again.
    var positions: [String: Int] = [:]
    while let item = try queue.next() {
      let input: BatchInput
      let outcome: ImageOutcome
      switch item {
      case .failure(let line, let failure): (input, outcome) = (line, .failed(failure))
      case .image(let image, let isStreamed):
        input = image
        progress.show(done: report.count, skipped: report.skippedCount, name: input.title)
        do {
          if isStreamed { try prepare(input, &staleFiles) }
          outcome = try process(input)
        } catch let failure as ImageFailure {
          outcome = .failed(failure)
        }
      }
      switch outcome {
      case .done(let record, _), .skipped(let record):
        if plan.joined.isEmpty { break }
        if let position = positions[input.relativePath] {
          records[position] = record
        } else {
          positions[input.relativePath] = records.count
          records.append(record)
        }
      case .pending, .failed: break
      }
      try report.add(input, outcome)
      if stopsAtFailure && !report.failures.isEmpty { return try report.finish(joined: [], isStopped: true) }
    }
    let joined = isDry ? [] : try JoinedFiles(plan: plan).write(records)
    return try report.finish(joined: joined, isStopped: false)
  }

  /// What is done for all images before a run whose images are known.
  private func prepare(_ input: BatchInput, _ staleFiles: inout StaleFiles) throws {
    do {
      try checkMemory(input)
    } catch {
      throw ImageFailure(.memory, error)
    }
    if isDry { return }
    try ToolError.writing { try staleFiles.remove(of: CollectionOfOne(input)) }
  }

  /// - Throws: `ImageFailure` for an image without result, `ToolError` for what stops the run.
  private func process(_ input: BatchInput) throws -> ImageOutcome {
    let start = Platform.monotonicSeconds
    let bytes = try work.read(input)
    let image = CompletionRecord.File(name: input.id, bytes: bytes)
    if !overwrites,
      let record = folder.finished(input, image, configuration: settings.configurationHash, plan: plan)
    {
      return .skipped(record)
    }
    if isDry {
      return .pending(
        paths: plan.formats.map { format in
          (format.rawValue, format.suffixes.map { folder.file(plan.name(of: input, format, $0)) })
        })
    }
    let result = try work.segment(bytes, of: input)
    let writing = Platform.monotonicSeconds
    let record = try write(result, of: input, image)
    let end = Platform.monotonicSeconds
    return .done(
      record,
      ImageOutcome.Measurement(
        segmentation: result.segmentation, decode: result.decodeSeconds, write: end - writing,
        total: end - start))
  }

  private func write(
    _ result: ImageWork.Result, of input: BatchInput, _ image: CompletionRecord.File
  ) throws -> CompletionRecord {
    var outputs: [(format: String, files: [CompletionRecord.File], part: CompletionRecord.File?)] = []
    do {
      if isInPlace { try folder.markStarted(input) }
      for format in plan.formats {
        var files: [CompletionRecord.File] = []
        let made = try ImageFailure.at(.format, of: input) {
          try format.files(for: result.image, options: settings.output)
        }
        for file in made {
          files.append(try write(file.bytes, to: plan.name(of: input, format, file.suffix)))
        }
        var part: CompletionRecord.File?
        if format.collectionName != nil {
          let bytes = try ImageFailure.at(.format, of: input) {
            try format.part(of: result.image, options: settings.output)
          }
          part = try write(bytes, to: folder.partName(of: input, format))
        }
        outputs.append((format.rawValue, files, part))
      }
      let record = CompletionRecord(
        configuration: settings.configurationHash, input: image, summary: result.summary, outputs: outputs)
      try folder.write(record.encoded, to: folder.recordName(of: input))
      return record
    } catch let error as FileError {
      // A name that is too long is the image's fault; a full disk would fail the others too.
      if error.isNameTooLong { throw ImageFailure(.write, error) }
      throw ToolError(error, reading: input.path, as: .cannotWrite)
    }
  }

  private func write(_ bytes: [UInt8], to name: String) throws(FileError) -> CompletionRecord.File {
    try folder.write(bytes, to: name)
    return CompletionRecord.File(name: name, bytes: bytes)
  }
}
