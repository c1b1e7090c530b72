// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import UNet

extension CommandTable {
  package static let features = Command(
    name: "features",
    summary: "compute the features of a photograph",
    operands: "IMAGE",
    operandCount: 1...1,
    options: [
      .model: Flag.list([modelFlag.withDefault("DIFFCUT_MODEL"), size], EncoderFamilies.flags),
      .output: [
        Flag(
          "output", short: "o", value: "FILE",
          "write the features [height, width, channels] to .npy (float32) or .safetensors; - is .npy on stdout"),
        Flag(
          "attention", value: "FILE",
          "also write the attention map [nodes, nodes] to .npy or .safetensors, or to the file of -o"),
      ], .diagnostics: [threads],
    ],
    description: """
      Writes one feature vector for each node of the grid, row by row: the input of 'diffcut cut'. A .safetensors file also stores \
      the graph's settings, so that 'diffcut cut' makes the segments of 'diffcut segment'. An .npy file stores only the grid.
      """,
    details: """
      The features of a diffusion model are the output of the last self-attention on the UNet's way down, one vector for 32 x 32 \
      pixels. --level 64 takes the block before, one vector for 16 x 16 pixels, and stops the UNet there. --level 32+64 joins both, \
      the coarse ones upsampled. --model built-in writes the features of the built-in encoder.

      The features of a vision transformer are the keys of the last block's attention, as in MaskCut. --feature tokens takes the \
      tokens of the patches after the block and the last normalization; --layer takes an earlier block.

      --attention writes the mean of that self-attention over its heads: the input of 'diffcut cut --method diffseg'. --level 32+64 \
      has two maps, the tensors attention.32 and attention.64 of a .safetensors file. The map of a vision transformer has the rows and \
      columns of the patches, and rows of sum 1.
      """,
    examples: [
      "diffcut features fixtures/images/coffee.png --model built-in -o coffee.safetensors",
      "diffcut features photo.png --model facebook/dinov2-small --feature tokens -o photo.safetensors",
      "diffcut features photo.png --model segmind/SSD-1B -o photo.safetensors",
      "diffcut features photo.png --model SSD-1B.safetensors --size 512 -o photo.npy",
      "diffcut features photo.png --model segmind/SSD-1B -o photo.safetensors --attention photo.safetensors",
    ])

  package static let cut = Command(
    name: "cut",
    summary: "segment features that are already computed",
    operands: "FEATURES|ATTENTION...",
    operandCount: 1...Int.max,
    options: [
      .input: [grid, tensor.withDefault("features or attention, or the only one")], .clustering: fileClustering,
      .output: [
        Flag(
          "output", short: "o", value: "FILE",
          "write the label map to .npy (int32 from 0) or .png (ids from 1); - is .npy on stdout"),
        Flag("nodes", value: "FILE", "also write the labels of the graph's nodes (.npy, int32)"),
        Flag("mask-size", value: "HxW", default: "128x128", "set the rows and columns of the label map"),
      ], .diagnostics: [threads],
    ],
    description: """
      Reads FEATURES from .npy or .safetensors, one vector a node: [nodes, channels] or [height, width, channels], row by row, of any \
      floating-point type; - reads .npy from standard input. Labels have the numbers of the reference implementation of DiffCut.
      """,
    details: """
      Files of 'diffcut features' and 'diffcut segment -f features' store tau and alpha; options override them, and -v prints the \
      source of each setting.

      --method runs a baseline on the same features. autosc is spectral clustering that finds the number of segments. maskcut finds \
      one object after the other; label 0 is the background; its --tau joins nodes of a larger cosine (0 to 1, default 0.2). kmeans is \
      k-means with deterministic seeding.

      diffseg merges similar attention maps. ATTENTION is a map [cells, cells] or [heads, cells, cells], where row q holds the \
      attention of query q. Maps of several files, or the tensors attention.* of one file, are resized to the largest grid, or to \
      --grid, and added. --tau merges maps of a smaller distance (0 to 100, default 0.9).
      """,
    examples: [
      "diffcut cut fixtures/ncut/chelsea-tau0.25.safetensors --tau 0.25 -o chelsea.png",
      "diffcut cut features.npy --tau 0.3 -o labels.npy",
      "diffcut cut features.npy --grid 48x64 -o labels.png",
      "diffcut cut features.npy --method kmeans --k 8 -o labels.npy",
      "diffcut cut photo.safetensors --method diffseg --tau 0.5 -o labels.png",
    ])

  package static let refine = Command(
    name: "refine",
    summary: "move the borders of a label map to edges of the photograph",
    operands: "IMAGE LABELS.npy|LABELS.png",
    operandCount: 2...2,
    options: [
      .output: Flag.list(
        [
          Flag(
            "output", short: "o", value: "FILE",
            "write the label map, of the image's size, to .npy (int32) or .png; - is .npy on stdout")
        ], refinement(""),
        [
          Flag("median", "filter the label numbers by a 3x3 median (the default)"),
          Flag("no-median", "skip the median").only(.without("median")),
          Flag("ranks", "write 0, 1, ... for the labels in increasing order, as the published code does"),
          json.withSummary("print one line of JSON instead of the summary; with -v, with its stages"),
        ]), .diagnostics: [threads],
    ],
    description: """
      Runs PAMR, pixel-adaptive mask refinement: N times, each pixel takes the average of its neighbors' masks, weighted by their \
      similarity of color; then the strongest mask wins. Labels keep their numbers; small segments may vanish. - reads IMAGE or \
      LABELS from standard input.
      """,
    details: """
      LABELS is a map of any size with whole numbers: an array [height, width], or an indexed or gray PNG.

      The defaults are those of DiffCut's demonstration; its benchmarks use --iterations 10 --dilations 1,2,4,8 at 128 pixels. Each \
      distance has 8 neighbors, and each neighbor of each pixel takes 4 bytes: 256 MiB by default.
      """,
    examples: [
      "diffcut refine fixtures/evaluation/sets/voc/images/validation/a.jpg fixtures/evaluation/sets/voc/predictions/a.png -o a.png",
      "diffcut refine photo.png labels.npy -o refined.npy --size own --iterations 10 --dilations 1,2,4,8",
    ])
}
