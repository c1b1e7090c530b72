// SPDX-License-Identifier: Apache-2.0

/// The sets of vector instructions that kernels are built for.
///
/// One binary holds all of them and takes the best the processor has; `DIFFCUT_ISA` forces one.
public enum InstructionSet: String, CaseIterable, Sendable {
  /// The baseline of the architecture: SSE2 on x86-64, NEON on arm64.
  case portable
  /// AVX2, FMA and F16C.
  case avx2
  /// AVX-512 F, BW, DQ and VL.
  case avx512

  /// Name of the environment variable that forces one set.
  public static let environmentVariable = "DIFFCUT_ISA"

  /// Whether this processor and operating system run it.
  public var isSupported: Bool { Self.supported.contains(self) }

  /// Every set that runs here, from the simplest to the widest.
  public static let supported: [InstructionSet] = detect()

  /// The set in use: the forced one where it runs, else the widest.
  public static let active: InstructionSet = (try? requested()) ?? supported.last ?? .portable

  /// The set that `DIFFCUT_ISA` names; nil when it is unset or empty.
  ///
  /// - Throws: `InstructionSetError` when there is no such set or this processor lacks it.
  public static func requested() throws(InstructionSetError) -> InstructionSet? {
    try requested(by: Platform.environment(environmentVariable))
  }

  /// The set that a value of the variable names; nil when it is nil or empty.
  package static func requested(by name: String?) throws(InstructionSetError) -> InstructionSet? {
    guard let name, !name.isEmpty else { return nil }
    guard let set = InstructionSet(rawValue: name) else { throw .unknown(name: name) }
    guard set.isSupported else { throw .unsupported(set) }
    return set
  }

  /// Forces one set, as the environment variable does. To be called before anything is computed.
  ///
  /// - Throws: `InstructionSetError` when this processor lacks it.
  package static func force(_ set: InstructionSet) throws(InstructionSetError) {
    guard set.isSupported else { throw .unsupported(set) }
    Platform.setEnvironment(environmentVariable, to: set.rawValue)
  }

  #if arch(x86_64)
    /// Whether the processor adds the products of pairs of 16-bit integers in one AVX-512 instruction (VNNI).
    package static let supportsVNNI = avx512.isSupported && X86Feature.active.contains(.avx512vnni)

    /// The instructions that kernels of this set use.
    private var features: Set<X86Feature> {
      switch self {
      case .portable: []
      case .avx2: [.avx2, .fma, .f16c]
      case .avx512: Self.avx2.features.union([.avx512f, .avx512dq, .avx512bw, .avx512vl])
      }
    }
  #else
    package static let supportsVNNI = false
  #endif

  private static func detect() -> [InstructionSet] {
    #if arch(x86_64)
      allCases.filter { $0.features.isSubset(of: X86Feature.active) }
    #else
      [.portable]
    #endif
  }
}

/// The reason why the requested instruction set cannot be used.
public enum InstructionSetError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A name that no instruction set has.
  case unknown(name: String)
  /// The processor lacks these instructions.
  case unsupported(InstructionSet)

  public var description: String {
    switch self {
    case .unknown(let name):
      "\(InstructionSet.environmentVariable) is '\(name)', expected one of "
        + InstructionSet.allCases.map(\.rawValue).joined(separator: ", ")
    case .unsupported(let set):
      "\(InstructionSet.environmentVariable) is '\(set.rawValue)', which this processor does not support; use one of "
        + InstructionSet.supported.map(\.rawValue).joined(separator: ", ")
    }
  }
}

#if arch(x86_64)
  /// An extension of x86-64 by the name that Linux lists it under.
  private enum X86Feature: String, CaseIterable {
    case fma
    case f16c
    case avx2
    case avx512f
    case avx512dq
    case avx512bw
    case avx512vl
    case avx512vnni = "avx512_vnni"

    /// The extensions that the processor has and whose state the operating system saves across context switches.
    static let active = detect()

    #if os(Linux)
      /// A bit of CPUID as in Intel SDM volume 2: leaf index of <sys/platform/x86.h> (0 is leaf 1, 1 is leaf 7), register, bit.
      private var place: (leaf: UInt32, register: KeyPath<(ebx: UInt32, ecx: UInt32), UInt32>, bit: UInt32) {
        switch self {
        case .fma: (0, \.ecx, 12)
        case .f16c: (0, \.ecx, 29)
        case .avx2: (1, \.ebx, 5)
        case .avx512f: (1, \.ebx, 16)
        case .avx512dq: (1, \.ebx, 17)
        case .avx512bw: (1, \.ebx, 30)
        case .avx512vl: (1, \.ebx, 31)
        case .avx512vnni: (1, \.ecx, 11)
        }
      }

      private static func detect() -> Set<X86Feature> {
        if let leaf1 = Platform.activeFeatures(leafIndex: 0), let leaf7 = Platform.activeFeatures(leafIndex: 1) {
          let leaves = [leaf1, leaf7]
          return Set(
            allCases.filter { leaves[Int($0.place.leaf)][keyPath: $0.place.register] & 1 << $0.place.bit != 0 })
        }
        // Linux lists a flag only when the kernel enables its state.
        guard let bytes = try? MappedFile.contents(of: "/proc/cpuinfo") else { return [] }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let flags = (lines.first { $0.hasPrefix("flags") } ?? "").split(separator: " ")
        return Set(flags.compactMap { X86Feature(rawValue: String($0)) })
      }
    #else
      private static func detect() -> Set<X86Feature> {
        Set(
          allCases.filter { feature in
            switch feature {
            case .avx2: Platform.systemFlag("hw.optional.avx2_0")
            default: Platform.systemFlag("hw.optional.\(feature)")
            }
          })
      }
    #endif
  }
#endif
