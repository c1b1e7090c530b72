// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing

@Suite struct InstructionSetTests {
  @Test func portableIsAlwaysThere() {
    #expect(InstructionSet.supported.first == .portable && InstructionSet.portable.isSupported)
    #expect(InstructionSet.supported.contains(.active))
    #expect(KernelTable.current.instructionSet == .active)
    // From the simplest to the widest.
    #expect(InstructionSet.supported == InstructionSet.allCases.filter(\.isSupported))
  }

  @Test(arguments: InstructionSet.supported)
  func tablesAreTheirOwn(_ set: InstructionSet) { #expect(KernelTable.table(for: set).instructionSet == set) }

  @Test func requests() throws {
    #expect(try InstructionSet.requested(by: nil) == nil)
    #expect(try InstructionSet.requested(by: "") == nil)
    for set in InstructionSet.allCases {
      if set.isSupported {
        #expect(try InstructionSet.requested(by: set.rawValue) == set)
      } else {
        #expect(throws: InstructionSetError.unsupported(set)) { try InstructionSet.requested(by: set.rawValue) }
      }
    }
    for name in ["AVX2", "sse", "avx512 ", "0"] {
      #expect(throws: InstructionSetError.unknown(name: name)) { try InstructionSet.requested(by: name) }
    }
  }

  @Test func messages() {
    let names = InstructionSet.allCases.map(\.rawValue).joined(separator: ", ")
    #expect(names.hasPrefix("portable, "))
    #expect("\(InstructionSetError.unknown(name: "sse"))" == "DIFFCUT_ISA is 'sse', expected one of \(names)")
    let supported = InstructionSet.supported.map(\.rawValue).joined(separator: ", ")
    #expect(
      "\(InstructionSetError.unsupported(.avx512))"
        == "DIFFCUT_ISA is 'avx512', which this processor does not support; use one of \(supported)")
  }
}
