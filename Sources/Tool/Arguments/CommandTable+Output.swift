// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import Tensor
import UNet

extension CommandTable {
  package static let report = Command(
    name: "report",
    summary: "write a page on photographs that cuts them again at any tau",
    operands: "IMAGE...",
    operandCount: 1...Int.max,
    flags: [
      Flag("output", short: "o", value: "FILE", "the page, .html; - is stdout"),
      Flag("tau", value: "T", default: "the encoder's own", "where the slider stands at first (0 to 2)"),
      Flag("max-tau", value: "T", default: "twice --tau", "the slider's end: the recursion is computed up to there"),
      withDefault(alpha, "the encoder's own"),
      Flag("eigenvectors", value: "N", default: "4", "how many eigenvectors of the graph are shown (0 to 64)"),
      withDefault(modelFlag, "built-in, or DIFFCUT_MODEL"),
      size,
      threads,
    ] + encoders + common,
    discussion: """
      The page is one file that loads nothing and opens from disk: the photograph, its segments with area and Ncut, a slider
      for tau, the similarity of every place to the one under the pointer, the graph's leading eigenvectors. The slider's
      labels of nodes are exactly those of 'diffcut cut' at the same tau; pixels are assigned by the same rule at the
      photograph's size, reduced to 1024 pixels a side where it is larger.

      Each image takes up to about 7 MB. Exit code 1: some images failed, the page has the others.
      """,
    examples: [
      "diffcut report photo.jpg -o report.html", "diffcut report *.jpg -o report.html --model segmind/SSD-1B",
    ])

  package static let convert = Command(
    name: "convert",
    summary: "write label maps in the formats that labeling tools read",
    operands: "LABELS.png|LABELS.npy...",
    operandCount: 1...Int.max,
    flags: [
      Flag(
        "format", short: "f", value: "LIST", kind: .list(ConvertCommand.formatNames), isRepeatable: true,
        "formats, separated by commas"),
      Flag("output", short: "o", value: "DIR", default: ".", "directory for the results"),
      Flag("image-dir", value: "DIR", "folder of the photographs: gives their names, and what to draw on"),
      Flag("image-ext", value: "EXT", default: "jpg", "ending of the photographs' names, without --image-dir"),
      tolerance,
      imageRoot,
      threads,
    ] + common,
    discussion: """
      A label map is an indexed or gray PNG of 8 or 16 bits, or an array [height, width] of integers. Its ids are taken as they
      are, 0 is void and belongs to no segment. NAME.labels.png and NAME.npy are of the photograph NAME, which is looked for
      in --image-dir as .jpg, .jpeg, .png, .ppm, .pgm, .pbm, .pnm or .pam.

      \(convertedFiles)
      """,
    examples: [
      "diffcut convert out/*.labels.png -f coco,geojson -o annotations --image-dir photos",
      "diffcut convert labels.npy -f yolo --tolerance 1",
    ])

  /// The files that `convert` writes, a sentence for each kind.
  private static var convertedFiles: String {
    let formats = OutputFormat.allCases.filter { !$0.readsSegmentation }
    func list(_ formats: [OutputFormat], _ name: (OutputFormat) -> String?) -> String {
      formats.compactMap { format in name(format).map { "\(format.rawValue) (\($0))" } }.joined(separator: ", ")
    }
    func ownFiles(_ formats: [OutputFormat]) -> String {
      list(formats.filter { !$0.suffixes.isEmpty }) { $0.suffixes.map { "NAME.\($0)" }.joined(separator: ", ") }
    }
    return HelpText.wrapped(
      """
      One file for each label map: \(ownFiles(formats.filter { !$0.drawsOnImage })); with --image-dir also \
      \(ownFiles(formats.filter(\.drawsOnImage))). One file for all: \(list(formats, \.collectionName)).
      """, width: HelpText.lineWidth)
  }
}
