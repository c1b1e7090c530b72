// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment

extension CommandTable {
  package static let segment = Command(
    name: "segment",
    summary: "segment photographs",
    operands: "IMAGE|FOLDER...",
    operandCount: 0...Int.max,
    flags: [
      Flag(
        "output", short: "o", value: "DIR", default: ".",
        "folder for the results; - writes one file of one image to stdout"
      ),
      Flag(
        "format", short: "f", value: "LIST", default: "labels,overlay; labels for -o -",
        kind: .list(OutputFormat.allCases.map(\.rawValue)), isRepeatable: true,
        "what to write: " + OutputFormat.allCases.map(\.rawValue).joined(separator: ", ")),
      withDefault(methodTau, "the encoder's own; maskcut 0.2, diffseg 0.9"),
      withDefault(alpha, "the encoder's own"),
      withDefault(modelFlag, "built-in, or DIFFCUT_MODEL"),
      size,
      upsample,
      Flag(
        "refine", value: "HOW", default: "none", kind: .choices(of: RefinementChoice.self),
        "what moves segments to the image's edges: none or pamr"),
      iterations("pamr-"),
      dilations("pamr-"),
      refinementSize("pamr-"),
      Flag(
        "min-area", value: "AREA", default: "0",
        "pieces of segments smaller than AREA pixels, or AREA% of the image, go to the neighbor they touch most"),
      Flag("json", "print one line of JSON per image instead of the summary; with -v, with its stages"),
      threads,
    ] + clustering + formatSettings + batch + encoders + common,
    discussion: """
      For each image writes NAME.labels.png, an indexed picture of the image's size with segment ids from 1 by decreasing
      area (16-bit gray above 254 segments), and NAME.overlay.png, the segments drawn over the image. JPEG, PNG, PPM, PGM,
      PBM and PAM are read, by content; EXIF orientation is applied. - reads one image from stdin.

      Of a folder the images in it are taken, told by content, with -r also those in its folders; hidden ones are not. Their
      results lie below DIR as the images do below the folder. Results that are there already, of the same image with
      the same settings, are not made again, so that a stopped run is taken up where it was; DIR/.diffcut holds what that
      needs. An image that fails does not stop the others; the exit code is then 1, or 4 if all failed.

      --manifest FILE is read and checked before any work. --manifest - is answered line by line, in order, each as soon as it
      is done, whatever the other lines are: with --json a worker for programs and engines that write a line and wait.

      With --model, features come from a latent diffusion model's encoder (SSD-1B, Segmind-Vega, Stable Diffusion 1.x);
      nothing is downloaded. The built-in encoder is hand-written and has no learned weights. It describes color, texture
      and position, so it finds regions, not objects.

      --method autosc, maskcut or kmeans sorts the same features as 'diffcut help cut' tells, diffseg what a diffusion
      model's attention attends to; there is no tree of cuts then.

      --refine pamr moves segments to the image's edges: masks and image at --pamr-size, averages of alike neighbors,
      labels back to the image's own size by the nearest pixel. Small segments may go. See 'diffcut help refine'.
      --min-area comes after it and leaves no specks; a segment of small pieces alone goes altogether.
      """,
    examples: [
      "diffcut segment photo.jpg -o out", "diffcut segment *.jpg -o out --tau 0.4",
      "diffcut segment -r photos -o out --report out/report.jsonl",
      "find photos -name '*.jpg' -print0 | diffcut segment --manifest - -0 -o out",
      "diffcut segment -r photos -o out --shard 3/16",
      "program | diffcut segment --manifest - --json -o out | program",
      "diffcut segment - -o - < photo.jpg > labels.png",
    ])

  /// What only some formats take.
  static let formatSettings = [
    Flag("point", value: "X,Y", default: "the center", "heatmap: the pixel that all others are compared with"),
    Flag("eigenvectors", value: "N", default: "4", "eigenvectors: how many to show"),
    tolerance,
    imageRoot,
  ]
  static let tolerance = Flag(
    "tolerance", value: "PIXELS", default: "0, exact",
    "geojson, yolo: leave out corners where the boundary moves by no more than this")
  static let imageRoot = Flag(
    "image-root", value: "TEXT", default: "/data/local-files/?d=",
    "label-studio: what stands before names of images")

  /// What is about many images.
  static let batch = [
    Flag("recursive", short: "r", "look into the folders of folders too"),
    Flag(
      "manifest", value: "FILE",
      "list of images: a path a line, or {\"id\":...,\"path\":...} a line, which ids name; - is stdin, as it comes"),
    Flag("null", short: "0", "paths of the manifest end with a NUL"),
    Flag(
      "name", value: "TEMPLATE", default: "{dir}/{stem}.{kind}.{ext}",
      "names of results; {file} is the image's name with its extension"),
    Flag("overwrite", "do images again that are done"),
    Flag("fail-fast", "stop at the first image that fails; joined files are not written"),
    Flag("exit-zero", "exit with 0 though images fail, for engines that would do the others again; see --json"),
    Flag("report", value: "FILE", "also write one line of JSON per image to FILE, as each is done"),
    Flag("shard", value: "I/N", "every N-th image from the I-th, I from 0; auto asks Slurm or Kubernetes"),
    Flag("shards", value: "N", "how many there are, for --shard auto"),
    Flag("memory", value: "SIZE", "refuse to begin what needs more memory, such as 8G"),
    Flag(
      "progress", value: "WHEN", default: "auto", kind: .choices(of: Progress.Mode.self),
      "a line on stderr: auto, on a terminal; always, a line every 10 seconds elsewhere; never"),
    Flag("dry-run", short: "n", "print what would be done, and do nothing"),
  ]
}
