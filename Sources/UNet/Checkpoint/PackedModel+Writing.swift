// SPDX-License-Identifier: Apache-2.0
import Tensor

extension PackedModel {
  /// A packed model that is to be written: whole, finite, its prompt computed.
  package struct Writer: Sendable {
    /// The tensor of a store that a tensor of the file copies.
    private struct Source: Sendable {
      let store: WeightStore
      let name: String
    }

    private let sources: [String: Source]
    private let prompt: [String: Tensor]
    package let tensors: [SafetensorsFile.Planned]
    package let metadata: [String: String]

    /// Checks every tensor that features depend on, and runs the text encoders.
    ///
    /// - Parameter observer: each tensor that is read, and each text encoder, is a stage.
    /// - Throws: `CheckpointError` for tensors that are missing, have a wrong shape or are not finite; `DiffusionError` for a
    ///   prompt that is not finite.
    package init(_ checkpoint: any Checkpoint, observer: StageObserver = StageObserver()) throws {
      try checkpoint.validate(readingValues: true, observer: observer)
      let prompt = try checkpoint.packedTensors(observer: observer)
      guard prompt.values.allSatisfy(\.isFinite) else { throw DiffusionError.notFinite(stage: "prompt") }
      var tensors = prompt.map { SafetensorsFile.Planned($0.key, .float32, $0.value.shape.extents) }
      var sources: [String: Source] = [:]
      for (store, needed) in checkpoint.requirements where packedComponents.contains(store.component) {
        for tensor in needed {
          guard let type = store.type(tensor.name) else { continue }
          let name = prefix(store.component) + tensor.name
          tensors.append(SafetensorsFile.Planned(name, type, tensor.shape))
          sources[name] = Source(store: store, name: tensor.name)
        }
      }
      (self.prompt, self.sources) = (prompt, sources)
      // Large elements first: every tensor lies at a multiple of its element's size.
      self.tensors = tensors.sorted(by: SafetensorsFile.precedes)
      var metadata = ["format": PackedModel.format, "version": PackedModel.version]
      metadata["source"] = checkpoint.location.name
      metadata["commit"] = checkpoint.location.commit
      metadata.merge(checkpoint.packedFiles) { first, _ in first }
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
        if let source = sources[planned.name] { try source.store.copy(source.name, to: &sink) }
      }
    }
  }
}

extension DiffusionCheckpoint {
  package func packedTensors(observer: StageObserver) throws -> [String: Tensor] {
    let embedding = try emptyPrompt(observer: observer)
    var tensors = [PackedModel.hiddenName: embedding.hidden]
    tensors[PackedModel.pooledName] = embedding.pooled
    return tensors
  }

  package var packedFiles: [String: String] {
    let (unet, vae, schedule) = (configuration.unet, configuration.vae, configuration.schedule)
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
    for (component, text) in zip([ModelComponent.textEncoder, .secondTextEncoder], configuration.textEncoders) {
      files[component.configurationPath] = text.packed
      files[component.tokensPath] = ["pad_token": .string(text.padding.rawValue)]
    }
    return files.mapValues { $0.indentedText }
  }
}

extension VisionTransformerCheckpoint {
  package var packedFiles: [String: String] {
    let files: [String: OrderedJSON] = [
      VisionTransformerCheckpoint.configurationName: [
        "model_type": .string(configuration.family.modelType), "num_attention_heads": .integer(configuration.headCount),
        "layer_norm_eps": .exact(configuration.epsilon),
        "interpolate_antialias": .bool(configuration.antialiasesPositions),
      ],
      VisionTransformerCheckpoint.preprocessorName: [
        "image_mean": .array(configuration.mean.map { .exact($0) }),
        "image_std": .array(configuration.deviation.map { .exact($0) }),
      ],
    ]
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
