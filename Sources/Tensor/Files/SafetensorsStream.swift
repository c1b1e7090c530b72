// SPDX-License-Identifier: Apache-2.0

extension SafetensorsFile {
  /// A tensor that is to be written.
  package struct Planned: Equatable, Sendable {
    package let name: String
    package let type: ElementType
    package let shape: [Int]

    package init(_ name: String, _ type: ElementType, _ shape: [Int]) {
      self.name = name
      self.type = type
      self.shape = shape
    }

    package var count: Int { shape.reduce(1, *) }
    package var byteCount: Int { count * type.byteCount }
  }

  /// The order in which the format's own writer stores tensors: large elements first, then by name.
  package static func precedes(_ a: Planned, _ b: Planned) -> Bool {
    (b.type.byteCount, a.name) < (a.type.byteCount, b.name)
  }

  /// The length of the JSON text, and the text, filled with spaces to a multiple of eight bytes.
  ///
  /// - Parameter metadata: nil: no `__metadata__`; an empty dictionary is written as an empty object.
  package static func header(of tensors: [Planned], metadata: [String: String]?) -> [UInt8] {
    var offset = 0
    var writer = JSONWriter()
    writer.object { writer in
      if let metadata {
        let pairs = metadata.sorted { $0.key < $1.key }
        writer.member(
          "__metadata__", .object(pairs.map { OrderedJSON.Member(key: $0.key, value: .string($0.value)) }))
      }
      for tensor in tensors {
        let end = offset + tensor.byteCount
        writer.member(
          tensor.name,
          [
            "dtype": .string(tensor.type.rawValue), "shape": .integers(tensor.shape),
            "data_offsets": .integers([offset, end]),
          ])
        offset = end
      }
    }
    var text = writer.bytes
    text += [UInt8](repeating: 0x20, count: (8 - text.count % 8) % 8)
    return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text
  }

  /// Writes tensors in the given order, each while its numbers are made; nothing but what `values` holds is in memory.
  ///
  /// - Parameter values: appends all little-endian bytes of one tensor, in as many parts as it likes.
  /// - Precondition: `values` appends as many bytes as type and shape call for.
  package static func write(
    _ tensors: [Planned], metadata: [String: String]?, to path: String,
    values: (_ tensor: Planned, _ sink: inout Sink) throws(FileError) -> Void
  ) throws(FileError) {
    try OutputFile.write(to: path) { sink throws(FileError) in
      let header = header(of: tensors, metadata: metadata)
      try sink.append(header.span)
      for tensor in tensors {
        let end = sink.byteCount + tensor.byteCount
        try values(tensor, &sink)
        precondition(sink.byteCount == end, "bytes for \(tensor) up to \(sink.byteCount), not to \(end)")
      }
    }
  }

  /// Appends a tensor's bytes as they lie in this file. They are not held in memory.
  ///
  /// - Parameter rows: a range of the outermost axis; nil: all of it.
  /// - Precondition: the tensor is one of this file's and has the rows.
  package func copy(_ entry: Entry, rows: Range<Int>? = nil, to sink: inout Sink) throws(FileError) {
    let rowBytes = entry.range.count / max(1, entry.shape.first ?? 1)
    let range = rows.map { rows in
      entry.range.lowerBound + rows.lowerBound * rowBytes..<entry.range.lowerBound + rows.upperBound * rowBytes
    }
    try file.withBytes { bytes throws(FileError) in try sink.append(bytes.extracting(range ?? entry.range)) }
    try file.checkUnchanged()
    file.discard(entry.range)
  }

  /// Appends the bytes of a matrix's transpose.
  ///
  /// - Precondition: the tensor is one of this file's and has two axes.
  package func copyTransposed(_ entry: Entry, to sink: inout Sink) throws(FileError) {
    let (rows, columns, size) = (entry.shape[0], entry.shape[1], entry.type.byteCount)
    var result: [UInt8] = []
    result.reserveCapacity(entry.range.count)
    file.withBytes { bytes in
      for column in 0..<columns {
        for row in 0..<rows {
          let start = entry.range.lowerBound + (row * columns + column) * size
          for offset in start..<start + size { result.append(bytes[offset]) }
        }
      }
    }
    try file.checkUnchanged()
    try sink.append(result.span)
  }
}
