// SPDX-License-Identifier: Apache-2.0
import Formats
import Segment
import UNet

/// A subject that several commands share: `diffcut help NAME`, and a section of the manual page.
package struct HelpTopic: Sendable {
  package let name: String
  package let summary: String
  package let blocks: [Block]

  /// Text that `HelpText` lays out for a terminal, and `ManualPage` for a manual page.
  package enum Block: Sendable {
    case paragraph(String)
    /// Terms with their explanations.
    case rows([(head: String, text: String)])
    /// Commands to be typed.
    case commands([String])
  }

  package static let all = [formats, models, tau, datasets, reproducibility, environment, exitCodes]

  private static let formats = HelpTopic(
    name: "formats", summary: "the files that diffcut reads and writes",
    blocks: [
      .paragraph(
        """
        Images are recognized by content: JPEG (Huffman codes, eight bits, baseline or progressive), PNG, PPM, PGM, PBM and PAM. They \
        are turned upright by their EXIF orientation. Color profiles are ignored, and alpha channels are dropped. Damaged files are \
        rejected, and so are \(ImageFormat.allCases.filter { !$0.isSupported }.map(\.displayName).joined(separator: ", ")).
        """),
      .paragraph("An image photo.jpg can be written as:"),
      .rows(OutputFormat.allCases.map { ($0.rawValue, fileNames($0)) }),
      .paragraph(
        """
        The label map has the image's size. Segments are numbered from 1 by decreasing area, as indices of the VOC palette, \
        or as 16-bit gray if there are more than 254. The overlay shows the image with its segments tinted and outlined.
        """),
      .paragraph(
        """
        Features are .npy or .safetensors files of shape [nodes, channels] or [height, width, channels], row by row. 'cut' reads any \
        floating-point type; 'features' writes float32, or float64 where float32 is not exact. Attention maps have the shape [cells, \
        cells] or [heads, cells, cells]: 'features --attention' writes them, 'cut --method diffseg' reads them. 'cut' writes a label \
        map as .npy, int32 from 0 with the numbers of the authors' program, or as .png, numbered from 1 by decreasing area.
        """),
    ])

  private static func fileNames(_ format: OutputFormat) -> String {
    let own = format.suffixes.map { "photo.\($0)" }
    return (own + [format.collectionName.map { "\($0), one file for all images" }].compactMap(\.self))
      .joined(separator: ", ")
  }

  /// The command that downloads a model, the same in help, errors and documents.
  private static let download = CheckpointError.downloadCommand("segmind/SSD-1B")

  private static let models = HelpTopic(
    name: "models", summary: "the encoders, and where their weights come from",
    blocks: [
      .paragraph(
        """
        Without a model, 'segment' uses the built-in encoder: hand-written measures of color, texture and position. It has no learned \
        weights and knows no objects: it finds regions of similar appearance.
        """),
      .paragraph(
        """
        With --model or the variable DIFFCUT_MODEL, features come from a network with trained weights, in half, bfloat16 or single \
        precision. DINO and DINOv2, also with registers, are vision transformers: the smallest DINOv2 is a file of 88 MB and finds \
        objects in about a second. SSD-1B, Segmind-Vega, Stable Diffusion 1.x and models of their structure are latent diffusion \
        models: SSD-1B is the encoder of the paper. diffcut downloads nothing. MODEL is:
        """),
      .rows([
        ("a folder", "in the published layout: with config.json, or with unet/, vae/ and text_encoder/"),
        ("a file", "one .safetensors file with all weights, as published or from 'diffcut model pack'"),
        ("org/name", "a model in the Hugging Face cache ('diffcut help environment'); --revision chooses a version"),
        (BuiltInSource.model, "the encoder without weights"),
      ]),
      .paragraph("Download a model with Hugging Face's client; check it, and pack the part that is needed:"),
      .commands([
        CheckpointError.downloadCommand("facebook/dinov2-small"),
        "diffcut segment photo.jpg --model facebook/dinov2-small -o out",
        download, "diffcut model check segmind/SSD-1B",
        "diffcut model pack segmind/SSD-1B -o ssd-1b-packed.safetensors",
        "diffcut segment photo.jpg --model ssd-1b-packed.safetensors -o out",
      ]),
    ])

  private static let tau = HelpTopic(
    name: "tau", summary: "more or fewer segments: tau, alpha and the grid",
    blocks: [
      .paragraph(
        """
        The image becomes a graph. The cheapest cut splits the graph in two, then each part again. The price of a cut is its Ncut, \
        from 0 to 2; a part stays whole if its cheapest cut costs tau or more. A larger tau gives more segments. The number of \
        segments follows from the image; you do not set it.
        """),
      .paragraph(
        """
        alpha is the exponent of the affinities. A larger alpha makes cuts cheaper: at the same tau it usually gives more segments. \
        Each encoder has its defaults:
        """),
      .rows([
        (BuiltInSource.model, "tau \(BuiltInEncoder().defaultTau), alpha \(BuiltInEncoder().graph.alpha)"),
        (
          "DINO, DINOv2",
          TokenFeature.defaults
        ),
        ("SSD-1B, Segmind-Vega", "tau 0.5, alpha 10.0: the paper's values for SSD-1B"),
        ("Stable Diffusion 1.x", "tau 0.2, alpha 10.0"),
        ("other features", "tau 0.5, alpha 10.0"),
      ]),
      .paragraph(
        """
        To choose tau for an image, read the tree of cuts that -v prints: each line shows the Ncut of a part's best cut, and a larger \
        tau makes that cut. With a diffusion model, compute the features once and cut them many times:
        """),
      .commands([
        "diffcut features photo.jpg --model segmind/SSD-1B -o photo.safetensors",
        "diffcut cut photo.safetensors --tau 0.3 -v -o photo.png",
      ]),
      .paragraph(
        """
        'diffcut sweep' tries many tau at the cost of one cut, and many alpha. With a few labeled images it finds the tau of the best \
        scores, and prints the command that scores the other images:
        """),
      .commands([
        "diffcut sweep photo.safetensors --tau 0.05:0.95:0.05 --alpha 1,5,10,15 --plot photo.svg",
        "diffcut sweep --dataset folder --root DIR --classes 12 --tune 20 --tune-list tuned.txt",
      ]),
      .paragraph(
        """
        Small objects need a finer grid: --level 64 or 32+64 takes features for every 16 pixels instead of 32, and a larger --size \
        enlarges the image before it is encoded. Both take more time and memory.
        """),
    ])

  private static let datasets = HelpTopic(
    name: "datasets", summary: "the labeled sets and their files",
    blocks: [
      .paragraph("diffcut downloads nothing. --root names a folder with these files:"),
      .rows(DatasetChoice.allCases.map { ($0.rawValue, $0.tree) }),
      .paragraph(
        """
        Photographs and labels are paired by name. Labels are PNGs of one channel, indexed or gray: the stored numbers count, not \
        their colors. Labels of a folder may also be .npy arrays of whole numbers. A value outside the set's classes is an error.
        """),
      .paragraph(
        """
        voc: the authors' preparation maps the classes 1 to 20 to 0 to 19, and background and borders to 255. VOC's own files are read \
        by the same rule. context: the 59 classes are 0 to 58, and 255 is background. coco-object and coco-stuff-27: pixels of \
        stuffthingmaps, and with --list the authors' file of 2,174 ids. cityscapes and ade20k: as distributed.
        """),
    ])

  private static let reproducibility = HelpTopic(
    name: "reproducibility", summary: "the settings that results depend on",
    blocks: [
      .paragraph(
        """
        The same image, weights and options give the same bytes, in every run and for any number of threads. Instruction sets round \
        differently: features then differed by a few 1e-5 of their size at most in the measurements, and a border may move where two \
        choices are nearly equal. DIFFCUT_ISA fixes the set.
        """),
      .paragraph(
        """
        The noise is that of the authors' program, timestep 50 and seed 42, in torch's order on a GPU. Small GPUs draw in another \
        order, which --resident-threads reproduces. Encoders compute in single precision over the stored weights; the authors' half \
        precision alone moves the features by 1.1e-3.
        """),
      .paragraph(
        """
        'diffcut cut' gives the labels of the authors' clustering on the same features. 'diffcut verify' recomputes stored results of \
        diffusers and of dense float64 algebra on this machine, and prints the error of every stage.
        """),
      .paragraph("To report a result, add 'diffcut --version --json' and the settings that -v prints."),
    ])

  private static let environment = HelpTopic(
    name: "environment", summary: "the environment variables",
    blocks: [
      .rows(EnvironmentVariable.all.map { ($0.name, $0.summary) }),
      .paragraph(
        "An empty variable counts as unset, except TERM. Options override variables, and variables override defaults."),
    ])

  private static let exitCodes = HelpTopic(
    name: "exit-codes", summary: "the exit codes, and what to do",
    blocks: [
      .rows(
        ExitCode.allCases.map { ("\($0.rawValue)", "\($0.summary): \($0.advice)") } + [
          ("129, 130, 143", "stopped by SIGHUP, SIGINT or SIGTERM; finished files are complete")
        ]),
      .paragraph("An error is one line on standard error. It leaves no partial file."),
    ])
}

extension TokenFeature {
  /// The defaults of keys and of tokens, as help shows them.
  fileprivate static var defaults: String {
    func text(_ feature: TokenFeature) -> String {
      "tau \(VisionTransformerEncoder.defaultTau(feature)), alpha \(VisionTransformerEncoder.defaultGraph(feature).alpha)"
    }
    return "\(text(.keys)); with --feature tokens \(text(.tokens))"
  }
}
