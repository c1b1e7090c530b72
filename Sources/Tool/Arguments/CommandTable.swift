// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import UNet

/// One option of a command. Parsing, help, completions, the manual page and tests are all driven by these rows.
package struct Flag: Sendable {
  package let name: String
  package let short: Character?
  /// What the value is called in help; nil for a switch.
  package let value: String?
  package let summary: String
  /// The default as help shows it.
  package let defaultText: String?
  /// What shells offer for the value.
  package let kind: ValueKind
  /// Whether all values count when it is given several times, and not the last.
  package let isRepeatable: Bool

  /// - Parameter kind: nil takes what `value` is usually called: FILE, DIR, N and the like.
  package init(
    _ name: String, short: Character? = nil, value: String? = nil, default defaultText: String? = nil,
    kind: ValueKind? = nil, isRepeatable: Bool = false, _ summary: String
  ) {
    self.isRepeatable = isRepeatable
    self.name = name
    self.short = short
    self.value = value
    self.defaultText = defaultText
    self.kind = kind ?? ValueKind(placeholder: value ?? "")
    self.summary = summary
  }
}

/// One command of the tool.
package struct Command: Sendable {
  package let name: String
  package let summary: String
  /// The operands as the usage line shows them.
  package let operands: String
  package let operandCount: ClosedRange<Int>
  package let flags: [Flag]
  package let discussion: String
  package let examples: [String]
  /// What the operands are, one after the other; none: as `operands` shows them.
  package let operandKinds: [ValueKind]

  package init(
    name: String, summary: String, operands: String, operandCount: ClosedRange<Int>, flags: [Flag], discussion: String,
    examples: [String], operandKinds: [ValueKind] = []
  ) {
    self.name = name
    self.summary = summary
    self.operands = operands
    self.operandCount = operandCount
    self.flags = flags
    self.discussion = discussion
    self.examples = examples
    self.operandKinds = operandKinds
  }
}

