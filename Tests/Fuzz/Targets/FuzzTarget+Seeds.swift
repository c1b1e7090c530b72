// SPDX-License-Identifier: Apache-2.0
import Segment
import Tensor
import TestSupport

/// What mutations begin from: small files of `fixtures`, and texts.
extension FuzzTarget {
  package var seeds: [[UInt8]] {
    get throws {
      switch self {
      case .inflate: try Self.files(in: "png/zlib", endings: [".z"], limit: 4500)
      case .jpeg: try Self.files(in: "jpeg", endings: [".jpg"], limit: 1100)
      case .png: try Self.files(in: "png", endings: [".png"], limit: 3000)
      case .pnm: try Self.files(in: "pnm", endings: [".pbm", ".pgm", ".ppm", ".pam"], limit: 3000)
      case .npy: try Self.files(in: "npy", endings: [".npy"], limit: 2000)
      case .safetensors: try [Fixture.bytes("kernels/types.safetensors"), Self.encodedImage()] + Self.indexes
      case .checkpoint: [MinimalModel.packedHeader, MinimalModel.transformerHeader].map { Array($0.utf8) }
      case .config:
        (MinimalModel.configurations + MinimalModel.transformerConfigurations).enumerated().map {
          [UInt8($0.offset)] + Array($0.element.1.utf8)
        }
      case .index: [Array(MinimalModel.index.utf8)]
      case .arguments, .curve, .json, .list, .manifest, .merge, .patches, .record: texts.map { Array($0.utf8) }
      }
    }
  }

  private static func files(in folder: String, endings: [String], limit: Int) throws -> [[UInt8]] {
    try Directory.names(in: Fixture.path(folder)).filter { name in endings.contains(where: name.hasSuffix) }
      .map { try Fixture.bytes("\(folder)/\($0)") }.filter { $0.count <= limit }
  }

  /// Features whose nodes are every second cell, with the settings of their graph.
  private static func encodedImage() throws -> [UInt8] {
    let cells = try FeatureMap(grid: Grid(height: 2, width: 3), channels: 1, values: [1, 0.1, 2, 3, 4, 5])
    let graph = GraphOptions(alpha: 30, floor: 0.1, nodeStride: 2)
    return EncodedImage(cells, graph: graph, defaultTau: 0.25, encoder: "e").encoded()
  }

