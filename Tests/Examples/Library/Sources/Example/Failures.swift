// SPDX-License-Identifier: Apache-2.0
import Segment

/// One line on what went wrong.
func explanation(of error: any Error) -> String {
  switch error {
  case let error as FileError: "cannot be read: \(error)"
  case let error as ImageError: "no image: \(error)"
  case let error as FeatureError: "no features: \(error)"
  case CheckpointError.notInCache(let model, _): "run: hf download \(model)"
  case let error as CheckpointError: "no model: \(error)"
  default: "\(error)"
  }
}
