// SPDX-License-Identifier: Apache-2.0

/// The kernels of one instruction set.
///
/// Each requirement is one kernel and states its contract. Its implementation is the method of the same name in an extension,
/// written once for all sets. A set is an enum that names its arithmetic and its register tile; see <doc:InstructionSets>.
///
/// The associated types have no constraints. The compiler emits a weak function for each constraint of an associated type
/// into the object of every conformance, and weak functions are not allowed there. The extensions state the constraints.
public protocol KernelSet: SendableMetatype {
  /// Arithmetic in single precision: a `FloatArithmetic`.
  associatedtype F
  /// Arithmetic in double precision: a `DoubleArithmetic`.
  associatedtype D
  /// The register tile of matrix products: a `GEMMTile`.
  associatedtype Tile

  /// The lanes of a vector in single precision.
  static var floatLanes: Int { get }
  /// The lanes of a vector in double precision.
  static var doubleLanes: Int { get }

  // MARK: Matrix products

  /// The rows of a register tile, which is two vectors wide.
  static var tileRows: Int { get }

  /// C ← A·B (+ C) for a register tile in single precision.
  ///
  /// - Shapes: `a` `tileRows` rows of `depth` elements, `aStride` apart; `b` [depth, 2·lanes], packed; `c` `tileRows` rows,
  ///   `cStride` apart.
  /// - Numerics: every element is one chain of multiply-adds over increasing depth, added to `c` once at the end.
  static func gemmTileFloat(
    depth: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>,
    cStride: Int, accumulate: Bool)
  /// C ← A·B (+ C) for half of the rows of a register tile in single precision; see `gemmTileFloat`.
  static func gemmHalfTileFloat(
    depth: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>,
    cStride: Int, accumulate: Bool)
  /// C ← A·B (+ C) for a register tile in double precision; see `gemmTileFloat`.
  static func gemmTileDouble(
    depth: Int, a: UnsafePointer<Double>, aStride: Int, b: UnsafePointer<Double>, c: UnsafeMutablePointer<Double>,
    cStride: Int, accumulate: Bool)
  /// C ← A·B (+ C) for half of the rows of a register tile in double precision; see `gemmTileFloat`.
  static func gemmHalfTileDouble(
    depth: Int, a: UnsafePointer<Double>, aStride: Int, b: UnsafePointer<Double>, c: UnsafeMutablePointer<Double>,
    cStride: Int, accumulate: Bool)

  /// Packs rows of contiguous elements into panels of two vectors; see `packPanels`.
  static func transposePanels(
    _ source: UnsafePointer<Float>, rowStride: Int, count: Int, depth: Int, into panels: UnsafeMutablePointer<Float>)
  /// The transpose of a matrix [count, depth], rows `rowStride` apart, to [depth, count].
  static func transposeMatrix(
    _ source: UnsafePointer<Float>, rowStride: Int, count: Int, depth: Int, into target: UnsafeMutablePointer<Float>)

  /// C ← A·B (+ C) for a register tile of operands that `quantizeRows` and `quantizePanel` write; see `integerTile14x2`.
  ///
  /// Each set implements it with its own instruction for pairs of integers.
  static func integerTile(
    depth: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>,
    cStride: Int, accumulate: Bool)
  /// Quantizes rows of the left operand.
  ///
  /// - Shapes: `source` [count, depth], rows `rowStride` apart; `target` rows of 17 words a group, `targetStride` apart.
  /// - Parameter scratch: a group and two vectors.
  static func quantizeRows(
    _ source: UnsafePointer<Float>, rowStride: Int, count: Int, depth: Int, scratch: UnsafeMutablePointer<Float>,
    into target: UnsafeMutablePointer<Float>, targetStride: Int)
  /// Quantizes a panel of the right operand.
  ///
  /// - Shapes: `source` [depth, 2·lanes]; `target` 17 rows of 2·lanes words a group.
  /// - Parameter scratch: four vectors.
  static func quantizePanel(
    _ source: UnsafePointer<Float>, depth: Int, scratch: UnsafeMutablePointer<Float>,
    into target: UnsafeMutablePointer<Float>)

  // MARK: Elements; `x` and `y` may be the same memory

  /// y = eˣ.
  static func exponential(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int)
  /// y = 2ˣ.
  static func powerOfTwo(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int)
  /// y = tanh x.
  static func hyperbolicTangent(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int)
  /// y = erf x.
  static func errorFunction(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int)
  /// y = x·σ(x).
  static func silu(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int)
  /// y = x·Φ(x).
  static func gelu(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int)
  /// y = x·σ(1.702·x).
  static func quickGELU(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int)
  /// y ← y + x.
  static func add(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int)
  /// IEEE half precision to single, exact for every bit pattern (NaN payloads included).
  static func halfToFloat(_ x: UnsafePointer<UInt16>, _ y: UnsafeMutablePointer<Float>, count: Int)
  /// bfloat16 to single: the upper half of its bits.
  static func brainFloatToFloat(_ x: UnsafePointer<UInt16>, _ y: UnsafeMutablePointer<Float>, count: Int)

