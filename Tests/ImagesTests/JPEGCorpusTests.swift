// SPDX-License-Identifier: Apache-2.0
import Images
import Tensor
import Testing

/// A folder that `fixtures/generate/jpeg_corpus.py` has written: too large to keep.
private let corpus = Platform.environment("DIFFCUT_JPEG_CORPUS")

@Suite struct JPEGCorpusTests {
  /// Pixels within 2 of libjpeg-turbo's, 0.5 in the mean; damaged files are an error or a picture.
  @Test(.enabled(if: corpus != nil)) func randomFilesAreReadAsLibjpegTurboDoes() throws {
    let folder = try #require(corpus)
    var (pictures, samples, differing, refused, damaged) = (0, 0, 0, 0, 0)
    for name in try Directory.names(in: folder).sorted() where name.hasSuffix(".jpg") {
      let bytes = try MappedFile.contents(of: "\(folder)/\(name)")
      if name.hasPrefix("damaged") {
        damaged += 1
        do { _ = try Image.decode(bytes) } catch { refused += 1 }
        continue
      }
      let image = try Image.decode(bytes)
      let golden = try PNGImage(decoding: MappedFile.contents(of: "\(folder)/\(name.dropLast(4)).png")).rgb()
      try #require(image.width == golden.width && image.height == golden.height, "\(name)")
      let differences = zip(image.pixels, golden.pixels).map { abs(Int($0) - Int($1)) }
      #expect(differences.allSatisfy { $0 <= 2 }, "\(name)")
      #expect(2 * differences.reduce(0, +) <= differences.count, "\(name)")
      pictures += 1
      samples += differences.count
      differing += differences.count { $0 != 0 }
    }
    #expect(pictures > 0)
    print("\(pictures) pictures, \(differing) of \(samples) samples differ; \(damaged) damaged, \(refused) refused")
  }
}
