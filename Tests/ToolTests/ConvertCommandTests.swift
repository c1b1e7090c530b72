// SPDX-License-Identifier: Apache-2.0
import Foundation
import Segment
import Tensor
import TestSupport
import Testing

@Suite struct ConvertCommandTests {
  private let nested = Fixture.path("outputs/nested.npy")
  private let coffee = Fixture.path("images/coffee.png")

  private func document(_ folder: TemporaryFolder, _ name: String) throws -> JSON {
    try JSON.parse([UInt8](folder.contents(name))[...])
  }

  @Test func everyFormatOfSeveralMaps() throws {
    let folder = try TemporaryFolder()
    let outcome = try BuiltTool.run([
      "convert", nested, Fixture.path("outputs/whole.npy"), Fixture.path("png/labels.png"), "-o", folder.file("out"),
      "-f", "labels,npy,geojson,yolo,coco,panoptic,label-studio,cvat",
    ])
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    #expect(outcome.text.split(separator: "\n").count == 3 + 4)
    let own = ["labels.png", "npy", "geojson", "txt", "panoptic.png"]
    let expected =
      ["nested", "whole", "labels"].flatMap { name in own.map { "\(name).\($0)" } }
      + ["annotations.coco.json", "panoptic.json", "label-studio.json", "cvat.zip"]
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("out")).sorted() == expected.sorted())
    let names = try document(folder, "out/annotations.coco.json")["images"]?.array?.map { $0["file_name"]?.string }
    #expect(names == ["nested.jpg", "whole.jpg", "labels.jpg"])
    #expect(
      try LabelMap(decoding: [UInt8](folder.contents("out/nested.npy")))
        == LabelMap(decoding: Fixture.bytes("outputs/nested.npy")))
  }

  @Test func photographsGiveNamesAndGround() throws {
    let folder = try TemporaryFolder()
    let labels = PNGImage(
      width: 600, height: 400, grayscale: ContiguousArray((0..<240_000).map { UInt8($0 % 600 / 300 + 1) }))
    try folder.write(Data(labels.encoded()), "coffee.labels.png")
    let arguments = [
      "convert", folder.file("coffee.labels.png"), "--image-dir", Fixture.path("images"), "-o", folder.path, "-q",
    ]
    let outcome = try BuiltTool.run(arguments + ["-f", "coco,contour,overlay"])
    #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.error.isEmpty)
    #expect(
      try folder.names() == ["annotations.coco.json", "coffee.contour.png", "coffee.labels.png", "coffee.overlay.png"])
    let images = try document(folder, "annotations.coco.json")["images"]?.array
    #expect(images?.first?["file_name"]?.string == "coffee.png")
    let contour = try Image.decode([UInt8](folder.contents("coffee.contour.png")))
    #expect(contour[200, 300] == RGBColor(red: 255, green: 255, blue: 255))
    #expect(try contour[200, 100] == Image.decode(Fixture.bytes("images/coffee.png"))[200, 100])
  }

  @Test func oneBadMapDoesNotStopTheOthers() throws {
    let folder = try TemporaryFolder()
    try folder.write(Data("no picture".utf8), "bad.png")
    let outcome = try BuiltTool.run(["convert", folder.file("bad.png"), nested, "-f", "coco", "-o", folder.file("out")])
    #expect(outcome.status == 1)
    #expect(outcome.error.contains("bad.png: not a label map"))
    #expect(outcome.error.contains("1 of 2 label maps failed"))
    #expect(try document(folder, "out/annotations.coco.json")["images"]?.array?.count == 1)
    let alone = try BuiltTool.run(["convert", folder.file("bad.png"), "-f", "coco", "-o", folder.file("none")])
    #expect(alone.status == 4)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("none")).isEmpty)
  }

  @Test func toleranceAndRootReachTheFormats() throws {
    let folder = try TemporaryFolder()
    let blobs = Fixture.path("outputs/blobs.npy")
    for tolerance in ["0", "2"] {
      let outcome = try BuiltTool.run([
        "convert", blobs, "-f", "geojson,label-studio", "-o", folder.file(tolerance), "--tolerance", tolerance,
        "--image-root", "s3://b/", "--image-ext", "png",
      ])
      #expect(outcome.status == 0)
    }
    #expect(try 2 * folder.contents("2/blobs.geojson").count < folder.contents("0/blobs.geojson").count)
    let task = try document(folder, "0/label-studio.json").array?.first
    #expect(task?["data"]?["image"]?.string == "s3://b/blobs.png")
  }

  @Test func ofFormatsGivenApartOnlyTheLastWasWritten() throws {
    let folder = try TemporaryFolder()
    let outcome = try BuiltTool.run(["convert", nested, "-f", "coco", "-f", "yolo,npy", "-o", folder.path, "-q"])
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    #expect(try folder.names() == ["annotations.coco.json", "nested.npy", "nested.txt"])
  }

  @Test func wrongUseIsRefused() throws {
    let folder = try TemporaryFolder()
    try folder.write(Data(contentsOf: URL(fileURLWithPath: Fixture.path("outputs/many.npy"))), "many.npy")
    try folder.write(Data(contentsOf: URL(fileURLWithPath: coffee)), "many.jpg")
    try folder.write(Data(contentsOf: URL(fileURLWithPath: nested)), "nested.npy")
    let many = folder.file("many.npy")
    func check(_ arguments: [String], _ status: Int32, _ message: String) throws {
      let before = try folder.names()
      let outcome = try BuiltTool.run(["convert"] + arguments, directory: folder.path)
      #expect(outcome.status == status && outcome.error.contains(message), "\(outcome.error)")
      #expect(try folder.names() == before)
    }
    try check([many], 2, "convert needs -f")
    try check([many, "-f", "cocoo"], 2, "did you mean 'coco'?")
    try check([many, "-f", "coco,"], 2, "unknown format ''")
    try check([many, "-f", "overlay"], 2, "overlay draws on the photographs")
    try check([many, "-f", "npy"], 2, "would overwrite")
    try check(["-", "-f", "coco"], 2, "convert cannot read standard input")
    try check([many, "-f", "coco", "-o", "-"], 2, "convert writes to a folder")
    try check([many, Fixture.path("outputs/many.npy"), "-f", "coco"], 2, "both belong to the photograph 'many.jpg'")
    try check([folder.file("nested.npy"), "-f", "coco", "--image-dir", "."], 4, "no photograph of")
    try check([many, "-f", "contour", "--image-dir", "."], 4, "the image has 600x400 pixels, its label map 20x15")
    try check([many, "-f", "cvat"], 4, "300 segments do not fit this format, which stores 254")
    try check([many, "-f", "geojson", "--tolerance", "-1"], 2, "--tolerance is '-1'")
  }
}
