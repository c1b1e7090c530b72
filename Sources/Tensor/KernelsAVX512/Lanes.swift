// SPDX-License-Identifier: Apache-2.0
import Kernels

typealias F = FusedFloat16Lanes
typealias D = FusedDouble8Lanes
typealias Tile = TallTile
