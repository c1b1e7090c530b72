// SPDX-License-Identifier: Apache-2.0
import Tensor

/// The weights of a synthetic model, bit for bit those of `fixtures/generate/diffusion.py`.
///
/// Element e of tensor NAME of folder FOLDER: Philox4x32-10 with the key (CRC-32 of "FOLDER/NAME", seed) and the counter
/// (e div 8, 0, 0, 0) gives eight 16-bit integers, low halves first; h is the (e mod 8)-th, u = (h − 32767.5) / 32768,
/// and the weight is center + amplitude·u in single precision, rounded to half precision.
struct SyntheticWeights {
  let seed: UInt32
  let isXL: Bool
  private var halves: [SyntheticDistribution: ContiguousArray<UInt16>] = [:]
  private var floats: [SyntheticDistribution: ContiguousArray<UInt32>] = [:]

  init(seed: UInt32, isXL: Bool) {
    self.seed = seed
    self.isXL = isXL
  }

  /// Elements held in memory at once; a multiple of `chunkLength`.
  private static let pieceLength = 1 << 22
  /// Elements that one thread makes at a time; a multiple of the eight of a counter.
  private static let chunkLength = 1 << 16

  /// Appends a tensor's elements as half-precision numbers, or as the same numbers in single precision.
  ///
  /// - Parameter tensor: under diffusers' present name.
  mutating func write(
    _ tensor: TensorRequirement, of component: ModelComponent, isWide: Bool,
    to sink: inout Sink
  ) throws(FileError) {
    let distribution = SyntheticDistribution(tensor, of: component, isXL: isXL)
    let generator = generator(tensor, of: component)
    let count = tensor.shape.reduce(1, *)
    let table = table(distribution)
    guard isWide else { return try Self.write(count, generator, table, to: &sink) }
    let wide = floats[distribution] ?? Self.widened(table)
    floats[distribution] = wide
    try Self.write(count, generator, wide, to: &sink)
  }

  /// Appends a matrix's transpose, as half-precision numbers; it is in memory as a whole.
  mutating func writeTransposed(
    _ matrix: TensorRequirement, of component: ModelComponent, to sink: inout Sink
  ) throws(FileError) {
    let (rows, columns) = (matrix.shape[0], matrix.shape[1])
    let table = table(SyntheticDistribution(matrix, of: component, isXL: isXL))
    var elements = ContiguousArray<UInt16>(repeating: 0, count: rows * columns)
    var chunk = elements.mutableSpan
    Self.fill(&chunk, from: 0, generator(matrix, of: component), table.span)
    let transpose = ContiguousArray(
      (0..<elements.count).lazy.map { elements[$0 % rows * columns + $0 / rows] })
    try sink.append(transpose.span)
  }

  private func generator(_ tensor: TensorRequirement, of component: ModelComponent) -> Philox {
    Philox(seed: UInt64(NameChecksum.crc32("\(component.rawValue)/\(tensor.name)")) | UInt64(seed) << 32)
  }

  private mutating func table(_ distribution: SyntheticDistribution) -> ContiguousArray<UInt16> {
    let table = halves[distribution] ?? distribution.halves
    halves[distribution] = table
    return table
  }

  /// A weight is one of 65,536 numbers, looked up: there are few pairs of center and amplitude, and many weights.
  private static func write<Word: FixedWidthInteger & BitwiseCopyable & Sendable>(
    _ count: Int, _ generator: Philox, _ table: ContiguousArray<Word>,
    to sink: inout Sink
  ) throws(FileError) {
    for first in stride(from: 0, to: count, by: pieceLength) {
      var piece = ContiguousArray<Word>(repeating: 0, count: min(pieceLength, count - first))
      Parallel.fillChunks(of: &piece, chunkSize: chunkLength) { index, chunk in
        fill(&chunk, from: first + index * chunkLength, generator, table.span)
      }
      try sink.append(piece.span)
    }
  }

  private static func fill<Word: FixedWidthInteger & BitwiseCopyable>(
    _ chunk: inout MutableSpan<Word>, from first: Int, _ generator: Philox, _ table: Span<Word>
  ) {
    var index = 0
    while index < chunk.count {
      let words = generator.words(counter: [UInt32(truncatingIfNeeded: (first + index) / 8), 0, 0, 0])
      if index + 8 <= chunk.count {
        for word in 0..<4 {
          chunk[index + 2 * word] = table[Int(words[word] & 0xFFFF)]
          chunk[index + 2 * word + 1] = table[Int(words[word] >> 16)]
        }
      } else {
        for rest in 0..<chunk.count - index {
          chunk[index + rest] = table[Int(words[rest / 2] >> (16 * UInt32(rest % 2)) & 0xFFFF)]
        }
      }
      index += 8
    }
  }

