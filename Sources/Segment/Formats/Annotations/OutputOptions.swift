// SPDX-License-Identifier: Apache-2.0

/// Settings of output formats.
public struct OutputOptions: Equatable, Sendable {
  /// Corners of polygons are left out where the boundary moves by no more than this many pixels; 0 keeps every pixel.
  public var polygonTolerance = 0.0
  /// What stands before an image's name in Label Studio's tasks. The default is for files below Label Studio's document root.
  public var labelStudioRoot = "/data/local-files/?d="

  /// The pixel whose place `heatmap` compares with all others; nil is the center.
  public var point: PixelPosition?
  /// How many vectors `eigenvectors` shows.
  public var eigenvectorCount = 4

  public init() {}
}

/// One file of an image: `photo.jpg` and the suffix `labels.png` make `photo.labels.png`.
public struct ImageFile: Equatable, Sendable {
  public let suffix: String
  public let bytes: [UInt8]

  public init(suffix: String, bytes: [UInt8]) {
    self.suffix = suffix
    self.bytes = bytes
  }
}
