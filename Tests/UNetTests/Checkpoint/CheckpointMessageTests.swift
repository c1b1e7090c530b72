// SPDX-License-Identifier: Apache-2.0
import Testing
import UNet

private let messages: [(CheckpointError, String)] = [
  (
    .packedVersion(path: "x", found: "2", supported: "1"),
    "'x' is a packed model of version 2, this program reads version 1; pack the original again"
  ),
  (
    .packedConfiguration(path: "x", folder: "/m"),
    "'x' is a packed model, which holds its configuration; leave out --config '/m'"
  ),
  (
    .missingTensor("conv_in.bias", path: "/m/unet/x.safetensors", expected: [320]),
    "'/m/unet/x.safetensors': tensor 'conv_in.bias' is missing, expected shape [320]; is this another kind of model?"
  ),
  (
    .missingTensor("conv_in.weight", path: "x", expected: nil),
    "'x': tensor 'conv_in.weight' is missing; is this another kind of model?"
  ),
  (
    .wrongShape("conv_in.bias", path: "x", found: [64], expected: [320]),
    "'x': tensor 'conv_in.bias' has shape [64], expected [320]"
  ),
  (
    .wrongType("conv_in.bias", path: "x", found: "U8"),
    "'x': tensor 'conv_in.bias' has type U8, expected F16, BF16 or F32; quantized weights are not supported"
  ),
  (
    .onlyPickles(folder: "/m/unet", files: ["diffusion_pytorch_model.bin"]),
    "'/m/unet' holds weights only as Python pickles (diffusion_pytorch_model.bin), which are not read; "
      + "download the .safetensors files or convert them"
  ),
  (
    .noComponent(.vae, folder: "/m", found: ["a", "b", "c", "d", "e", "f"]),
    "'/m' has no vae weights, expected diffusion_pytorch_model[.fp16].safetensors, found a, b, c, d, e and 1 more; "
      + "download the rest of the model or give a complete one"
  ),
  (
    .incompleteDownload(folder: "/m", file: "x.incomplete"),
    "'/m': a download stopped half way ('x.incomplete'); run the same hf download command again to finish it"
  ),
  (
    .truncated(path: "x", reason: "safetensors: the file has 7 bytes, its header calls for 8"),
    "'x' ends too early: safetensors: the file has 7 bytes, its header calls for 8; "
      + "it is probably half downloaded, fetch it again"
  ),
  (
    .unsupportedFamily(path: "x", found: "a Flux model"),
    "'x' is a Flux model; supported are SSD-1B, Segmind-Vega, Stable Diffusion 1.x and models of the same structure"
  ),
  (
    .revisionNotInCache(model: "a/b", revision: "v2", folder: "/c", available: ["main"]),
    "model 'a/b' is in the cache at '/c', but not its revision 'v2' (there is main); "
      + "get it with: hf download a/b --revision v2 --include '*/*.[sj]*'"
  ),
  (
    .configurationMismatch(path: "config.json", key: "in_channels", found: "4", weights: "9"),
    "'config.json': in_channels is 4, but the weights have 9; the two files do not belong together"
  ),
]

/// What users read: the file, the tensor, what was found, what was expected, what to do.
@Test(arguments: messages) func checkpointMessages(_ error: CheckpointError, _ text: String) {
  #expect("\(error)" == text)
}
