// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import UNet

/// All commands, and the options that several of them share.
package enum CommandTable {
  package static let commands = [
    segment, report, features, cut, refine, convert, eval, sweep, coherence, merge, model, verify, bench, completions,
    help,
  ]

  // MARK: Clustering

  static let tau = Flag(
    "tau", value: "T", "split a segment while its Ncut is below T (0 to 2): a larger T gives more segments")
  static let alpha = Flag("alpha", value: "A", "set the exponent of the affinity: a larger A separates more sharply")
  /// The settings of the clustering for features whose encoder states its own τ and α.
  static let clustering = clustering(tau: encoderTau, alpha: encoderAlpha)
  /// The settings of the clustering for files of features.
  static let fileClustering = clustering(tau: "from the file, else 0.5", alpha: "from the file, else 10")

  /// The defaults of the encoders, as help shows them.
  static let encoderTau =
    "built-in \(BuiltInEncoder().defaultTau), DINO \(VisionTransformerEncoder.defaultTau(.keys)), SSD-1B 0.5, SD 1.x 0.2"
  static let encoderAlpha =
    "built-in \(Int(BuiltInEncoder().graph.alpha)), others \(Int(GraphOptions().alpha))"

  private static func clustering(tau: String, alpha: String) -> [Flag] {
    let upsamplings = "concept; maskcut corner, diffseg bilinear"
    return [
      Self.tau.withDefault(tau).only(.with("method", "diffcut", "maskcut", "diffseg", standard: "diffcut")),
      Self.alpha.withDefault(alpha).only(.with("method", "diffcut", standard: "diffcut")),
      Flag(
        "method", value: "METHOD", default: "diffcut", kind: .choices(of: ClusteringChoice.self),
        "set the clustering method: diffcut, or a baseline (autosc, maskcut, kmeans, diffseg)"),
      upsample.withDefault(upsamplings),
      Flag("k", value: "N", default: "kmeans 6, maskcut 3", "set the number of clusters, or the maximum of masks")
        .only(.with("method", "kmeans", "maskcut")),
      Flag("alphas", value: "A,A,...", default: "1,5,10,15", "set the exponents to choose from")
        .only(.with("method", "autosc")),
      Flag(
        "compat", value: "FORM", default: "official", kind: .choices(of: AutoSCForm.self),
        "take the eigenvectors of the last exponent (official, as published) or of the chosen one (intended)"
      ).only(.with("method", "autosc")),
      Flag("anchors", value: "N", default: "16", "start with N x N maps, or all maps of a smaller grid")
        .only(.with("method", "diffseg")),
      Flag("rounds", value: "N", default: "3", "merge the maps N times").only(.with("method", "diffseg")),
      Flag("kmeans", "refine the merged maps by k-means").only(.with("method", "diffseg")),
    ]
  }

  static let upsample = Flag(
    "upsample", value: "HOW", default: Upsampling.concept.rawValue, kind: .choices(of: Upsampling.self),
    "set how labels reach pixels: concept, nearest, corner or bilinear")

  // MARK: Model

  static let modelFlag = Flag(
    "model", short: "m", value: "MODEL", kind: .fileOr(EncoderFamilies.all.flatMap { $0.modelNames }),
    "read weights from a folder, a .safetensors file, or org/name in the Hugging Face cache")
  /// The default of `--model` for commands that run without weights.
  static let standardModel = "DIFFCUT_MODEL, else built-in"
  static let size = Flag(
    "size", value: "PIXELS", default: "built-in 393, DINOv2 518, diffusion 1024",
    "encode at an area of PIXELS x PIXELS, or at HEIGHTxWIDTH")
  /// The place of a model with weights.
  package static let location = [
    Flag("revision", value: "NAME", default: "main", "use a branch, tag or commit of the cache"),
    Flag(
      "cache-dir", value: "DIR", default: "HF_HUB_CACHE, HF_HOME/hub or ~/.cache/huggingface/hub",
      "set the Hugging Face cache"),
    Flag("config", value: "DIR", "read config.json files from DIR, for a single file of an unknown model"),
  ]
  static let level = Flag(
    "level", value: "LEVEL", default: "32", kind: .choices(of: FeatureLevel.self),
    "set the grid of features at 1024 pixels: 32, 64, or 32+64, joined at 64")
  static let precision = Flag(
    "precision", value: "P", default: "single", kind: .choices(of: Precision.self),
    "multiply in single precision, or by 16-bit integers (fast), which increases the error at least tenfold")
  /// The model and the options that only some families of encoders read.
  static let encoders = Flag.list([modelFlag.withDefault(standardModel), size], EncoderFamilies.flags)

  // MARK: Files of features

  static let grid = Flag(
    "grid", value: "HxW", default: "from the file, else square", "set the rows and columns of the feature map")
  static let tensor = Flag(
    "tensor", value: "NAME", default: "features, or the only one", "read this tensor of a .safetensors file")

  // MARK: Refinement

  /// The settings of PAMR, whose names begin with a prefix.
  static func refinement(_ prefix: String) -> [Flag] {
    [
      Flag("\(prefix)iterations", value: "N", default: "30", "average the masks N times"),
      Flag(
        "\(prefix)dilations", value: "D,D,...", default: "1,2,4,8,12,24,32,64",
        "set the distances of neighbors, in pixels"
      ),
      Flag(
        "\(prefix)size", value: "PIXELS", default: "1024", "refine at PIXELS x PIXELS, or at the image's own size (own)"
      ),
    ]
  }

  // MARK: Every command

  static let threads = Flag(
    "threads", short: "t", value: "N", default: "all cores", "use N threads; results do not depend on N")
  static let json = Flag("json", "print one line of JSON instead of the summary")
  static let progress = Flag(
    "progress", value: "WHEN", default: "auto", kind: .choices(of: Progress.Mode.self),
    "show progress on a terminal (auto), also elsewhere every 10 seconds (always), or never")
  /// Options of every command.
  static let common = [
    Flag("quiet", short: "q", "print only errors"),
    Flag("verbose", short: "v", "print settings, the time of every stage and the tree of cuts"),
    Flag("help", short: "h", "show the main options"),
    Flag("help-all", "show all options"),
  ]

  package static let completions = Command(
    name: "completions",
    summary: "print the completions of a shell",
    operands: "bash|zsh|fish",
    operandCount: 1...1,
    options: [:],
    description: """
      Prints the script to standard output. Save it in the folder that the shell searches; the examples use the usual places. \
      For zsh, add the folder to 'fpath' in .zshrc before the call of 'compinit'.
      """,
    examples: [
      "diffcut completions bash > diffcut.bash",
      "diffcut completions bash > ~/.local/share/bash-completion/completions/diffcut",
      "diffcut completions zsh > ~/.zfunc/_diffcut",
      "diffcut completions fish > ~/.config/fish/completions/diffcut.fish",
    ])

  package static let help = Command(
    name: "help",
    summary: "show help for a command or a topic",
    operands: "[COMMAND|TOPIC]",
    operandCount: 0...1,
    options: [.output: [Flag("man", "print the manual page diffcut(1) in roff")]],
    description: "",
    examples: ["diffcut help segment", "diffcut help tau", "diffcut help --man > ~/.local/share/man/man1/diffcut.1"],
    operandKinds: [.subject])
}
