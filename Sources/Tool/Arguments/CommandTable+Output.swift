// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import Tensor
import UNet

extension CommandTable {
  package static let report = Command(
    name: "report",
    summary: "write an HTML page that segments photographs at any tau",
    operands: "IMAGE...",
    operandCount: 1...Int.max,
    options: [
      .model: encoders,
      .clustering: [
        Flag("tau", value: "T", default: encoderTau, "start the slider at T (0 to 2)"),
        Flag("max-tau", value: "T", default: "twice --tau", "end the slider at T: cuts are computed up to it"),
        alpha.withDefault(encoderAlpha),
      ],
      .output: [
        Flag("output", short: "o", value: "FILE", "write the page to FILE.html; - is stdout"),
        Flag("eigenvectors", value: "N", default: "4", "show N eigenvectors of the graph (0 to 64)"),
      ], .diagnostics: [threads],
    ],
    mainFlags: [
      "model", "size", "tau", "max-tau", "alpha", "output", "eigenvectors", "quiet", "verbose", "help", "help-all",
    ],
    description: """
      The page is one file that loads nothing and opens from disk. It shows each photograph, its segments with area and Ncut, a \
      slider for tau, the similarity of all places to the one under the pointer, and the leading eigenvectors of the graph.
      """,
    details: """
      The labels of nodes are those of 'diffcut cut' at the same tau. Pixels are assigned by the same rule at the photograph's size, \
      reduced to 1024 pixels a side. An image takes up to 7 MB. Exit code 1: some images failed, and the page shows the others.
      """,
    examples: [
      "diffcut report fixtures/images/coffee.png -o report.html",
      "diffcut report *.jpg -o report.html --model segmind/SSD-1B",
    ])

  package static let convert = Command(
    name: "convert",
    summary: "convert label maps to the formats of labeling tools",
    operands: "LABELS.png|LABELS.npy...",
    operandCount: 1...Int.max,
    options: [
      .input: [
        Flag(
          "image-dir", value: "DIR", "find the photographs in DIR, for their names and for formats that draw on them"),
        Flag("image-ext", value: "EXT", default: "jpg", "name the photographs NAME.EXT").only(.without("image-dir")),
      ],
      .output: [
        Flag("output", short: "o", value: "DIR", default: ".", "write results to DIR"),
        Flag(
          "format", short: "f", value: "LIST", kind: .list(ConvertCommand.formatNames), isRepeatable: true,
          "write these formats: " + ConvertCommand.formatNames.joined(separator: ", ")),
        tolerance, imageRoot,
      ], .diagnostics: [threads],
    ],
    description: """
      Reads label maps: indexed or gray PNGs of 8 or 16 bits, or integer arrays [height, width]. Ids stay as they are; 0 is void and \
      belongs to no segment.
      """,
    details: """
      NAME.labels.png and NAME.npy belong to the photograph NAME. --image-dir is searched for it with the endings .jpg, .jpeg, .png, \
      .ppm, .pgm, .pbm, .pnm and .pam.

      \(convertedFiles)
      """,
    examples: [
      "diffcut convert fixtures/outputs/nested.npy -f coco,geojson -o annotations",
      "diffcut convert out/*.labels.png -f coco,cvat -o annotations --image-dir photos",
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
    return """
      One file for each label map: \(ownFiles(formats.filter { !$0.drawsOnImage })); with --image-dir also \
      \(ownFiles(formats.filter(\.drawsOnImage))). One file for all: \(list(formats, \.collectionName)).
      """
  }
}