  /// A feature map, and goldens of each kind.
  private static let indexes: [[UInt8]] = [
    (#""grid":"2x2""#, "features", "[4,2]", 32),
    (##""grid":"1x1","tau":"0.5","alpha":"10","cuts":"0","mask":"1x1""##, "features", "[1,8]", 32),
    (##""image":"a.png","crop":"0,0,2,2","grid":"2x2""##, "features", "[4,2]", 32),
    (
      ##""model":"m","image":"a.png","grid":"2x2","width":"2","depth":"1","stages":"features","features.shape":"2,2,2""##,
      "features", "[2,2,2]", 32
    ),
    (
      ##""model":"m","image":"a.png","size":"64","timestep":"50","seed":"42","stages":"features","features.shape":"2,2,2""##,
      "features", "[2,2,2]", 32
    ),
  ].map { metadata, name, shape, byteCount in
    let text =
      "{\"__metadata__\":{\(metadata)},\"\(name)\":{\"dtype\":\"F32\",\"shape\":\(shape),\"data_offsets\":[0,\(byteCount)]}}"
    let length = (0..<8).map { UInt8(truncatingIfNeeded: text.utf8.count >> (8 * $0)) }
    return length + Array(text.utf8) + [UInt8](repeating: 0x3C, count: byteCount)
  }

  private var texts: [String] {
    switch self {
    case .arguments:
      [
        "segment\0-r\0photos\0--tau=0.5\0-o\0out\0--memory\08G\0--shard\03/16\0--min-area\00.1%",
        "segment\0-qvtn\0--size\01024\0-f\0labels,coco\0--name\0{dir}/{stem}.{kind}.{ext}\0--\0-a.png",
        "sweep\0--tau\00.05:0.95:0.05\0--alpha\01,2.5e1,1e-3:2e-3:1e-4\0--timestep\01,50\0a.npy",
        "cut\0features.npy\0--grid\032x32\0--pixels\0128x128\0--method\0kmeans\0--k\06\0--alphas\01,5,10",
        "refine\0a.png\0b.png\0--iterations\010\0--dilations\01,2,4\0--size\0own\0-o\0c.png",
        "eval\0--dataset\0voc\0--root\0.\0--shards\08\0--shard\0auto", "completions\0zsh", "help\0--man",
      ]
    case .curve:
      [
        "fpr,tpr\n0,0\n0.25,0.5\n1,1\n", "threshold,fpr,tpr\r\ninf,0,0\r\n0.5,1e-3,0.75\r\n-1,1,1\r\n", Self.coherence,
      ]
    case .json:
      [
        #"{"a":[1,-2.5e3,true,false,null],"b":{"c":"\u00e9\ud83d\ude00\n"},"":[[],{}]}"#, "[[[[[[[[1]]]]]]]]", "1e308",
        #""\\\"\/\b\f\n\r\t\u0041""#, "-0.0", "9223372036854775808",
      ]
    case .list: ["a\nb.jpg\r\n  c.png  \n\nd\n", "\u{feff}é\u{2028}b\n"]
    case .manifest:
      [
        "photos/a.jpg\nphotos/b.png\r\n./c\n\n/d/../e.jpg\n", "\u{feff}é.jpg\n",
        "{\"id\":\"a/1\",\"path\":\"photos/1.jpg\"}\n{\"id\":7,\"path\":\"2.jpg\"}\n{\"path\":\"../3.jpg\",\"id\":null}\n",
        "\0a.jpg\0b\n.jpg\0",
      ]
    case .merge: [Self.report, Self.annotations, Self.panoptic, Self.sums, Self.sweep, Self.covering]
    case .patches:
      [
        #"{"id":"a","features":"a.npy","labels":"a.png"}"#,
        #"{"features":"b/1.safetensors","labels":"1.npy"}"# + "\r\n \n" + #"{"id":7,"labels":"c","features":""}"#,
      ]
    case .record: [Self.completion]
    case .checkpoint, .config, .index, .inflate, .jpeg, .npy, .png, .pnm, .safetensors: []
    }
  }

  private static let report = """
    {"v":1,"id":"a.ppm","status":"ok","width":9,"height":9,"config_hash":"0b8fb007c486e18d","ms":{"total":8}}
    {"v":1,"id":"b.ppm","status":"error","code":"decode","message":"the PNG file is truncated","retryable":false}
    {"v":1,"id":"b.ppm","status":"skipped","config_hash":"0b8fb007c486e18d"}

    """

  private static let completion =
    #"{"v":1,"config_hash":"0b8fb007c486e18d","input":{"name":"a.ppm","bytes":256,"xxh64":"ef46db3751d8e999"},"#
    + #""width":9,"height":9,"orientation":1,"segments":2,"outputs":{"labels":{"files":[{"name":"a.labels.png","#
    + #""bytes":81,"xxh64":"0123456789abcdef"}]},"coco":{"files":[],"part":{"name":"p","bytes":0,"xxh64":"0"}}}}"#
    + "\n"

  private static let beginning =
    #"{"info":{"description":"Segments found by diffcut","version":"1.0"},"licenses":[],"images":["# + "\n"
  private static let annotations =
    beginning + """
      {"id":1,"width":9,"height":9,"file_name":"a.jpg"},
      {"id":2,"width":9,"height":9,"file_name":"b.jpg"}
      ],"annotations":[
      {"id":1,"image_id":1,"category_id":1,"segmentation":{"size":[9,9],"counts":"051O0"},"area":71,"bbox":[0,0,9,9]},
      {"id":2,"image_id":2,"category_id":1,"area":3,"bbox":[1,1,7,4],"iscrowd":0}
      ],"categories":[{"id":1,"name":"segment","supercategory":"segment"}]}

      """
  private static let panoptic =
    beginning + """
      {"id":1,"width":9,"height":9,"file_name":"a.jpg"}
      ],"annotations":[
      {"image_id":1,"file_name":"a.panoptic.png","segments_info":[{"id":1,"category_id":1,"area":71}]}
      ],"categories":[{"id":1,"name":"segment","supercategory":"segment","isthing":1,"color":[128,0,0]}]}

      """

  private static let evaluation =
    #"{"kind":"diffcut evaluation sums","v":1,"dataset":"folder","protocol":"paper","source":"s","settings":"0b8f","#
    + #""classes":["a","b"],"images":["1","2"],"pixels":12,"tp":[3,4],"fp":[1,0],"fn":[2,3]"#
  private static let sums = evaluation + "}\n"
  private static let sweep = [0.25, 0.5].map { tau in
    evaluation + ",\"sweep\":{\"alpha\":10.0,\"tau\":\(tau),\"timestep\":50,\"segments\":7}}\n"
  }.joined()
  private static let covering =
    #"{"kind":"diffcut segmentation covering","v":1,"source":"s","settings":"0b8f","images":["a","b"],"#
    + #""annotations":[1,5],"covering":[0.5,1],"segments":[3,9]}"# + "\n"
  private static let coherence: String = {
    let counts = (0..<4096).map { "\($0 % 7)" }.joined(separator: ",")
    return #"{"kind":"diffcut coherence sums","v":1,"dataset":"labels","protocol":"strict","source":"s","across":1,"#
      + "\"settings\":\"0b8f\",\"images\":[\"a\",\"b\"],\"positives\":[\(counts)],\"negatives\":[\(counts)]}\n"
  }()
}