package enum CommandTable {
  package static let commands = [
    segment, report, features, cut, refine, convert, eval, merge, model, verify, bench, completions, help,
  ]

  static let tau = Flag(
    "tau", value: "T",
    "cut while Ncut stays below T: a larger T gives more segments (0 to 2); maskcut: join cosines above T (0 to 1)")
  static let alpha = Flag("alpha", value: "A", "exponent of the affinity: a larger A separates more sharply")
  /// What takes the place of DiffCut's recursion.
  static let clustering = [
    Flag(
      "method", value: "HOW", default: "diffcut", kind: .choices(of: ClusteringChoice.self),
      "what sorts the nodes: diffcut, or autosc, maskcut, kmeans, which it is compared with"),
    Flag("k", value: "N", default: "kmeans 6, maskcut 3", "kmeans: how many clusters; maskcut: masks at most"),
    Flag("alphas", value: "A,A,...", default: "1,5,10,15", "autosc: the exponents to choose from"),
    Flag(
      "compat", value: "WHICH", default: "official", kind: .choices(of: AutoSCForm.self),
      "autosc: official, as published, with the last alpha's vectors; intended, with the chosen one's"),
  ]
  static let upsample = Flag(
    "upsample", value: "HOW", default: "concept; corner for maskcut", kind: .choices(of: Upsampling.self),
    "how labels reach pixels: concept, nearest or corner")
  static let threads = Flag(
    "threads", short: "t", value: "N", default: "all cores", "threads to use; the result does not depend on it")
  static let modelFlag = Flag(
    "model", short: "m", value: "MODEL", kind: .fileOr([EncoderChoice.builtIn]),
    "folder, .safetensors file, or org/name in the Hugging Face cache")
  static let size = Flag(
    "size", value: "PIXELS", default: "1024; 393 for built-in",
    "the image is analysed at PIXELS x PIXELS pixels; results have its own size")
  // Settings of a refinement, by what their names begin with.
  static func iterations(_ prefix: String) -> Flag {
    Flag("\(prefix)iterations", value: "N", default: "30", "how often masks are averaged")
  }
  static func dilations(_ prefix: String) -> Flag {
    Flag(
      "\(prefix)dilations", value: "D,D,...", default: "1,2,4,8,12,24,32,64", "distances of the neighbours, in pixels")
  }
  static func refinementSize(_ prefix: String) -> Flag {
    Flag(
      "\(prefix)size", value: "PIXELS", default: "1024",
      "masks are refined at PIXELS x PIXELS pixels; own is the image's size")
  }
  /// Where a diffusion model is found.
  package static let location = [
    Flag("revision", value: "NAME", default: "main", "branch, tag or commit in the cache"),
    Flag("cache-dir", value: "DIR", default: "HF_HUB_CACHE, HF_HOME/hub or ~/.cache", "the Hugging Face cache"),
    Flag("config", value: "DIR", "folder of config.json files for a single file of no known family"),
  ]
  private static let level = Flag(
    "level", value: "L", default: "32", kind: .choices(of: FeatureLevel.self),
    "grid of the features at 1024 pixels: 32, 64, or 32+64, joined on 64x64")
  /// What only diffusion models take.
  package static let diffusion =
    location + [
      level,
      Flag("timestep", value: "T", default: "50", "how far the latent is disturbed (0 to 999)"),
      Flag("seed", value: "N", default: "42", "seed of the noise"),
      Flag(
        "noise", value: "KIND", default: "cuda", kind: .choices(of: EncoderChoice.Noise.self),
        "cuda, as torch draws it there, or none"),
      Flag(
        "resident-threads", value: "N", default: "one an element",
        "threads of the GPU whose noise is drawn, such as 40960 for a T4"),
    ]
  /// Options every command takes.
  package static let common = [
    Flag("quiet", short: "q", "print nothing but errors"),
    Flag("verbose", short: "v", "print settings, the time of every stage and the tree of cuts"),
    Flag("help", short: "h", "show this help"),
  ]

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
    ] + diffusion + common,
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

  package static let features = Command(
    name: "features",
    summary: "compute the features of a photograph",
    operands: "IMAGE",
    operandCount: 1...1,
    flags: [
      Flag(
        "output", short: "o", value: "FILE",
        "features [nodes, channels], float32: .npy or .safetensors; - is .npy on stdout"),
      withDefault(modelFlag, "DIFFCUT_MODEL"),
      size,
      threads,
    ] + diffusion + common,
    discussion: """
      The features are the output of the last self-attention on the UNet's way down, one vector for every 32 x 32 pixels,
      row by row: what 'diffcut cut' takes. --level 64 takes the block before, one vector for every 16 x 16 pixels, and runs
      the UNet no further; 32+64 joins both, the coarse ones upsampled. --model built-in gives the built-in encoder's.
      """,
    examples: [
      "diffcut features photo.png --model segmind/SSD-1B -o photo.npy",
      "diffcut features photo.png --model SSD-1B.safetensors --size 512 -o photo.safetensors",
    ])

  package static let model = Command(
    name: "model",
    summary: "describe, check or pack a diffusion model's weights, or make random ones",
    operands: "info|check|pack MODEL or synthesize ARCHITECTURE",
    operandCount: 2...2,
    flags: location + [
      Flag(
        "output", short: "o", value: "PATH",
        "pack: the .safetensors file to write; synthesize: a folder, or a single .safetensors file"),
      Flag(
        "widths", value: "WHICH", default: "narrow", kind: .choices(of: SynthesizeCommand.Widths.self),
        "synthesize: narrow, or full, the published ones"),
      Flag(
        "form", value: "WHICH", default: "trimmed; sd1.4: its UNet is complete",
        kind: .choices(of: SyntheticModel.Form.self),
        "synthesize: trimmed to what features depend on, or complete"),
      Flag(
        "style", value: "WHICH", default: "plain", kind: .choices(of: SyntheticModel.SingleFileStyle.self),
        "synthesize: a single file's names, plain or a1111 (ssd-1b only)"),
      Flag(
        "vocabulary", value: "ROWS", default: "48 narrow, 49408 full", "synthesize: height of the token tables"),
      Flag("seed", value: "N", default: "42", "synthesize: seed of the weights"),
      threads,
    ] + common,
    discussion: """
      info shows what the model is and what of it is needed. check also reads every tensor that features depend on, and
      fails at the first that is missing, misshapen or not finite.

      pack writes what features depend on as one .safetensors file, in the types of the original and with the empty prompt's
      embedding in place of the text encoders: 0.8 GB for SSD-1B in half precision. It is taken wherever a model is, and
      gives the same features, to the bit where the same instructions are used.

      synthesize writes a model with random weights and the structure of ssd-1b, vega or sd1.4, for tests and timings of
      the whole network without a download. Its bytes depend on nothing but the options, and are those that
      fixtures/generate/diffusion.py writes. A narrow single file needs --config with the folder of the same model: such
      files state neither heads nor groups.
      """,
    examples: [
      "diffcut model info segmind/SSD-1B", "diffcut model check SSD-1B.safetensors",
      "diffcut model pack segmind/SSD-1B -o ssd-1b-packed.safetensors",
      "diffcut model synthesize ssd-1b --widths full -o synthetic",
    ],
    operandKinds: [
      .choices(of: ModelCommand.Action.self),
      .following(
        ModelCommand.Action.synthesize.rawValue, then: .choices(of: SyntheticArchitecture.self), otherwise: .file),
    ])

  package static let cut = Command(
    name: "cut",
    summary: "segment features that are already computed",
    operands: "FEATURES.npy|FEATURES.safetensors",
    operandCount: 1...1,
    flags: [
      Flag(
        "output", short: "o", value: "FILE",
        "label map: .npy (int32, zero-based) or .png (ids from 1); - is .npy on stdout"),
      Flag("nodes", value: "FILE", "also write the labels of the graph's nodes (.npy, int32)"),
      withDefault(tau, "0.5; maskcut 0.2"),
      withDefault(alpha, "10"),
      Flag("grid", value: "HxW", default: "square, or the array's own", "rows and columns of the feature map"),
      Flag("mask-size", value: "HxW", default: "128x128", "rows and columns of the label map"),
      upsample,
      Flag("tensor", value: "NAME", default: "features, or the only one", "which tensor of a .safetensors file"),
      threads,
    ] + clustering + common,
    discussion: """
      FEATURES holds one vector per node, [nodes, channels] or [height, width, channels], row by row; any floating-point
      type; - reads .npy from stdin. Labels are numbered as the reference implementation of DiffCut numbers them.

      --method takes one of the segmenters that DiffCut is compared with, on the same features: autosc, spectral clustering
      that finds the number of segments by itself; maskcut, objects one after the other, label 0 being what none covers;
      kmeans, from a start without chance.
      """,
    examples: [
      "diffcut cut features.npy --tau 0.3 -o labels.npy", "diffcut cut features.npy --grid 48x64 -o labels.png",
      "diffcut cut features.npy --method kmeans --k 8 -o labels.npy",
    ])

  package static let convert = Command(
    name: "convert",
    summary: "write label maps in the formats that labelling tools read",
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
      A label map is an indexed or grey PNG of 8 or 16 bits, or an array [height, width] of integers. Its ids are taken as they
      are, 0 is void and belongs to no segment. NAME.labels.png and NAME.npy are of the photograph NAME, which is looked for
      in --image-dir as .jpg, .jpeg, .png, .ppm, .pgm, .pbm, .pnm or .pam.

      One file for each label map: labels (NAME.labels.png), npy (NAME.npy, int32), geojson (NAME.geojson), yolo (NAME.txt),
      panoptic (NAME.panoptic.png); with --image-dir also overlay and contour (NAME.overlay.png, NAME.contour.png). One file for
      all: coco (annotations.coco.json), panoptic (panoptic.json), label-studio (label-studio.json), cvat (cvat.zip).
      """,
    examples: [
      "diffcut convert out/*.labels.png -f coco,geojson -o annotations --image-dir photos",
      "diffcut convert labels.npy -f yolo --tolerance 1",
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
      PAMR, pixel-adaptive mask refinement: each pixel takes the average of its neighbours' masks, weighted by how alike
      their colours are, N times; then the strongest mask. LABELS holds whole numbers of any size of map: an array [height,
      width], or an indexed or grey PNG. Labels keep their numbers; small segments may go. - reads one of both from stdin.

      The defaults are those of DiffCut's demonstration; its benchmarks take --iterations 10 --dilations 1,2,4,8 at 128
      pixels. There are 8 neighbours at each distance, and 4 bytes for each neighbour of each pixel: 256 MiB by default.
      """,
    examples: [
      "diffcut refine photo.jpg labels.png -o refined.png",
      "diffcut refine photo.png labels.npy -o refined.npy --size own --iterations 10 --dilations 1,2,4,8",
    ])

  package static let bench = Command(
    name: "bench",
    summary: "measure kernels, the encoder and the clustering stage on this machine",
    operands: "gemm|conv|attention|norm|pamr|encoder|FEATURES",
    operandCount: 1...1,
    flags: [
      Flag(
        "size", value: "N", default: "1024",
        "side of the image whose shapes are measured; gemm: order of one square in place of all shapes"),
      Flag("masks", value: "N", default: "12", "pamr: masks that are averaged"),
      Flag("stage", value: "TEXT", "only stages with TEXT in their names, such as vae or down_blocks.1"),
      withDefault(modelFlag, "DIFFCUT_MODEL"),
      level,
    ] + location + [
      withDefault(tau, "0.5; maskcut 0.2"),
      withDefault(alpha, "10"),
      Flag("grid", value: "HxW", default: "square, or the array's own", "rows and columns of the feature map"),
      Flag("tensor", value: "NAME", default: "features, or the only one", "which tensor of a .safetensors file"),
      Flag(
        "repeat", value: "N", default: "7, or what 2 seconds allow; encoder: 1",
        "runs, the median is printed; encoder: images after the first"),
      Flag(
        "isa", value: "SET", default: "the widest there is", kind: .choices(of: InstructionSet.self),
        "instructions: portable, avx2 or avx512"),
      Flag("json", "print one line of JSON per measurement"),
      threads,
    ] + common,
    discussion: """
      gemm (linear layers), conv (3x3, every algorithm), attention and norm measure kernels alone, on random numbers at the
      shapes of SSD-1B's stages. GFLOP/s counts the sum as it is written, 'executed' the products that are left by
      Winograd's filtering; 'peak' is what this machine was seen to do in the same seconds with register tiles that stay
      in the first-level cache, 'share' what is executed of it. The error is the largest of a sample of outputs against
      double precision, as a share of the sum of absolute terms.

      pamr measures the refinement on noise, with every mask everywhere, so that nothing is skipped: the weights of 64
      neighbours, and 10 averages of all masks. The error is the largest of a smaller problem.

      encoder runs a model on an image of noise, twice: seconds of every stage for the first image and the second. 'bound'
      is the time of the stage's products at the peak, a quarter of them where F(4x4,3x3) applies; 'reached' is its share.
      'diffcut verify' tells the errors. With a features file, bench times the clustering stage, from features in memory
      to a 128x128 label map, by stages.
      """,
    examples: [
      "diffcut bench gemm --threads 1", "diffcut bench conv --stage vae --isa avx2",
      "diffcut bench encoder --model ssd-1b-packed.safetensors --json",
      "diffcut bench features.npy --tau 0.3 --threads 1",
    ])

  package static let verify = Command(
    name: "verify",
    summary: "compute stored results again on this machine and print the errors",
    operands: "[GOLDEN|FOLDER...]",
    operandCount: 0...Int.max,
    flags: [
      withDefault(modelFlag, "the one a golden names, beside it", kind: .file),
      Flag("images", value: "DIR", default: "beside the goldens", "folder of the photographs that goldens name"),
      Flag("json", "print one line of JSON per stage instead of tables"),
      threads,
    ] + location + common,
    discussion: """
      A golden is a .safetensors file of results from elsewhere: the stages of the encoder as diffusers computes them, the
      labels of the clustering stage as dense float64 algebra gives them, the features of the built-in encoder from NumPy.
      FOLDER is the folder 'fixtures' of the source repository, which is taken if it lies here and nothing is named, or one
      with goldens in it. The error of numbers is the relative Frobenius error, that of labels the share that differ.

      A golden without its model is skipped; the line says how to get it. With --model, goldens of models of another
      structure are skipped. Exit code 1: a stage is beyond its limit; 3: a golden is corrupt, or none could be computed.
      For goldens of your own weights see 'fixtures/generate/diffusion.py golden'.
      """,
    examples: [
      "diffcut verify", "diffcut verify --model SSD-1B.safetensors my-golden.safetensors --images photos",
    ])

  package static let completions = Command(
    name: "completions",
    summary: "print a script that lets a shell complete commands, options and values",
    operands: "bash|zsh|fish",
    operandCount: 1...1,
    flags: common,
    discussion: """
      The script is printed to standard output, and is to be put where the shell looks for it; the examples have the usual
      places. For zsh that is a folder of 'fpath', named before 'compinit' is called in .zshrc.
      """,
    examples: [
      "diffcut completions bash > ~/.local/share/bash-completion/completions/diffcut",
      "diffcut completions zsh > ~/.zfunc/_diffcut",
      "diffcut completions fish > ~/.config/fish/completions/diffcut.fish",
    ])

  package static let help = Command(
    name: "help",
    summary: "show help for a command or on a topic",
    operands: "[COMMAND|TOPIC]",
    operandCount: 0...1,
    flags: [Flag("man", "print all of it as a manual page, diffcut(1), in roff")] + common,
    discussion: "",
    examples: ["diffcut help segment", "diffcut help tau", "diffcut help --man > ~/.local/share/man/man1/diffcut.1"],
    operandKinds: [.subject])

  /// A shared row with the default of one command.
  static func withDefault(_ flag: Flag, _ text: String, kind: ValueKind? = nil) -> Flag {
    Flag(
      flag.name, short: flag.short, value: flag.value, default: text, kind: kind ?? flag.kind,
      isRepeatable: flag.isRepeatable, flag.summary)
  }
}