  // MARK: Rows

  /// y[i] = e^{scale·(x[i] − max x)} / Σ. A row with a NaN, with +∞ or with only −∞ becomes NaN.
  ///
  /// Subtracting the maximum changes nothing but the range: every exponent is at most 0. `x` and `y` may be the same memory.
  static func softmax(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, scale: Float)
  /// One step of a running softmax for the two vectors of queries of a panel.
  ///
  /// With μ the largest score so far and μ' = max(μ, scores): scores ← e^{scale·(scores − μ')}, f = e^{scale·(μ − μ')},
  /// sums ← f·sums + Σ scores, weighted ← f·weighted, peaks ← μ'.
  ///
  /// - Shapes: `scores` [rows, 2·lanes], `peaks` and `sums` [2·lanes], `weighted` [channels, 2·lanes].
  /// - Numerics: a lane adds its rows in order; powers below 2⁻¹²⁵ are 0. Until a lane has seen a score above −∞ its sum stays 0.
  /// - Source: Milakov & Gimelshein, "Online normalizer calculation for softmax", arXiv:1805.02867; Dao et al.,
  ///   "FlashAttention", NeurIPS 2022.
  static func runningSoftmax(
    _ scores: UnsafeMutablePointer<Float>, rows: Int, peaks: UnsafeMutablePointer<Float>,
    sums: UnsafeMutablePointer<Float>, weighted: UnsafeMutablePointer<Float>, channels: Int, scale: Float)
  /// y = (x − mean) / √(variance + epsilon) · weight + bias over one row, with the biased variance of torch's LayerNorm.
  ///
  /// `x` and `y` may be the same memory.
  static func layerNorm(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, weight: UnsafePointer<Float>,
    bias: UnsafePointer<Float>, epsilon: Float)
  /// y = value · gelu(gate): the two halves of a GEGLU row.
  static func geglu(
    value: UnsafePointer<Float>, gate: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int)
  /// y = silu(gate) · value: the two halves of a SwiGLU row.
  static func swiglu(
    gate: UnsafePointer<Float>, value: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int)
  /// y = a + t · (b − a): one row of a bilinear resampling from its two source rows.
  static func interpolate(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, t: Float)

  // MARK: Images

  /// y = f(x · factor + addend) for every channel of a run of pixels, f the identity or SiLU.
  ///
  /// - Shapes: `x` [pixels, channels], rows `xStride` apart; `y` [pixels, yStride], with zeros past the channels.
  /// - Parameter factor: [channels]; nil copies `x`.
  static func activate(
    _ x: UnsafePointer<Float>, xStride: Int, pixels: Int, channels: Int, factor: UnsafePointer<Float>?,
    addend: UnsafePointer<Float>?, appliesSiLU: Bool, to y: UnsafeMutablePointer<Float>, yStride: Int)
  /// sums[i] += x[i] and squares[i] += x[i]² in Double, element by element: the first two moments of a group of rows.
  static func moments(
    _ x: UnsafePointer<Float>, sums: UnsafeMutablePointer<Double>, squares: UnsafeMutablePointer<Double>, count: Int)

  /// Bᵀ d B for the n×n inputs of one tile; see `WinogradTile`.
  ///
  /// - Parameters:
  ///   - d: the tile's first pixel; pixels `pixelStride` elements apart, rows of pixels `rowStride`.
  ///   - channels: a multiple of the lanes.
  ///   - scratch: n·n vectors.
  ///   - v: this tile's row in the first plane.
  static func winogradInput(
    _ tiling: WinogradTiling, _ d: UnsafePointer<Float>, rowStride: Int, pixelStride: Int, channels: Int,
    scratch: UnsafeMutablePointer<Float>, to v: UnsafeMutablePointer<Float>, planeStride: Int)
  /// G g Gᵀ for one input channel; see `WinogradTile`.
  ///
  /// - Shapes: `g` [3·3, outputs], `u` [outputs] in each plane; outputs a multiple of the lanes.
  /// - Parameter scratch: 3·n vectors.
  static func winogradFilter(
    _ tiling: WinogradTiling, _ g: UnsafePointer<Float>, outputs: Int, scratch: UnsafeMutablePointer<Float>,
    to u: UnsafeMutablePointer<Float>, planeStride: Int)
  /// Aᵀ m A for the m×m outputs of one tile, with bias and addend, as far as they lie within the image; see `WinogradTile`.
  ///
  /// - Shapes: `m` [channels] in each plane, readable up to a multiple of the lanes; `bias` [channels]; `addend` and `y`
  ///   as the image: pixels `pixelStride` elements apart, rows of pixels `rowStride`.
  /// - Parameters:
  ///   - rows: rows of the tile that lie within the image; `columns` likewise.
  ///   - scratch: (n + 1)·m vectors.
  static func winogradOutput(
    _ tiling: WinogradTiling, _ m: UnsafePointer<Float>, planeStride: Int, channels: Int,
    scratch: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>?, addend: UnsafePointer<Float>?,
    to y: UnsafeMutablePointer<Float>, rowStride: Int, pixelStride: Int, rows: Int, columns: Int)

