// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import UNet

extension CommandTable {
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

  package static let verify = Command(
    name: "verify",
    summary: "compute stored results again on this machine and print the errors",
    operands: "[GOLDEN|FOLDER...]",
    operandCount: 0...Int.max,
    flags: [
      withDefault(modelFlag, "the one a golden names, beside it", kind: .file),
      Flag("images", value: "DIR", default: "beside the goldens", "folder of the photographs that goldens name"),
      Flag("json", "print one line of JSON per stage instead of tables"),
      precision,
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
    ] + encoders + [
      withDefault(tau, "the file's, or 0.5"),
      withDefault(alpha, "the file's, or 10"),
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
      neighbors, and 10 averages of all masks. The error is the largest of a smaller problem.

      encoder runs a model on an image of noise, twice: seconds of every stage for the first image and the second. 'bound'
      is the time of the stage's products at the peak, as Winograd's filtering executes them; 'reached' is its share.
      'diffcut verify' tells the errors. With a features file, bench times the clustering stage, from features in memory
      to a 128x128 label map, by stages.
      """,
    examples: [
      "diffcut bench gemm --threads 1", "diffcut bench conv --stage vae --isa avx2",
      "diffcut bench encoder --model ssd-1b-packed.safetensors --json",
      "diffcut bench features.npy --tau 0.3 --threads 1",
    ])
}
