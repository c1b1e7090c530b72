// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment

/// A subject that no single command explains: `diffcut help NAME`, and a section of the manual page.
package struct HelpTopic: Sendable {
  package let name: String
  package let summary: String
  package let blocks: [Block]

  /// Text that is laid out for a terminal by `HelpText`, for a manual page by `ManualPage`.
  package enum Block: Sendable {
    case paragraph(String)
    /// A word or two, and what they mean.
    case rows([(head: String, text: String)])
    /// Lines to be typed.
    case commands([String])
  }

  package static let all = [formats, models, tau, datasets, reproducibility, environment, exitCodes]

  private static let formats = HelpTopic(
    name: "formats", summary: "which files are read and written",
    blocks: [
      .paragraph(
        """
        Images are told by their content, not by their names: JPEG (Huffman codes, eight bits, baseline or progressive), PNG, \
        PPM, PGM, PBM and PAM. They are turned upright as their EXIF data tell; color profiles are ignored, alpha channels \
        dropped. Damaged files are refused and not filled in, and so are \
        \(ImageFormat.allCases.filter { !$0.isSupported }.map(\.displayName).joined(separator: ", ")).
        """),
      .paragraph("An image photo.jpg can be written as:"),
      .rows(OutputFormat.allCases.map { ($0.rawValue, fileNames($0)) }),
      .paragraph(
        """
        The picture of labels has the image's size. Segments are numbered from 1 by decreasing area, as indices of the VOC \
        palette, or as 16-bit gray where there are more than 254. The overlay is the image, its segments tinted and outlined.
        """),
      .paragraph(
        """
        Features are .npy or .safetensors files, [nodes, channels] or [height, width, channels], row by row. 'cut' reads any \
        floating-point type; 'features' writes float32, float64 where that is not exact. Attention maps, which 'features --attention' writes and 'cut --method \
        diffseg' reads, are [cells, cells] or [heads, cells, cells]. 'cut' writes a label map as .npy, int32 from 0, numbered as the \
        authors' program numbers them, or as .png, numbered from 1 by decreasing area.
        """),
    ])

  private static func fileNames(_ format: OutputFormat) -> String {
    let own = format.suffixes.map { "photo.\($0)" }
    return (own + [format.collectionName.map { "\($0), one file for all images" }].compactMap(\.self))
      .joined(separator: ", ")
  }

  private static let models = HelpTopic(
    name: "models", summary: "where features come from, and how weights are found",
    blocks: [
      .paragraph(
        """
        Without a model, 'segment' uses the built-in encoder: hand-written measures of color, texture and position. It has no \
        learned weights and knows no objects: it finds regions that look alike.
        """),
      .paragraph(
        """
        With --model, or the variable DIFFCUT_MODEL, features come from the encoder of a latent diffusion model: SSD-1B, \
        Segmind-Vega, Stable Diffusion 1.x, or another of their structure, in half, bfloat16 or single precision. Nothing is \
        downloaded. MODEL is:
        """),
      .rows([
        ("a folder", "in the published layout, with unet/, vae/ and text_encoder/"),
        ("a file", "one .safetensors file with everything, as published or as 'diffcut model pack' writes it"),
        ("org/name", "a model in the Hugging Face cache (see 'diffcut help environment'), --revision chooses which"),
        (BuiltInSource.model, "the encoder without weights"),
      ]),
      .paragraph("Fetch a model with Hugging Face's own client, check it, and keep the part that is needed:"),
      .commands([
        "hf download segmind/SSD-1B --include '*/*[gp6].[js]*'", "diffcut model check segmind/SSD-1B",
        "diffcut model pack segmind/SSD-1B -o ssd-1b-packed.safetensors",
        "diffcut segment photo.jpg --model ssd-1b-packed.safetensors -o out",
      ]),
    ])

  private static let tau = HelpTopic(
    name: "tau", summary: "how many segments: tau, alpha and the size of the grid",
    blocks: [
      .paragraph(
        """
        The image becomes a graph, which is cut in two where the cut is cheapest, and the parts again. A cut's price is its \
        Ncut value, from 0 to 2, and is paid while it is below tau. A larger tau therefore gives more segments: nothing else \
        says how many there are.
        """),
      .paragraph(
        """
        alpha is the exponent of the affinities. A larger one makes similar things stand out, cuts become cheaper, and the same \
        tau usually gives more segments. Each encoder has its own defaults:
        """),
      .rows([
        (BuiltInSource.model, "tau \(BuiltInEncoder().defaultTau), alpha \(BuiltInEncoder().graph.alpha)"),
        ("SSD-1B, Segmind-Vega", "tau 0.5, alpha 10.0, as the paper has them for SSD-1B"),
        ("Stable Diffusion 1.x", "tau 0.2, alpha 10.0"),
        ("features of other origin", "tau 0.5, alpha 10.0"),
      ]),
      .paragraph(
        """
        To choose tau for an image, look at the tree of cuts that -v prints: every line has the Ncut value of a part's best cut, and a \
        tau just above it makes that cut. With a diffusion model, compute the features once and cut them as often as you like:
        """),
      .commands([
        "diffcut features photo.jpg --model segmind/SSD-1B -o photo.safetensors",
        "diffcut cut photo.safetensors --tau 0.3 -v -o photo.png",
      ]),
      .paragraph(
        """
        'diffcut sweep' tries many tau at the cost of one cut, and many alpha. With labels of a few images it finds the tau whose \
        segments fit them best, and what to type to score the others:
        """),
      .commands([
        "diffcut sweep photo.safetensors --tau 0.05:0.95:0.05 --alpha 1,5,10,15 --plot photo.svg",
        "diffcut sweep --dataset folder --root DIR --classes 12 --tune 20 --tune-list tuned.txt",
      ]),
      .paragraph(
        """
        Small things need a finer grid: --level 64 or 32+64 takes features for every 16 pixels in place of 32, a larger --size \
        makes the image larger before it is encoded, at the cost of time and memory.
        """),
    ])

  private static let datasets = HelpTopic(
    name: "datasets", summary: "the labeled sets of 'eval', 'sweep' and 'coherence', and the files they consist of",
    blocks: [
      .paragraph("Nothing is downloaded. --root names a folder that holds:"),
      .rows(DatasetChoice.allCases.map { ($0.rawValue, $0.tree) }),
      .paragraph(
        """
        Photographs and labels are paired by name. Labels are PNGs of one channel, indexed or gray, whose stored numbers count \
        and not their colors; those of a folder may be .npy arrays of whole numbers too. A value that the set does not have is \
        an error.
        """),
      .paragraph(
        """
        voc: the authors' preparation makes 0 to 19 of the classes 1 to 20, and 255 of background and borders. VOC's own files are \
        read too, by the same rule. context: the 59 classes are 0 to 58, and 255 is background. coco-object and coco-stuff-27: pixels \
        of stuffthingmaps, and with --list the file of 2,174 ids that the authors name. cityscapes and ade20k: as distributed.
        """),
    ])

  private static let reproducibility = HelpTopic(
    name: "reproducibility", summary: "what results depend on",
    blocks: [
      .paragraph(
        """
        The same image, weights and options give the same bytes, from run to run and for any number of threads. Instruction \
        sets round differently: features then differ by a few 1e-5 of their size at most in what was \
        measured, and a segment's border may move where two choices are all but equal. DIFFCUT_ISA fixes the set.
        """),
      .paragraph(
        """
        Noise is that of the authors' program, timestep 50 and seed 42, in the order in which torch draws it on a GPU; small \
        GPUs draw in another order, which --resident-threads reproduces. Encoders compute in single precision over the stored \
        weights, where the authors use half precision, which alone moves the features by 1.1e-3.
        """),
      .paragraph(
        """
        'diffcut cut' gives the labels of the authors' clustering on the same features. 'diffcut verify' computes stored \
        results of diffusers and of dense float64 algebra again on this machine and prints the error of every stage.
        """),
      .paragraph("For a report: 'diffcut --version --json' tells version and instructions, -v tau, alpha and threads."),
    ])

  private static let environment = HelpTopic(
    name: "environment", summary: "the environment variables that are read",
    blocks: [
      .rows(EnvironmentVariable.all.map { ($0.name, $0.summary) }),
      .paragraph(
        "An empty variable counts as unset, but for TERM. Options come before variables, variables before defaults."),
    ])

  private static let exitCodes = HelpTopic(
    name: "exit-codes", summary: "how a run ends, and what to do",
    blocks: [
      .rows(
        ExitCode.allCases.map { ("\($0.rawValue)", "\($0.summary): \($0.advice)") } + [
          ("129, 130, 143", "stopped by SIGHUP, SIGINT or SIGTERM; finished files are whole")
        ]),
      .paragraph(
        "A failure is one line on standard error, perhaps with a hint, and leaves no half-written file behind."),
    ])
}
