// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment

extension CommandTable {
  package static let segment = Command(
    name: "segment",
    summary: "segment photographs",
    operands: "IMAGE|FOLDER...",
    operandCount: 0...Int.max,
    options: [
      .input: inputs, .model: encoders, .clustering: clustering, .output: results, .batch: batch,
      .diagnostics: [threads, progress],
    ],
    mainFlags: [
      "recursive", "model", "size", "tau", "method", "output", "format", "refine", "min-area", "json", "overwrite",
      "report", "dry-run", "threads", "quiet", "verbose", "help", "help-all",
    ],
    description: """
      Writes NAME.labels.png, an indexed PNG of the image's size with segment ids from 1, and NAME.overlay.png, the segments drawn \
      over the image. Reads JPEG, PNG, PPM, PGM, PBM and PAM; - reads one image from standard input. Run the same command again to \
      resume a stopped run.
      """,
    details: """
      Segment ids are ordered by decreasing area. A label map of more than 254 segments is a 16-bit gray PNG. File formats are \
      recognized by content. Images are turned upright by their EXIF orientation.

      For a folder, processes the images in it, and with -r those of its subfolders; hidden files are skipped. Results lie below DIR \
      as the images do below the folder. Finished images with unchanged contents and settings are skipped; DIR/.diffcut stores the \
      records for this. Failed images are reported, and the run continues: the exit code is then 1, or 4 if all images failed.

      --manifest FILE is read and checked before any work. --manifest - answers each line of standard input as soon as its image is \
      done: with --json, diffcut is a worker for programs that write a line and wait.

      Without --model, features come from the built-in encoder. It is written by hand, has no learned weights, and describes color, \
      texture and position: it finds regions, not objects. With --model, they come from a vision transformer (DINO, DINOv2) or from \
      the encoder of a latent diffusion model (SSD-1B, Segmind-Vega, Stable Diffusion 1.x). Nothing is downloaded; see 'diffcut help \
      models'.

      The methods autosc, maskcut and kmeans cluster the same features; diffseg merges the attention maps of a model. They \
      have no tree of cuts. See 'diffcut cut --help-all'.

      --refine pamr moves borders to edges of the image: it averages the masks over neighbors of similar color at --pamr-size, and \
      small segments may vanish. --min-area runs after it: it merges small pieces into the neighbor with the longest common border, \
      and removes segments made only of small pieces.
      """,
    examples: [
      "diffcut segment fixtures/images/coffee.png -o out",
      "diffcut segment -r photos -o out --format labels,cvat",
      "diffcut segment photo.jpg -o out --refine pamr --min-area 0.5%",
      "diffcut segment photo.jpg --model facebook/dinov2-small -o out",
      "diffcut segment photo.jpg --model segmind/SSD-1B -o out",
      "find photos -name '*.jpg' -print0 | diffcut segment --manifest - -0 -o out",
      "diffcut segment -r photos -o out --shard 3/16",
      "program | diffcut segment --manifest - --json -o out | program",
      "diffcut segment - -o - < photo.jpg > labels.png",
    ])

  private static let inputs = [
    Flag("recursive", short: "r", "search the subfolders of folders too"),
    Flag(
      "manifest", value: "FILE",
      "read a list of images: one path a line, or {\"id\":...,\"path\":...} a line, where ids name results; - is stdin"),
    Flag("null", short: "0", "end the paths of the manifest with NUL").only(.with("manifest")),
  ]

  private static let results = Flag.list(
    [
      Flag("output", short: "o", value: "DIR", default: ".", "write results to DIR; - writes one file to stdout"),
      Flag(
        "format", short: "f", value: "LIST", default: "labels,overlay; labels for -o -",
        kind: .list(OutputFormat.allCases.map(\.rawValue)), isRepeatable: true,
        "write these formats: " + OutputFormat.allCases.map(\.rawValue).joined(separator: ", ")),
      Flag(
        "refine", value: "METHOD", default: "none", kind: .choices(of: RefinementChoice.self),
        "move borders of segments to edges of the image: none or pamr"),
      Flag(
        "min-area", value: "AREA", default: "0",
        "merge pieces smaller than AREA pixels, or AREA% of the image, into a neighbor"),
    ], refinement("pamr-").only(.with("refine", "pamr")),
    [
      Flag(
        "name", value: "TEMPLATE", default: "{dir}/{stem}.{kind}.{ext}",
        "name results by a template; {file} is the image's name with its extension"
      ).only(toFolder),
      Flag("point", value: "X,Y", default: "the center", "compare this pixel with all others")
        .only(.with("format", "heatmap")),
      Flag("eigenvectors", value: "N", default: "4", "show N eigenvectors").only(.with("format", "eigenvectors")),
      tolerance, imageRoot,
      json.withSummary("print one line of JSON an image instead of the summary; with -v, with its stages"),
    ])
  static let tolerance = Flag(
    "tolerance", value: "PIXELS", default: "0", "simplify polygons: corners may move by PIXELS"
  ).only(.with("format", "geojson", "yolo"))
  static let imageRoot = Flag(
    "image-root", value: "TEXT", default: "/data/local-files/?d=", "write TEXT before the names of images"
  ).only(.with("format", "label-studio"))
  private static let toFolder = OptionCondition.without("output", "-")

  private static let batch = Flag.list(
    [
      Flag("overwrite", "process finished images again"),
      Flag("fail-fast", "stop at the first failed image; joined files are not written"),
      Flag("dry-run", short: "n", "print the plan and do nothing"),
    ].only(toFolder),
    [
      Flag("exit-zero", "exit 0 even if images fail, so that schedulers do not rerun the rest"),
      Flag("report", value: "FILE", "also write one line of JSON an image to FILE, as each is done"),
    ], share.only(toFolder), [Flag("memory", value: "SIZE", "reject images that need more memory, such as 8G")])
  static let share = [
    Flag("shard", value: "I/N", "process every N-th image from the I-th, I from 0; auto asks Slurm or Kubernetes"),
    Flag("shards", value: "N", default: "the size of the Slurm array", "set the number of shards").only(
      .with("shard", "auto")),
  ]
}
