// SPDX-License-Identifier: Apache-2.0
import Kernels

typealias F = FusedFloat8Lanes
typealias D = FusedDouble4Lanes
typealias Tile = ShortTile
