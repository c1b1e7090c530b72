// SPDX-License-Identifier: Apache-2.0
import Kernels
import KernelsPortable

#if arch(x86_64)
  import KernelsAVX2
  import KernelsAVX512
  import KernelsVNNI
#endif

/// The kernels of one instruction set, chosen once at start-up.
///
/// Operations take a table as their last parameter, `current` by default, so that tests compare the sets in one process.
package struct KernelTable: Sendable {
  package let instructionSet: InstructionSet
  /// The kernels themselves: `kernels.set.softmax(row, output, count: length, scale: scale)`.
  let set: any KernelSet.Type
  package let gemmFloat: GEMMKernel<Float>
  /// Products of quantized operands, of the same register tile as `gemmFloat`; `gemm(_:)` returns it where it is faster.
  package let gemmIntegers: GEMMKernel<Float>
  package let gemmDouble: GEMMKernel<Double>

  /// The table of `InstructionSet.active`.
  package static let current = table(for: .active)

  /// Returns the table of one instruction set.
  ///
  /// - Precondition: the set is supported.
  package static func table(for set: InstructionSet) -> KernelTable { KernelTable(set) }

  private init(_ instructionSet: InstructionSet) {
    self.instructionSet = instructionSet
    set = Self.kernels(of: instructionSet)
    gemmFloat = GEMMKernel(set)
    gemmIntegers = Self.integerKernels(of: instructionSet)[0]
    gemmDouble = GEMMKernel(set)
  }

  private static func kernels(of set: InstructionSet) -> any KernelSet.Type {
    switch set {
    case .portable: return KernelsPortable.kernels
    #if arch(x86_64)
      case .avx2: return KernelsAVX2.kernels
      case .avx512: return KernelsAVX512.kernels
    #else
      default: preconditionFailure("\(set) is not a set of this architecture")
    #endif
    }
  }

  /// Returns every kernel of integers that this processor runs with a set, the fastest first. The table holds the first.
  package static func integerKernels(of set: InstructionSet) -> [GEMMKernel<Float>] {
    let kernels = kernels(of: set)
    var tiles: [GEMMKernel<Float>.Tile] = [
      { kernels.integerTile(depth: $0, a: $1, aStride: $2, b: $3, c: $4, cStride: $5, accumulate: $6) }
    ]
    #if arch(x86_64)
      if set == .avx512 && InstructionSet.supportsVNNI { tiles.insert(KernelsVNNI.integerTile, at: 0) }
    #endif
    return tiles.map { GEMMKernel(kernels, integerTile: $0) }
  }
}
