// SPDX-License-Identifier: Apache-2.0

// The interface of this module uses images, levels and noise of a diffusion model, instruction sets and threads, .npy and
// safetensors files, and errors of the modules below. `import Segment` imports them all.
@_exported import Images
@_exported import Linalg
@_exported import Tensor
@_exported import UNet
