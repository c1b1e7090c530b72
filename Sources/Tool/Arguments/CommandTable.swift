// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import UNet

package enum CommandTable {
  package static let commands = [
    segment, report, features, cut, refine, convert, eval, sweep, coherence, merge, model, verify, bench, completions,
    help,
  ]

  static let tau = Flag("tau", value: "T", recursionTau)
  /// Where other methods read it too.
  static let methodTau = Flag(
    "tau", value: "T",
    recursionTau + "; maskcut: join cosines above T (0 to 1); diffseg: merge maps nearer than T (0 to 100)")
  private static let recursionTau = "cut while Ncut stays below T: a larger T gives more segments (0 to 2)"
  static let alpha = Flag("alpha", value: "A", "exponent of the affinity: a larger A separates more sharply")
  /// What takes the place of DiffCut's recursion.
  static let clustering = [
    Flag(
      "method", value: "HOW", default: "diffcut", kind: .choices(of: ClusteringChoice.self),
      "what sorts the nodes: diffcut, or autosc, maskcut, kmeans, diffseg, which it is compared with"),
    Flag("k", value: "N", default: "kmeans 6, maskcut 3", "kmeans: how many clusters; maskcut: masks at most"),
    Flag("alphas", value: "A,A,...", default: "1,5,10,15", "autosc: the exponents to choose from"),
    Flag(
      "compat", value: "WHICH", default: "official", kind: .choices(of: AutoSCForm.self),
      "autosc: official, as published, with the last alpha's vectors; intended, with the chosen one's"),
    Flag("anchors", value: "N", default: "16", "diffseg: it begins with N x N maps, or as many as there are"),
    Flag("rounds", value: "N", default: "3", "diffseg: how often maps are merged"),
    Flag("kmeans", "diffseg: move the merged maps by k-means in the end"),
  ]
  static let upsample = Flag(
    "upsample", value: "HOW", default: "concept; maskcut corner, diffseg bilinear", kind: .choices(of: Upsampling.self),
    "how labels reach pixels: concept, nearest, corner or bilinear")
  static let threads = Flag(
    "threads", short: "t", value: "N", default: "all cores", "threads to use; the result does not depend on it")
  static let modelFlag = Flag(
    "model", short: "m", value: "MODEL", kind: .fileOr(EncoderFamilies.all.flatMap { $0.modelNames }),
    "folder, .safetensors file, or org/name in the Hugging Face cache")
  static let size = Flag(
    "size", value: "PIXELS", default: "1024; 393 for built-in",
    "the image is analyzed at PIXELS x PIXELS pixels; results have its own size")
  // Settings of a refinement, by what their names begin with.
  static func iterations(_ prefix: String) -> Flag {
    Flag("\(prefix)iterations", value: "N", default: "30", "how often masks are averaged")
  }
  static func dilations(_ prefix: String) -> Flag {
    Flag(
      "\(prefix)dilations", value: "D,D,...", default: "1,2,4,8,12,24,32,64", "distances of the neighbors, in pixels")
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
  static let level = Flag(
    "level", value: "L", default: "32", kind: .choices(of: FeatureLevel.self),
    "grid of the features at 1024 pixels: 32, 64, or 32+64, joined on 64x64")
  static let precision = Flag(
    "precision", value: "P", default: "single", kind: .choices(of: Precision.self),
    "single, or fast: integers of 16 bits in linear layers and attention, with ten times the error or more")
  /// The options that only some families of encoders read.
  package static let encoders = EncoderFamilies.flags
  /// Options every command takes.
  package static let common = [
    Flag("quiet", short: "q", "print nothing but errors"),
    Flag("verbose", short: "v", "print settings, the time of every stage and the tree of cuts"),
    Flag("help", short: "h", "show this help"),
  ]

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
