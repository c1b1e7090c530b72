// SPDX-License-Identifier: Apache-2.0

// Settings, errors and files of the modules below are part of this one's interface: levels and noise of a diffusion model,
// instruction sets and threads, .npy and safetensors files, errors. `import Segment` is all that its users need.
@_exported import Linalg
@_exported import Tensor
@_exported import UNet
