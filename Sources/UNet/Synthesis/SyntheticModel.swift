// SPDX-License-Identifier: Apache-2.0
import Tensor

/// A model with random weights, in the structure and the files of a published one.
///
/// Anyone can thus test and time the whole network without a download. Files are bit for bit those that
/// `fixtures/generate/diffusion.py` writes.
package struct SyntheticModel: SyntheticFolder {
  package enum Form: String, CaseIterable, Sendable {
    /// What the features depend on.
    case trimmed
    /// Every tensor of the published model.
    case complete
  }

  /// The single files that a model was published as.
  package enum SingleFileStyle: String, CaseIterable, Sendable {
    /// `SSD-1B.safetensors`, `segmind-vega.safetensors`.
    case plain
    /// `SSD-1B-A1111.safetensors`: the second text encoder's loose parameters as OpenCLIP has them, `logit_scale` and a
    /// transposed `text_projection`, and no positions of its own.
    case a1111
  }

  package let architecture: SyntheticArchitecture
  private let dimensions: SyntheticDimensions
  private let form: Form?
  package let seed: UInt32
  package var isXL: Bool { architecture.isXL }

  /// - Parameters:
  ///   - isFull: the published widths instead of narrow ones.
  ///   - form: nil: trimmed, but for the UNet of Stable Diffusion 1.4, which is complete.
  ///   - vocabularySize: rows of the token tables, at least 3; nil: 49,408, and 48 when narrow.
  package init(
    _ architecture: SyntheticArchitecture, isFull: Bool, form: Form? = nil, vocabularySize: Int? = nil,
    seed: UInt32 = 42
  ) {
    self.architecture = architecture
    self.form = form
    self.seed = seed
    dimensions = SyntheticDimensions(architecture, isFull: isFull, vocabularySize: vocabularySize)
  }

  /// The weight files of a published folder.
  package var folderFiles: [SyntheticFile] {
    architecture.components.map { component in
      let name = "\(component.rawValue)/\(component.weightStem)\(architecture.variant).safetensors"
      return SyntheticFile(name, stored(component), metadata: ["format": "pt"])
    }
  }

  /// The same weights as a single file, with the names and the quirks of the published ones.
  ///
  /// - Parameter style: others than plain are there for SSD-1B.
  /// - Source: models' own headers; see `SingleFileNames`. Of the A1111 style only the length of the file is known: it fits
  ///   these tensors and, among likely ones, no others but for which encoder has positions.
  package func singleFile(_ style: SingleFileStyle = .plain) -> SyntheticFile {
    let names = SingleFileNames(isXL: architecture.isXL, upDepths: dimensions.upDepths, style: style)
    var tensors = architecture.components.flatMap { names.translate(stored($0), of: $0) }
    var metadata: [String: String]? = ["format": "pt"]
    if architecture.isXL { metadata = architecture == .ssd1B ? nil : [:] }
    if architecture == .ssd1B {
      let second = "conditioner.embedders.1.model."
      tensors.append(Self.positions("conditioner.embedders.0.transformer.\(Self.positionsName)", .float16))
      switch style {
      case .plain: tensors.append(Self.positions("\(second)\(Self.positionsName)", .float16))
      case .a1111:
        tensors.append(
          SyntheticFile.Stored(
            planned: SafetensorsFile.Planned("\(second)logit_scale", .float16, []), content: .logitScale))
      }
    }
    return SyntheticFile("single file", tensors, metadata: metadata)
  }

  private static let positionsName = "text_model.embeddings.position_ids"

  private static func positions(_ name: String, _ type: SafetensorsFile.ElementType) -> SyntheticFile.Stored {
    SyntheticFile.Stored(
      planned: SafetensorsFile.Planned(name, type, [1, SyntheticDimensions.positionCount]), content: .positions)
  }

  /// The tensors of a component's file. As in older files, the VAE's attention of Stable Diffusion 1.4 has older names,
  /// and its text encoder is in single precision and holds the numbers of the positions.
  private func stored(_ component: ModelComponent) -> [SyntheticFile.Stored] {
    let xl = architecture.isXL
    let isComplete = form.map { $0 == .complete } ?? (component == .unet && !xl)
    let type: SafetensorsFile.ElementType = component == .textEncoder && !xl ? .float32 : .float16
    let tensors = dimensions.tensors(of: component, isComplete: isComplete).map { tensor in
      let name = component == .vae && !xl ? Self.legacyName(tensor.name) : tensor.name
      return SyntheticFile.Stored(
        planned: SafetensorsFile.Planned(name, type, tensor.shape), content: .weights(component, [tensor]))
    }
    return type == .float32 ? tensors + [Self.positions(Self.positionsName, .int64)] : tensors
  }

  private static let legacyAttention = ["to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"]

  private static func legacyName(_ name: String) -> String {
    guard let scope = ["encoder", "decoder"].map({ "\($0).mid_block.attentions.0." }).first(where: name.hasPrefix),
      let dot = name.lastIndex(of: "."),
      let layer = legacyAttention[String(name[..<dot].dropFirst(scope.count))]
    else { return name }
    return scope + layer + name[dot...]
  }

  /// Configuration files by their paths under the model's folder.
  package var configurations: [(path: String, text: String)] {
    architecture.components.map { ("\($0.rawValue)/config.json", dimensions.configuration(of: $0).indentedText + "\n") }
      + [
        ("scheduler/scheduler_config.json", dimensions.schedulerConfiguration.indentedText + "\n"),
        ("model_index.json", dimensions.indexConfiguration.indentedText + "\n"),
      ]
  }
}

extension SyntheticArchitecture {
  /// SSD-1B was first published with half-precision weights only, under their variant's name.
  fileprivate var variant: String { self == .ssd1B ? ".fp16" : "" }
}
