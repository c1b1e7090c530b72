// SPDX-License-Identifier: Apache-2.0
import Testing
import UNet

private let messages: [(CheckpointError, String)] = [
  (
    .packedVersion(path: "x", found: "2", supported: "1"),
    "'x' is a packed model of version 2, expected version 1; pack the original model again"
  ),
  (
    .packedConfiguration(path: "x", folder: "/m"),
    "'x' is a packed model, which contains its configuration; leave out the configuration folder '/m'"
  ),
  (
    .missingTensor("conv_in.bias", path: "/m/unet/x.safetensors", expected: [320]),
    "'/m/unet/x.safetensors': tensor 'conv_in.bias' of shape [320] is missing; "
      + "check that this is a supported model, or download it again"
  ),
  (
    .missingTensor("conv_in.weight", path: "x", expected: nil),
    "'x': tensor 'conv_in.weight' is missing; check that this is a supported model, or download it again"
  ),
  (
    .wrongShape("conv_in.bias", path: "x", found: [64], expected: [320]),
    "'x': tensor 'conv_in.bias' has shape [64], expected [320]; check that this is a supported model"
  ),
  (
    .wrongType("conv_in.bias", path: "x", found: "U8"),
    "'x': tensor 'conv_in.bias' has type U8, expected F16, BF16 or F32; use weights that are not quantized"
  ),
  (
    .onlyPickles(folder: "/m/unet", files: ["diffusion_pytorch_model.bin"]),
    "'/m/unet' contains only Python pickles (diffusion_pytorch_model.bin), which are not supported; "
      + "download the .safetensors weights or convert these to .safetensors"
  ),
  (
    .noComponent(.vae, folder: "/m", found: ["a", "b", "c", "d", "e", "f"]),
    "'/m' has no vae weights: expected diffusion_pytorch_model[.fp16].safetensors, found a, b, c, d, e and 1 more; "
      + "download the rest of the model or pass a complete one"
  ),
  (
    .incompleteDownload(folder: "/m", file: "x.incomplete"),
    "'/m': the download of 'x.incomplete' is incomplete; run the same hf download command again to finish it"
  ),
  (
    .truncated(path: "x", reason: "it has 7 bytes, its header requires 8"),
    "'x' is truncated: it has 7 bytes, its header requires 8; download it again"
  ),
  (
    .unsupportedFamily(path: "x", found: "a Flux model"),
    "'x' is a Flux model; supported: DINO, DINOv2, SSD-1B, Segmind-Vega, Stable Diffusion 1.x and models of the same structure"
  ),
  (
    .revisionNotInCache(model: "a/b", revision: "v2", folder: "/c", available: ["main"]),
    "model 'a/b' is in the cache at '/c' without revision 'v2' (available: main); "
      + "download it with: hf download a/b --revision v2 --include '*.json' --include '*.safetensors'"
  ),
  (
    .configurationMismatch(path: "config.json", key: "in_channels", found: "4", weights: "9"),
    "'config.json': in_channels is 4, but the weights have 9; use the configuration and weights of one model"
  ),
  (
    .safetensors(path: "x", .notSafetensors(.text)),
    "'x': not a .safetensors file (looks like text); download the .safetensors weights again"
  ),
]

/// What users read: the file, the tensor, what was found, what was expected, what to do.
@Test(arguments: messages) func checkpointMessages(_ error: CheckpointError, _ text: String) {
  #expect("\(error)" == text)
}
