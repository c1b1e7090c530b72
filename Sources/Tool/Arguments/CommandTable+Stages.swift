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
    flags: [
      Flag(
        "output", short: "o", value: "FILE",
        "features [height, width, channels]: .npy (float32) or .safetensors; - is .npy on stdout"),
      Flag(
        "attention", value: "FILE",
        "also write the attention map [nodes, nodes]: .npy or .safetensors; that of -o holds both"),
      withDefault(modelFlag, "DIFFCUT_MODEL"),
      size,
      threads,
    ] + encoders + common,
    discussion: """
      The features are the output of the last self-attention on the UNet's way down, one vector for every 32 x 32 pixels,
      row by row: the input of 'diffcut cut'. --level 64 takes the block before, one vector for every 16 x 16 pixels, and runs
      the UNet no further; 32+64 joins both, the coarse ones upsampled. --model built-in gives the built-in encoder's.

      A .safetensors file also states the encoder's graph: 'diffcut cut' makes the segments that 'diffcut segment' makes with
      the same options. An .npy file states only the grid.

      --attention writes how much each node attends to each, the mean over the heads of that self-attention: what 'diffcut
      cut --method diffseg' takes. --level 32+64 has two maps, attention.32 and attention.64 of a .safetensors file.
      """,
    examples: [
      "diffcut features photo.png --model segmind/SSD-1B -o photo.safetensors",
      "diffcut features photo.png --model SSD-1B.safetensors --size 512 -o photo.npy",
      "diffcut features photo.png --model segmind/SSD-1B -o photo.safetensors --attention photo.safetensors",
    ])

  package static let cut = Command(
    name: "cut",
    summary: "segment features that are already computed",
    operands: "FEATURES|ATTENTION...",
    operandCount: 1...Int.max,
    flags: [
      Flag(
        "output", short: "o", value: "FILE",
        "label map: .npy (int32, zero-based) or .png (ids from 1); - is .npy on stdout"),
      Flag("nodes", value: "FILE", "also write the labels of the graph's nodes (.npy, int32)"),
      withDefault(methodTau, "the file's, or 0.5; maskcut 0.2, diffseg 0.9"),
      withDefault(alpha, "the file's, or 10"),
      Flag(
        "grid", value: "HxW", default: "square, or the array's own",
        "rows and columns of the feature map, or of ATTENTION's cells"),
      Flag("mask-size", value: "HxW", default: "128x128", "rows and columns of the label map"),
      upsample,
      Flag(
        "tensor", value: "NAME", default: "features, or attention; or the only one",
        "which tensor of a .safetensors file"),
      threads,
    ] + clustering + common,
    discussion: """
      FEATURES, .npy or .safetensors, holds one vector per node, [nodes, channels] or [height, width, channels], row by row;
      any floating-point type; - reads .npy from stdin. Labels are numbered as the reference implementation of DiffCut
      numbers them. Files of 'diffcut features' and 'diffcut segment -f features' state tau and alpha, which options override;
      -v prints the source of each setting.

      --method takes one of the segmenters that DiffCut is compared with, on the same features: autosc, spectral clustering
      that finds the number of segments by itself; maskcut, objects one after the other, label 0 being what none covers;
      kmeans, from a start without chance.

      diffseg merges attention maps that are alike. ATTENTION holds one, [cells, cells] or [heads, cells, cells], row q being
      what query q attends to. Maps of several files, or tensors attention.* of one, are brought to the largest grid, or
      to --grid, and added.
      """,
    examples: [
      "diffcut cut photo.features.safetensors -o labels.png", "diffcut cut features.npy --tau 0.3 -o labels.npy",
      "diffcut cut features.npy --grid 48x64 -o labels.png",
      "diffcut cut features.npy --method kmeans --k 8 -o labels.npy",
      "diffcut cut photo.safetensors --method diffseg --tau 0.5 -o labels.png",
    ])

  package static let refine = Command(
    name: "refine",
    summary: "move the segments of a label map to the edges of its photograph",
    operands: "IMAGE LABELS.npy|LABELS.png",
    operandCount: 2...2,
    flags: [
      Flag(
        "output", short: "o", value: "FILE",
        "label map of the image's size: .npy (int32) or .png; - is .npy on stdout"),
      iterations(""),
      dilations(""),
      refinementSize(""),
      Flag("median", "end with the 3x3 median of the label numbers, which is the default"),
      Flag("no-median", "end without it"),
      Flag("ranks", "write 0, 1, ... for the labels of LABELS in increasing order, as the published code does"),
      Flag("json", "print one line of JSON instead of the summary; with -v, with its stages"),
      threads,
    ] + common,
    discussion: """
      PAMR, pixel-adaptive mask refinement: each pixel takes the average of its neighbors' masks, weighted by how alike
      their colors are, N times; then the strongest mask. LABELS holds whole numbers of any size of map: an array [height,
      width], or an indexed or gray PNG. Labels keep their numbers; small segments may go. - reads one of both from stdin.

      The defaults are those of DiffCut's demonstration; its benchmarks take --iterations 10 --dilations 1,2,4,8 at 128
      pixels. There are 8 neighbors at each distance, and 4 bytes for each neighbor of each pixel: 256 MiB by default.
      """,
    examples: [
      "diffcut refine photo.jpg labels.png -o refined.png",
      "diffcut refine photo.png labels.npy -o refined.npy --size own --iterations 10 --dilations 1,2,4,8",
    ])
}
