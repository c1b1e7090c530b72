// SPDX-License-Identifier: Apache-2.0
import Tensor

extension PackedModel {
  /// A packed model that is to be written: whole, finite, its prompt computed.
  package struct Writer: Sendable {
    private let stores: [ModelComponent: WeightStore]
    private let prompt: [String: Tensor]
    package let tensors: [SafetensorsFile.Planned]
    package let metadata: [String: String]

    /// Checks every tensor that features depend on, and runs the text encoders.
    ///
    /// - Parameter observer: each tensor that is read, and each text encoder, is a stage.
    /// - Throws: `CheckpointError` for what is missing, misshapen or not finite, `DiffusionError` for a prompt that is not
    ///   finite.
    package init(
      _ checkpoint: Checkpoint, observer: StageObserver = StageObserver()
    ) throws {
      try checkpoint.validate(readingValues: true, observer: observer)
      let embedding = try checkpoint.emptyPrompt(observer: observer)
      var prompt = [hiddenName: embedding.hidden]
      if let pooled = embedding.pooled { prompt[pooledName] = pooled }
      guard prompt.values.allSatisfy(\.isFinite) else { throw DiffusionError.notFinite(stage: "prompt") }
      self.prompt = prompt
      stores = [.unet: checkpoint.unet, .vae: checkpoint.vae]
      let configuration = checkpoint.configuration
      var tensors = prompt.map { SafetensorsFile.Planned($0.key, .float32, $0.value.shape.extents) }
      for (store, needed) in [
        (checkpoint.unet, configuration.unet.requirements), (checkpoint.vae, configuration.vae.requirements),
      ] {
        for tensor in needed {
          guard let type = store.type(tensor.name) else { continue }
          tensors.append(SafetensorsFile.Planned("\(store.component.rawValue).\(tensor.name)", type, tensor.shape))
        }
      }
      // Large elements first: every tensor lies at a multiple of its element's size.
      self.tensors = tensors.sorted(by: SafetensorsFile.precedes)
      var metadata = ["format": PackedModel.format, "version": PackedModel.version]
      metadata["source"] = checkpoint.location.name
      metadata["commit"] = checkpoint.location.commit
      metadata.merge(configuration.packedFiles) { first, _ in first }
      self.metadata = metadata
    }

    package var byteCount: Int {
      SafetensorsFile.header(of: tensors, metadata: metadata).count + tensors.reduce(0) { $0 + $1.byteCount }
    }

    /// Writes the file; weights go from the mapped original to the disk.
    ///
    /// - Parameter observer: each tensor that is written is a stage, named as the tensor.
    package func write(to path: String, observer: StageObserver = StageObserver()) throws(FileError) {
      try SafetensorsFile.write(tensors, metadata: metadata, to: path) { planned, sink throws(FileError) in
        observer.begin(planned.name)
        if let tensor = prompt[planned.name] {
          let words = tensor.values.map(\.bitPattern.littleEndian)
          try sink.append(words.span)
        }
        for naming in PackedModel.naming(planned.name) {
          try stores[naming.component]?.copy(naming.name, to: &sink)
        }
      }
    }
  }
}

extension ModelConfiguration {
  /// What weights do not show, as files of a published folder that `derive` reads to the same configuration.
  fileprivate var packedFiles: [String: String] {
    var files: [String: OrderedJSON] = [
      ModelComponent.unet.configurationPath: [
        "num_attention_heads": .integers(unet.blocks.map(\.headCount)), "norm_num_groups": .integer(unet.groupCount),
        "norm_eps": .exact(unet.resnetEpsilon),
      ],
      ModelComponent.vae.configurationPath: [
        "norm_num_groups": .integer(vae.groupCount), "scaling_factor": .exact(vae.scalingFactor),
      ],
      ConfigurationFiles.schedulerPath: [
        "beta_schedule": "scaled_linear", "beta_start": .exact(schedule.firstBeta),
        "beta_end": .exact(schedule.lastBeta), "num_train_timesteps": .integer(schedule.count),
      ],
    ]
    for (component, text) in zip([ModelComponent.textEncoder, .secondTextEncoder], textEncoders) {
      files[component.configurationPath] = text.packed
      files[component.tokensPath] = ["pad_token": .string(text.padding.rawValue)]
    }
    return files.mapValues { $0.indentedText }
  }
}

extension TextEncoderConfiguration {
  fileprivate var padding: PaddingToken {
    paddingToken == PaddingToken.exclamationMark.id(vocabularySize: vocabularySize) ? .exclamationMark : .endToken
  }

  fileprivate var packed: OrderedJSON {
    let common: OrderedJSON = [
      "vocab_size": .integer(vocabularySize), "max_position_embeddings": .integer(positionCount),
      "hidden_size": .integer(width), "num_hidden_layers": .integer(layerCount),
      "num_attention_heads": .integer(headCount), "intermediate_size": .integer(feedForwardWidth),
      "hidden_act": .string(activation.rawValue), "layer_norm_eps": .exact(epsilon),
    ]
    return projectionWidth.map { common + ["projection_dim": .integer($0)] } ?? common
  }
}

extension OrderedJSON {
  /// All digits of a single-precision number, so that reading gives the same number.
  fileprivate static func exact(_ value: Float) -> OrderedJSON { .number(Double(value)) }
}
