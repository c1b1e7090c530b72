// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing

@Suite struct XXH64Tests {
  /// Digests that the Python package xxhash 3 gives.
  @Test(
    arguments: [
      ([], "ef46db3751d8e999"), (Array("a".utf8), "d24ec4f1a98c6e5b"), (Array("abc".utf8), "44bc2cf5ad770999"),
      (Array(UInt8(0)..<31), "c346d2b59b4d8ee1"), (Array(UInt8(0)..<32), "cbf59c5116ff32b4"),
      (Array(UInt8(0)..<39), "00a396ef1679a859"), (Array(UInt8(0)..<100), "6ac1e58032166597"),
      ((0..<1000).map { UInt8($0 * 7 % 256) }, "25275608a9cfc168"),
    ] as [([UInt8], String)])
  func digestsAreThePublishedOnes(bytes: [UInt8], digest: String) {
    #expect(XXH64.digest(bytes) == digest)
  }

  @Test func theSeedCounts() {
    #expect(XXH64.hash(Array(UInt8(0)..<100), seed: 42) == 0x819d_2b72_6001_d507)
  }
}

@Suite struct FileBeginningTests {
  @Test func prefixesEndWithTheFile() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.write(Array(UInt8(0)..<100), to: "a")
    #expect(try MappedFile.prefix(of: path, count: 7) == Array(UInt8(0)..<7))
    #expect(try MappedFile.prefix(of: path, count: 1000) == Array(UInt8(0)..<100))
    #expect(throws: FileError.notAFile(path: folder.path)) { try MappedFile.prefix(of: folder.path, count: 1) }
  }

  @Test func kindsFollowLinks() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.write([1, 2, 3], to: "a")
    #expect(Directory.kind(of: path) == .file && Directory.fileSize(of: path) == 3)
    #expect(Directory.kind(of: folder.path) == .directory && Directory.fileSize(of: folder.path) == nil)
    #expect(Directory.kind(of: "/dev/null") == .special)
    #expect(Directory.kind(of: folder.file("none")) == nil)
    try Directory.removeFile(path)
    try Directory.removeFile(path)
    #expect(Directory.kind(of: path) == nil)
  }

  /// What a killed process has said so far has to be in the file: nothing is kept back until the end.
  @Test func linesAreInTheFileAtOnce() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.write([9, 9, 9], to: "log")
    let file = try LineFile(path: path)
    try file.append("one\n")
    #expect(try MappedFile.contents(of: path) == Array("one\n".utf8))
    try file.append("two\n")
    #expect(try MappedFile.contents(of: path) == Array("one\ntwo\n".utf8))
  }

  @Test func thePeakIsThatOfThisProcess() throws {
    let before = try #require(Platform.peakMemory)
    let block = [UInt8](repeating: 1, count: 64 << 20)
    #expect(try #require(Platform.peakMemory) >= max(before, block.count))
  }
}
