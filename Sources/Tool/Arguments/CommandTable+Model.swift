// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import UNet

extension CommandTable {
  package static let model = Command(
    name: "model",
    summary: "describe, check, pack or synthesize a model",
    operands: "info|check|pack MODEL or synthesize ARCHITECTURE",
    operandCount: 2...2,
    options: [
      .model: location.only(.action("info", "check", "pack")),
      .output: Flag.list(
        [
          Flag("output", short: "o", value: "PATH", "write a .safetensors file, or a folder (synthesize)")
            .only(.action("pack", "synthesize"))
        ],
        [
          Flag(
            "widths", value: "WIDTHS", default: "narrow", kind: .choices(of: SynthesizeCommand.Widths.self),
            "set the widths: narrow, or full, the published ones"),
          Flag(
            "form", value: "FORM", default: "trimmed; complete for sd1.4, DINO",
            kind: .choices(of: SyntheticModel.Form.self),
            "write the tensors that features depend on (trimmed), or all (complete)"),
          Flag(
            "style", value: "STYLE", default: "plain", kind: .choices(of: SyntheticModel.SingleFileStyle.self),
            "set the names in a single file: plain, or a1111 (ssd-1b only)"),
          Flag("vocabulary", value: "ROWS", default: "narrow 48, full 49408", "set the height of the token tables"),
          Flag("seed", value: "N", default: "42", "set the seed of the weights"),
        ].only(.action("synthesize"))), .diagnostics: [threads],
    ],
    description: """
      info prints the structure of a model and the part that features need. check reads every tensor of that part, and fails at the \
      first that is missing, has another shape, or is not finite. pack writes that part as one .safetensors file. synthesize writes a \
      model with random weights and the structure of a published one.
      """,
    details: """
      A packed file keeps the types of the original, and the embedding of the empty prompt instead of the text encoders: 0.8 GB for \
      SSD-1B in half precision. Every command that takes a model takes it, and the features are the same, bit for bit with the same \
      instruction set.

      Synthetic models serve tests and timings of the whole network without a download. Their bytes depend only on the options; those \
      of diffusion models equal the files of fixtures/generate/diffusion.py. A narrow single file needs --config with the folder of the same model, because \
      such files state neither heads nor groups.
      """,
    examples: [
      "diffcut model info fixtures/diffusion/ssd-1b", "diffcut model check segmind/SSD-1B",
      "diffcut model pack segmind/SSD-1B -o ssd-1b-packed.safetensors",
      "diffcut model synthesize ssd-1b --widths full -o synthetic",
    ],
    operandKinds: [
      .choices(of: ModelCommand.Action.self),
      .following(
        ModelCommand.Action.synthesize.rawValue, then: .choices(SynthesizeCommand.architectures), otherwise: .file),
    ])

  package static let verify = Command(
    name: "verify",
    summary: "recompute stored results and print the errors",
    operands: "[GOLDEN|FOLDER...]",
    operandCount: 0...Int.max,
    options: [
      .input: [
        Flag("images", value: "DIR", default: "beside the goldens", "find the photographs of the goldens in DIR")
      ],
      .model: Flag.list(
        [modelFlag.withDefault("the golden's", kind: .file), precision], location.only(.with("model"))),
      .output: [json.withSummary("print one line of JSON a stage instead of tables")],
      .diagnostics: [threads],
    ],
    description: """
      A golden is a .safetensors file of results from another program: the stages of the encoder from diffusers, transformers or timm, the labels of the \
      clustering from dense float64 algebra, the features of the built-in encoder from NumPy. Without operands, verifies the folder \
      'fixtures' of the source repository.
      """,
    details: """
      The error of numbers is the relative Frobenius error; the error of labels is the share that differs. A golden without its model \
      is skipped, and the line names the command that makes the model. With --model, goldens of another structure are skipped. Exit \
      code 1: a stage exceeds its limit; 3: a golden is damaged, or no golden could be computed. To make goldens of other weights, \
      see 'fixtures/generate/diffusion.py golden' and 'fixtures/generate/vit.py golden'.
      """,
    examples: [
      "diffcut verify fixtures/ncut", "diffcut verify",
      "diffcut verify --model SSD-1B.safetensors my-golden.safetensors --images photos",
    ])

  package static let bench = Command(
    name: "bench",
    summary: "measure kernels, the encoder and the clustering",
    operands: "gemm|conv|attention|norm|pamr|encoder|FEATURES",
    operandCount: 1...1,
    options: [
      .input: [grid, tensor].only(.action("FEATURES")),
      .model: Flag.list(
        [
          modelFlag.withDefault("DIFFCUT_MODEL").only(.action("encoder")),
          Flag(
            "size", value: "N", default: "1024",
            "take the shapes of an image of N x N pixels; gemm: one product of order N"
          )
          .only(.action(BenchCommand.words)),
        ], EncoderFamilies.flags.except("precision").only(.action("encoder")),
        [precision.only(.action("gemm", "attention", "encoder"))]),
      .clustering: [tau.withDefault("from the file, else 0.5"), alpha.withDefault("from the file, else 10")]
        .only(.action("FEATURES")),
      .output: [json.withSummary("print one line of JSON a measurement")],
      .diagnostics: [
        Flag("stage", value: "TEXT", "measure only stages with TEXT in their names, such as vae or down_blocks.1")
          .only(.action(BenchCommand.words)),
        Flag("masks", value: "N", default: "12", "average N masks").only(.action("pamr")),
        Flag(
          "repeat", value: "N", default: "7, fewer after 2 seconds; encoder 1",
          "print the median of N runs; encoder: of N images after the first"),
        Flag(
          "isa", value: "SET", default: "the widest", kind: .choices(of: InstructionSet.self),
          "use these instructions: portable, avx2 or avx512"),
        threads,
      ],
    ],
    mainFlags: [
      "model", "size", "tau", "precision", "json", "stage", "repeat", "isa", "threads", "quiet", "verbose", "help",
      "help-all",
    ],
    description: """
      gemm (linear layers), conv (3x3, every algorithm), attention and norm measure kernels at the shapes of SSD-1B's stages. pamr \
      measures the refinement, encoder a whole model stage by stage, and FEATURES the clustering from features in memory to a \
      128x128 label map.
      """,
    details: """
      GFLOP/s counts the operations of the plain sum. 'executed' counts the operations that remain after Winograd's filtering. 'peak' \
      is the speed of register tiles that stay in the first-level cache, measured in the same seconds; 'share' is executed / peak. \
      The error is the largest of a sample of outputs against double precision, relative to the sum of absolute terms.

      pamr refines noise with every mask everywhere, so that no work is skipped: the weights of 64 neighbors and 10 averages of all \
      masks. Its error is the largest of a smaller problem.

      encoder runs a model twice on an image of noise, and prints the seconds of every stage for both. 'bound' is the time of the \
      stage's operations at the peak, as Winograd's filtering executes them; 'reached' is bound / time. 'diffcut verify' prints \
      errors.
      """,
    examples: [
      "diffcut bench fixtures/ncut/chelsea-tau0.25.safetensors --tau 0.25",
      "diffcut bench gemm --threads 1", "diffcut bench conv --stage vae --isa avx2",
      "diffcut bench encoder --model ssd-1b-packed.safetensors --json",
    ])
}