  /// The weights of the neighbors of `affinityBlock` pixels of one row.
  ///
  /// logit_j = −⅓ Σ_c |x_c − x_c(j)| / (ε + σ_c / 10), weights = softmax over j. σ_c is the standard deviation, divisor n − 1,
  /// over n = 9/8 · taps samples: the neighbors, and the pixel itself once for every eight of them. Samples enter as their
  /// differences to the pixel: a ninth of these is zero, so the one-pass variance loses less than four bits.
  ///
  /// - Parameters:
  ///   - image: the block's first column in row 0 of the first of three planes, `planeStride` elements apart.
  ///   - row: from there to the pixels' row.
  ///   - offsets: from there to each neighbor of the first pixel.
  ///   - weights: [panels, taps, affinityPanel].
  static func localAffinity(
    _ image: UnsafePointer<Float>, planeStride: Int, row: Int, offsets: UnsafePointer<Int>, taps: Int, epsilon: Float,
    to weights: UnsafeMutablePointer<Float>)
  /// target_m = Σ_j weight_j · source_m(neighbor j) for every mask m, over `affinityBlock` pixels of one row.
  ///
  /// Each sum is one chain over j and does not depend on the other masks.
  ///
  /// - Parameters:
  ///   - weights: [panels, taps, affinityPanel].
  ///   - offsets: from a mask's source to each neighbor of the first pixel.
  ///   - sources: of each mask, the block's first column in row 0; `targets` likewise.
  ///   - row: from a target to the pixels' row.
  ///   - floor: averages below it become 0.
  ///   - peaks: [masks, lanes], raised to the largest averages.
  static func averageNeighbors(
    weights: UnsafePointer<Float>, offsets: UnsafePointer<Int>, taps: Int,
    sources: UnsafePointer<UnsafePointer<Float>>, targets: UnsafePointer<UnsafeMutablePointer<Float>>, masks: Int,
    row: Int, floor: Float, peaks: UnsafeMutablePointer<Float>)

  // MARK: Graphs

  /// xᵀy, in an order that the instruction set and the length determine.
  static func dot(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, count: Int) -> Double
  /// y ← y + alpha·x.
  static func axpy(_ alpha: Double, _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, count: Int)
  /// c[r] = xᵀ(row r) for all rows of a matrix. The order of a row's sum does not depend on the other rows.
  static func basisProducts(
    _ rows: UnsafePointer<Double>, rows count: Int, length: Int, _ x: UnsafePointer<Double>,
    _ c: UnsafeMutablePointer<Double>)
  /// x ← x − Σ_r c[r]·(row r).
  static func subtractCombination(
    _ rows: UnsafePointer<Double>, rows count: Int, length: Int, _ c: UnsafePointer<Double>,
    _ x: UnsafeMutablePointer<Double>)
  /// y ← y + the part of W·x that some groups of stored rows contribute, for a matrix W stored as in `SymmetricTensor`.
  ///
  /// Row i contributes to y[i]. Its elements left of the diagonal block are column i as well and contribute to y[j]. Every
  /// element is read once for two products.
  ///
  /// - Shapes: `w` the whole matrix; `x`, `y` [a multiple of 16], zeros in x past the dimension.
  static func multiplySymmetric(
    _ w: UnsafePointer<Float>, first: Int, last: Int, _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>)
  /// s_i ← s_i + Σ W_ij over the j with a key less than that of i, for all i at once.
  ///
  /// - Shapes: `w` the whole matrix; `keys`, `sums` [a multiple of 16], no two keys of the matrix equal, those past
  ///   the dimension arbitrary numbers.
  static func sumPreceding(
    _ w: UnsafePointer<Float>, groups: Int, _ keys: UnsafePointer<Double>, _ sums: UnsafeMutablePointer<Double>)
  /// y = max((x − minimum) / range, floor) rounded to Float, raised to a positive integer power in Double, rounded to Float.
  static func scaledPower(
    _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Float>, count: Int, minimum: Double, range: Double,
    floor: Double, exponent: Int)
}
