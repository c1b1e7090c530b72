// SPDX-License-Identifier: Apache-2.0

/// One option of a command. Parsing, help and tests are all driven by these rows.
package struct Flag: Sendable {
  package let name: String
  package let short: Character?
  /// What the value is called in help; nil for a switch.
  package let value: String?
  package let summary: String
  /// The default as help shows it.
  package let defaultText: String?
  /// Whether all values count when it is given several times, and not the last.
  package let isRepeatable: Bool

  package init(
    _ name: String, short: Character? = nil, value: String? = nil, default defaultText: String? = nil,
    isRepeatable: Bool = false, _ summary: String
  ) {
    self.isRepeatable = isRepeatable
    self.name = name
    self.short = short
    self.value = value
    self.defaultText = defaultText
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
}

package enum CommandTable {
  package static let commands = [segment, features, cut, model, verify, bench, help]

  static let tau = Flag(
    "tau", value: "T", "cut while Ncut stays below T: a larger T gives more segments (0 to 2)")
  static let alpha = Flag("alpha", value: "A", "exponent of the affinity: a larger A separates more sharply")
  static let upsample = Flag(
    "upsample", value: "HOW", default: "concept", "how labels reach pixels: concept or nearest")
  static let threads = Flag(
    "threads", short: "t", value: "N", default: "all cores", "threads to use; the result does not depend on it")
  static let modelFlag = Flag(
    "model", short: "m", value: "MODEL", "folder, .safetensors file, or org/name in the Hugging Face cache")
  static let size = Flag(
    "size", value: "PIXELS", default: "1024; 393 for built-in",
    "the image is analysed at PIXELS x PIXELS pixels; results have its own size")
  /// Where a diffusion model is found.
  package static let location = [
    Flag("revision", value: "NAME", default: "main", "branch, tag or commit in the cache"),
    Flag("cache-dir", value: "DIR", default: "HF_HUB_CACHE, HF_HOME/hub or ~/.cache", "the Hugging Face cache"),
    Flag("config", value: "DIR", "folder of config.json files for a single file of no known family"),
  ]
  private static let level = Flag(
    "level", value: "L", default: "32", "grid of the features at 1024 pixels: 32, 64, or 32+64, joined on 64x64")
  /// What only diffusion models take.
  package static let diffusion =
    location + [
      level,
      Flag("timestep", value: "T", default: "50", "how far the latent is disturbed (0 to 999)"),
      Flag("seed", value: "N", default: "42", "seed of the noise"),
      Flag("noise", value: "KIND", default: "cuda", "cuda, as torch draws it there, or none"),
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
      Flag("widths", value: "WHICH", default: "narrow", "synthesize: narrow, or full, the published ones"),
      Flag(
        "form", value: "WHICH", default: "trimmed; sd1.4: its UNet is complete",
        "synthesize: trimmed to what features depend on, or complete"),
      Flag(
        "style", value: "WHICH", default: "plain", "synthesize: a single file's names, plain or a1111 (ssd-1b only)"),
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
      withDefault(tau, "0.5"),
      withDefault(alpha, "10"),
      Flag("grid", value: "HxW", default: "square, or the array's own", "rows and columns of the feature map"),
      Flag("mask-size", value: "HxW", default: "128x128", "rows and columns of the label map"),
      upsample,
      Flag("tensor", value: "NAME", default: "features, or the only one", "which tensor of a .safetensors file"),
      threads,
    ] + common,
    discussion: """
      FEATURES holds one vector per node, [nodes, channels] or [height, width, channels], row by row; any floating-point
      type; - reads .npy from stdin. Labels are numbered as the reference implementation of DiffCut numbers them.
      """,
    examples: [
      "diffcut cut features.npy --tau 0.3 -o labels.npy", "diffcut cut features.npy --grid 48x64 -o labels.png",
    ])

  package static let bench = Command(
    name: "bench",
    summary: "measure kernels, the encoder and the clustering stage on this machine",
    operands: "gemm|conv|attention|norm|encoder|FEATURES",
    operandCount: 1...1,
    flags: [
      Flag(
        "size", value: "N", default: "1024",
        "side of the image whose shapes are measured; gemm: order of one square in place of all shapes"),
      Flag("stage", value: "TEXT", "only stages with TEXT in their names, such as vae or down_blocks.1"),
      withDefault(modelFlag, "DIFFCUT_MODEL"),
      level,
    ] + location + [
      withDefault(tau, "0.5"),
      withDefault(alpha, "10"),
      Flag("grid", value: "HxW", default: "square, or the array's own", "rows and columns of the feature map"),
      Flag("tensor", value: "NAME", default: "features, or the only one", "which tensor of a .safetensors file"),
      Flag(
        "repeat", value: "N", default: "7, or what 2 seconds allow; encoder: 1",
        "runs, the median is printed; encoder: images after the first"),
      Flag("isa", value: "SET", default: "the widest there is", "instructions: portable, avx2 or avx512"),
      Flag("json", "print one line of JSON per measurement"),
      threads,
    ] + common,
    discussion: """
      gemm (linear layers), conv (3x3, every algorithm), attention and norm measure kernels alone, on random numbers at the
      shapes of SSD-1B's stages. GFLOP/s counts the sum as it is written, 'executed' the products that are left by
      Winograd's filtering; 'peak' is what this machine was seen to do in the same seconds with register tiles that stay
      in the first-level cache, 'share' what is executed of it. The error is the largest of a sample of outputs against
      double precision, as a share of the sum of absolute terms.

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
      withDefault(modelFlag, "the one a golden names, beside it"),
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

  package static let help = Command(
    name: "help", summary: "show help for a command", operands: "[COMMAND]", operandCount: 0...1, flags: common,
    discussion: "", examples: [])

  /// A shared row with the default of one command.
  static func withDefault(_ flag: Flag, _ text: String) -> Flag {
    Flag(flag.name, short: flag.short, value: flag.value, default: text, flag.summary)
  }
}
