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

  /// The same for a given value of the variable.
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

  /// Whether the processor adds the products of pairs of 16-bit integers in one AVX-512 instruction (VNNI).
  package static let multipliesPairs: Bool = {
    #if arch(x86_64)
      x86Features.isSuperset(of: [.avx512, .vnni])
    #else
      false
    #endif
  }()

  private static func detect() -> [InstructionSet] {
    #if arch(x86_64)
      var sets: [InstructionSet] = [.portable]
      if x86Features.contains(.avx2) { sets.append(.avx2) }
      if x86Features.isSuperset(of: [.avx2, .avx512]) { sets.append(.avx512) }
      return sets
    #else
      return [.portable]
    #endif
  }
}

/// A forced instruction set that cannot be had.
public enum InstructionSetError: Error, Equatable, Sendable, CustomStringConvertible {
  case unknown(name: String)
  case unsupported(InstructionSet)

  public var description: String {
    switch self {
    case .unknown(let name):
      "\(InstructionSet.environmentVariable) is '\(name)', expected one of "
        + InstructionSet.allCases.map(\.rawValue).joined(separator: ", ")
    case .unsupported(let set):
      "\(InstructionSet.environmentVariable) is '\(set.rawValue)', which this processor lacks; it has "
        + InstructionSet.supported.map(\.rawValue).joined(separator: ", ")
    }
  }
}

#if arch(x86_64)
  private struct X86Features: OptionSet {
    let rawValue: Int
    /// AVX2, FMA and F16C together.
    static let avx2 = X86Features(rawValue: 1)
    /// AVX-512 F, DQ, BW and VL together.
    static let avx512 = X86Features(rawValue: 2)
    /// AVX-512 VNNI.
    static let vnni = X86Features(rawValue: 4)
  }

  /// What the processor offers and the operating system saves across context switches.
  private let x86Features = detectX86Features()

  private func detectX86Features() -> X86Features {
    #if os(Linux)
      // Leaf indices of <sys/platform/x86.h>: 0 is CPUID leaf 1, 1 is leaf 7. Bits as in Intel SDM volume 2, CPUID.
      if let leaf1 = Platform.activeFeatures(leafIndex: 0), let leaf7 = Platform.activeFeatures(leafIndex: 1) {
        let fmaF16C: UInt32 = 1 << 12 | 1 << 29
        let avx2: UInt32 = 1 << 5
        let avx512: UInt32 = 1 << 16 | 1 << 17 | 1 << 30 | 1 << 31
        var features: X86Features = []
        if leaf1.ecx & fmaF16C == fmaF16C && leaf7.ebx & avx2 == avx2 { features.insert(.avx2) }
        if leaf7.ebx & avx512 == avx512 { features.insert(.avx512) }
        if leaf7.ecx & 1 << 11 != 0 { features.insert(.vnni) }
        return features
      }
      // Linux lists a flag only when the kernel enables its state.
      guard let bytes = try? MappedFile.contents(of: "/proc/cpuinfo") else { return [] }
      let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      let flags = Set((lines.first { $0.hasPrefix("flags") } ?? "").split(separator: " "))
      var features: X86Features = []
      if flags.isSuperset(of: ["avx2", "fma", "f16c"]) { features.insert(.avx2) }
      if flags.isSuperset(of: ["avx512f", "avx512bw", "avx512dq", "avx512vl"]) { features.insert(.avx512) }
      if flags.contains("avx512_vnni") { features.insert(.vnni) }
      return features
    #else
      func has(_ name: String) -> Bool { Platform.systemFlag("hw.optional.\(name)") }
      var features: X86Features = []
      if has("avx2_0") && has("fma") && has("f16c") { features.insert(.avx2) }
      if has("avx512f") && has("avx512bw") && has("avx512dq") && has("avx512vl") { features.insert(.avx512) }
      if has("avx512vnni") { features.insert(.vnni) }
      return features
    #endif
  }
#endif
