// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import Tensor

/// One image, one file on standard output: `-o -`.
struct StandardOutputRun {
  let format: OutputFormat
  let work: ImageWork
  let report: BatchReport
  let progress: Progress

  /// - Throws: `ToolError` with exit code 2 for a format that has no or several files.
  static func check(_ formats: [OutputFormat]) throws(ToolError) -> OutputFormat {
    guard formats.count == 1 else {
      throw .usage("-o - takes one format; \(formats.count) were given", hint: "pass a folder with -o")
    }
    guard formats[0].suffixes.count + (formats[0].collectionName == nil ? 0 : 1) == 1 else {
      throw .usage("-o - takes one file; format \(formats[0].rawValue) has several", hint: "pass a folder with -o")
    }
    return formats[0]
  }

  func run(_ input: BatchInput) throws -> ExitCode {
    progress.show(name: input.title)
    let start = Platform.monotonicSeconds
    do {
      let bytes = try work.read(input)
      let image = CompletionRecord.File(name: input.id, bytes: bytes)
      let result = try work.segment(bytes, of: input)
      let writing = Platform.monotonicSeconds
      let content: [UInt8] = try ImageFailure.at(.format, of: input) { try self.content(result.image) }
      progress.clear()
      try Tool.writeResult([content], to: "-")
      let end = Platform.monotonicSeconds
      let record = CompletionRecord(
        configuration: work.settings.configurationHash, input: image, summary: result.summary, outputs: [])
      try report.add(
        input,
        .done(
          record,
          ImageOutcome.Measurement(
            segmentation: result.segmentation, decode: result.decodeSeconds, write: end - writing,
            total: end - start)))
    } catch let failure as ImageFailure {
      try report.add(input, .failed(failure))
    }
    return try report.finish(joined: [], isStopped: false)
  }

  private func content(_ image: SegmentedImage) throws -> [UInt8] {
    let options = work.settings.output
    guard format.collectionName != nil else {
      return try format.files(for: image, options: options).first?.bytes ?? []
    }
    let part = try format.part(of: image, options: options)
    var content: [UInt8] = []
    try format.join(count: 1, part: { _ in part }, append: { content += $0 })
    return content
  }
}
