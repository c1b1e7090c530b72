// SPDX-License-Identifier: Apache-2.0

/// The classes of COCO-Stuff, and the two sets that are made of them.
///
/// A pixel's value is COCO-Stuff's id − 1: 0 … 90 things, 91 … 181 stuff, 255 void.
///
/// - Source: H. Caesar et al., "COCO-Stuff: Thing and Stuff Classes in Context", CVPR 2018; the 27 classes as X. Ji et al.,
///   "Invariant Information Clustering", ICCV 2019, and those after them use them.
enum COCOClasses {
  static let void: Int32 = 255

  /// The 27 classes: 12 of things, 15 of stuff.
  static let coarseNames = [
    "electronic-things", "appliance-things", "food-things", "furniture-things", "indoor-things", "kitchen-things",
    "accessory-things", "animal-things", "outdoor-things", "person-things", "sports-things", "vehicle-things",
    "ceiling-stuff", "floor-stuff", "food-stuff", "furniture-stuff", "rawmaterial-stuff", "textile-stuff",
    "wall-stuff", "window-stuff", "building-stuff", "ground-stuff", "plant-stuff", "sky-stuff", "solid-stuff",
    "structural-stuff", "water-stuff",
  ]

  /// Things that no image of COCO 2017 has: they are no classes of COCO-Object.
  static let unusedThings: Set<Int32> = [11, 25, 28, 29, 44, 65, 67, 68, 70, 82, 90]
  static let things: ClosedRange<Int32> = 0...90

  /// COCO-Object's classes in order: the things that are used.
  static var objects: [(value: Int32, name: String)] {
    fine.enumerated().map { (Int32($0.offset), $0.element.name) }
      .filter { things.contains($0.0) && !unusedThings.contains($0.0) }
  }

  /// Name and class among the 27 of every value from 0 on.
  static let fine: [(name: String, coarse: Int32)] = table.split(separator: "\n").map { line in
    let parts = line.split(separator: " ", maxSplits: 1)
    return (String(parts[1]), Int32(parts[0]) ?? LabelMapping.ignored)
  }

  /// The class among the 27, and the name, of the values 0 … 181 in order.
  private static let table = """
    9 person
    11 bicycle
    11 car
    11 motorcycle
    11 airplane
    11 bus
    11 train
    11 truck
    11 boat
    8 traffic light
    8 fire hydrant
    8 street sign
    8 stop sign
    8 parking meter
    8 bench
    7 bird
    7 cat
    7 dog
    7 horse
    7 sheep
    7 cow
    7 elephant
    7 bear
    7 zebra
    7 giraffe
    6 hat
    6 backpack
    6 umbrella
    6 shoe
    6 eye glasses
    6 handbag
    6 tie
    6 suitcase
    10 frisbee
    10 skis
    10 snowboard
    10 sports ball
    10 kite
    10 baseball bat
    10 baseball glove
    10 skateboard
    10 surfboard
    10 tennis racket
    5 bottle
    5 plate
    5 wine glass
    5 cup
    5 fork
    5 knife
    5 spoon
    5 bowl
    2 banana
    2 apple
    2 sandwich
    2 orange
    2 broccoli
    2 carrot
    2 hot dog
    2 pizza
    2 donut
    2 cake
    3 chair
    3 couch
    3 potted plant
    3 bed
    3 mirror
    3 dining table
    3 window
    3 desk
    3 toilet
    3 door
    0 tv
    0 laptop
    0 mouse
    0 remote
    0 keyboard
    0 cell phone
    1 microwave
    1 oven
    1 toaster
    1 sink
    1 refrigerator
    1 blender
    4 book
    4 clock
    4 vase
    4 scissors
    4 teddy bear
    4 hair drier
    4 toothbrush
    4 hair brush
    17 banner
    17 blanket
    22 branch
    20 bridge
    20 building-other
    22 bush
    15 cabinet
    25 cage
    16 cardboard
    13 carpet
    12 ceiling-other
    12 ceiling-tile
    17 cloth
    17 clothes
    23 clouds
    15 counter
    15 cupboard
    17 curtain
    15 desk-stuff
    21 dirt
    15 door-stuff
    25 fence
    13 floor-marble
    13 floor-other
    13 floor-stone
    13 floor-tile
    13 floor-wood
    22 flower
    26 fog
    14 food-other
    14 fruit
    15 furniture-other
    22 grass
    21 gravel
    21 ground-other
    24 hill
    20 house
    22 leaves
    15 light
    17 mat
    16 metal
    15 mirror-stuff
    22 moss
    24 mountain
    21 mud
    17 napkin
    25 net
    16 paper
    21 pavement
    17 pillow
    22 plant-other
    16 plastic
    21 platform
    21 playingfield
    25 railing
    21 railroad
    26 river
    21 road
    24 rock
    20 roof
    17 rug
    14 salad
    21 sand
    26 sea
    15 shelf
    23 sky-other
    20 skyscraper
    21 snow
    24 solid-other
    15 stairs
    24 stone
    22 straw
    25 structural-other
    15 table
    20 tent
    17 textile-other
    17 towel
    22 tree
    14 vegetable
    18 wall-brick
    18 wall-concrete
    18 wall-other
    18 wall-panel
    18 wall-stone
    18 wall-tile
    18 wall-wood
    26 water-other
    26 waterdrops
    19 window-blind
    19 window-other
    24 wood
    """
}