  private static func widened(_ halves: ContiguousArray<UInt16>) -> ContiguousArray<UInt32> {
    var floats = ContiguousArray<Float>(repeating: 0, count: halves.count)
    let native = ContiguousArray(halves.map { UInt16(littleEndian: $0) })
    var output = floats.mutableSpan
    widenHalf(native.span, into: &output)
    return ContiguousArray(floats.map { $0.bitPattern.littleEndian })
  }
}

/// Center and amplitude of a tensor's elements, which are uniformly distributed.
///
/// Chosen so that activations keep their size through the network, attention weights are far from equal, and the
/// latent outweighs the noise as a trained VAE's does. Streams that enter a normalization are so small that its epsilon
/// shows. All operations are in single precision.
///
/// - Source: `spread` of `fixtures/generate/diffusion.py`.
struct SyntheticDistribution: Hashable {
  let center: Float
  let amplitude: Float

  private static let changesStream = ["conv_shortcut", "downsamplers.0.conv", "upsamplers.0.conv", "proj_out"]
  private static let entersStream = [
    "conv_in", "conv1", "time_emb_proj", "proj_in", "token_embedding", "position_embedding",
  ]
  private static let branches = ["conv2", "to_out.0", "ff.net.2", "fc2", "out_proj"]
  private static let sharp = ["to_q", "to_k", "q_proj", "k_proj"]
  private static let textStream: Float = 1 / 8

  init(_ tensor: TensorRequirement, of component: ModelComponent, isXL: Bool) {
    guard component != .visionTransformer else {
      (center, amplitude) = Self.transformer(tensor)
      return
    }
    let dot = tensor.name.lastIndex(of: ".") ?? tensor.name.endIndex
    let layer = tensor.name[..<dot]
    func ends(with suffixes: [String]) -> Bool { suffixes.contains { layer.hasSuffix($0) } }
    let isText = component == .textEncoder || component == .secondTextEncoder
    let stream: Float = isText ? Self.textStream : 1 / 32
    let isBranch = ends(with: Self.branches)
    let isEntering = isBranch || ends(with: Self.entersStream)
    if tensor.name[dot...] == ".bias" {
      (center, amplitude) = (0, 0.1 * (isEntering || ends(with: Self.changesStream) ? stream : 1))
    } else if tensor.shape.count == 1 {
      (center, amplitude) = (1, 0.3)
    } else if layer.hasSuffix("_embedding") {
      (center, amplitude) = (0, stream)
    } else {
      var gain: Float = ends(with: Self.sharp) ? 2 : 1
      // The larger models attend to the text's stream itself.
      if isXL && ends(with: ["attn2.to_k", "attn2.to_v"]) { gain /= Self.textStream }
      if isBranch { gain *= 0.5 }
      if component == .vae && layer == "encoder.conv_out" { gain *= 8 }
      if isEntering { gain *= stream }
      (center, amplitude) = (0, gain * (3 / Float(tensor.shape.dropFirst().reduce(1, *))).squareRoot())
    }
  }

  /// The distribution of a vision transformer's tensor: attention weights are far from equal, and no scale or normalization is
  /// that of an untrained network.
  private static func transformer(_ tensor: TensorRequirement) -> (center: Float, amplitude: Float) {
    func ends(with suffixes: String...) -> Bool { suffixes.contains { tensor.name.hasSuffix($0) } }
    if ends(with: ".bias") { return (0, 0.1) }
    if ends(with: ".lambda1") { return (0.6, 0.3) }
    if tensor.shape.count == 1 { return (1, 0.3) }
    if ends(with: "_token", "_tokens", "position_embeddings") { return (0, 0.5) }
    let gain: Float = ends(with: "query.weight", "key.weight") ? 2 : ends(with: "dense.weight", "fc2.weight") ? 0.5 : 1
    return (0, gain * (3 / Float(tensor.shape.dropFirst().reduce(1, *))).squareRoot())
  }

  /// The weight for every h, as half-precision bits in the order of a file.
  var halves: ContiguousArray<UInt16> {
    ContiguousArray(
      (0..<1 << 16).map { halfBits(of: center + amplitude * ((Float($0) - 32767.5) / 32768)).littleEndian })
  }
}

/// The CRC-32 of a name, as zlib has it: reflected polynomial EDB88320, register and result complemented.
///
/// - Source: ISO 3309; RFC 1952, section 8. Names are short: bit by bit is enough.
package enum NameChecksum {
  package static func crc32(_ name: String) -> UInt32 {
    ~name.utf8.reduce(UInt32.max) { register, byte in
      (0..<8).reduce(register ^ UInt32(byte)) { bits, _ in bits >> 1 ^ 0xEDB8_8320 * (bits & 1) }
    }
  }
}
