// SPDX-License-Identifier: Apache-2.0
import Tensor

/// A file of results from elsewhere that can be computed again and compared. The folder `fixtures` contains four kinds.
package enum Golden: Sendable {
  case diffusion(DiffusionGolden)
  case visionTransformer(VisionTransformerGolden)
  case cut(CutGolden)
  case encoder(EncoderGolden)

  /// Opens a golden, told by its metadata, and checks what can be checked without computing.
  ///
  /// - Throws: `FileError`; `GoldenError` for a file that is broken or no golden.
  package init(path: String) throws {
    let file: SafetensorsFile
    do {
      file = try SafetensorsFile(path: path)
    } catch let error as SafetensorsError {
      throw GoldenError.badFile(error)
    }
    if file.metadata["stages"] != nil {
      // Only transformers encode other grids than squares.
      self =
        file.metadata["grid"] == nil
        ? .diffusion(try DiffusionGolden(file)) : .visionTransformer(try VisionTransformerGolden(file))
    } else if file.metadata["tau"] != nil {
      self = .cut(try CutGolden(file))
    } else if file.metadata["crop"] != nil {
      self = .encoder(try EncoderGolden(file))
    } else {
      throw GoldenError.unknownKind(tensors: file.entries.keys.sorted())
    }
  }
}
