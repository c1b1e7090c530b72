// SPDX-License-Identifier: Apache-2.0
import Tensor
import TestSupport
import Testing

/// Kinds of files that error messages name.
@Suite struct FileKindTests {
  @Test(
    arguments: [
      ([], .empty), (Array("version https://git-lfs.github.com/spec/v1".utf8), .gitLFSPointer),
      (Array("\n<!doctype html>".utf8), .webPage), (Array("<HTML>".utf8), .webPage),
      (Array("<?xml version=\"1.0\"?><svg xmlns=\"\">".utf8), .svg), (Array("1,2\n3,4\n".utf8), .text),
      (Array("caf\u{e9}".utf8), .text), (Array("caf\u{e9}".utf8.dropLast()), .text), ([1, 2, 3, 4], nil),
      (Array("PK\u{3}\u{4}...arr_0.npy".utf8), .npz), (Array("PK\u{3}\u{4}...archive/data.pkl".utf8), .pickle),
      (Array("PK\u{3}\u{4}...readme".utf8), .zip), ([0x80, 4, 0x95], .pickle), ([0x1F, 0x8B, 8], .gzip),
      (Array("%PDF-1.4".utf8), .pdf), ([0x89] + "HDF\r\n\u{1a}\n".utf8, .hdf5), (Array("GGUF".utf8), .gguf),
      ([0xFF, 0xD8, 0xFF, 0xE0], .image), ([0, 0, 0, 0x18] + "ftypheic".utf8, .image),
      ([0, 0, 0, 0x18] + "ftypisom".utf8, .video), ([0xFF, 0x0A, 0, 0, 0, 0, 0, 0] + "{\"a\"".utf8, .safetensors),
      ([0xFF, 0x0A, 0x10], .jpegXL),
    ] as [([UInt8], FileKind?)])
  func recognizes(start: [UInt8], kind: FileKind?) {
    #expect(FileKind.recognize(start) == kind)
  }

  @Test func arraysOfOtherPrograms() throws {
    let npy = NPY.encode([1 as Float], shape: [1])
    #expect(FileKind.recognize(Array(npy.prefix(64))) == .npy)
    let file = SafetensorsFile.encode(["x": Tensor(zeros: [1])])
    #expect(FileKind.recognize(Array(file.prefix(64))) == .safetensors)
    let directory = try TemporaryDirectory()
    for (bytes, kind) in [
      (npy, FileKind.npy), (Array("PK\u{3}\u{4}arr_0.npy".utf8), .npz), (Array("text".utf8), .text),
    ] {
      #expect(throws: SafetensorsError.notSafetensors(kind)) {
        try SafetensorsFile(path: directory.write(bytes, to: "file"))
      }
    }
    #expect(
      "\(SafetensorsError.notSafetensors(.npz))"
        == ".npz archives are not supported; extract one array and pass the .npy")
  }
}
