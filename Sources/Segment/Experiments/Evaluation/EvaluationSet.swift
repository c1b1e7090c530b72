// SPDX-License-Identifier: Apache-2.0

/// How a photograph and its labels become what is compared.
public enum EvaluationProtocol: String, CaseIterable, Sendable {
  /// The authors': a square of the photograph on a 128×128 grid, void as background, ADE20K's values as they are.
  case paper
  /// The whole photograph at its own size, void not scored, ADE20K's values less one.
  case strict
}

/// What label files of a set hold.
public struct EvaluationSet: Equatable, Sendable {
  /// The sets of the paper.
  public enum Name: String, CaseIterable, Sendable {
    case voc, context
    case cocoObject = "coco-object"
    case cocoStuff27 = "coco-stuff-27"
    case cityscapes, ade20k
  }

  /// One for each class of the final match; with a background it is the last.
  public let classNames: [String]
  public let hasBackground: Bool
  public let mapping: LabelMapping

  public var classCount: Int { classNames.count }

  /// - Parameters:
  ///   - name: one of the paper's sets.
  ///   - protocol: how void, background and numbers of classes are scored.
  ///   - keepsBorders: voc: the files are VOC's own, with 0 for background and 255 for borders of objects, in place of
  ///     prepared ones, in which both are 255.
  public init(_ name: Name, following protocol: EvaluationProtocol, keepsBorders: Bool = false) {
    let (background, ignored) = (LabelMapping.background, LabelMapping.ignored)
    let isStrict = `protocol` == .strict
    switch name {
    case .voc where keepsBorders:
      // Preparation makes 255 of both, so that the paper scores borders as background.
      self.init(
        objects: PascalClasses.objects, firstValue: 1, others: [0: background, 255: isStrict ? ignored : background],
        expected: "0 to 20 or 255")
    case .voc:
      self.init(objects: PascalClasses.objects, firstValue: 0, others: [255: background], expected: "0 to 19 or 255")
    case .context:
      self.init(objects: PascalClasses.context, firstValue: 0, others: [255: background], expected: "0 to 58 or 255")
    case .cocoObject:
      let objects = COCOClasses.objects
      var classes: [Int32: Int32] = [COCOClasses.void: isStrict ? ignored : background]
      for value in COCOClasses.fine.indices.map({ Int32($0) }) where !COCOClasses.things.contains(value) {
        classes[value] = background
      }
      for (index, object) in objects.enumerated() { classes[object.value] = Int32(index) }
      self.init(
        classNames: objects.map(\.name) + [Self.backgroundName], hasBackground: true,
        mapping: LabelMapping(classes, expected: "one of COCO's 80 things, 91 to 181 or 255"))
    case .cocoStuff27:
      var classes: [Int32: Int32] = [COCOClasses.void: ignored]
      for (value, row) in COCOClasses.fine.enumerated() { classes[Int32(value)] = row.coarse }
      self.init(
        classNames: COCOClasses.coarseNames, hasBackground: false,
        mapping: LabelMapping(classes, expected: "0 to 181 or 255"))
    case .cityscapes:
      let first = SceneClasses.firstOfCityscapes
      var classes: [Int32: Int32] = [:]
      for value in 0..<first { classes[value] = ignored }
      for index in SceneClasses.cityscapes.indices { classes[first + Int32(index)] = Int32(index) }
      self.init(
        classNames: SceneClasses.cityscapes, hasBackground: false,
        mapping: LabelMapping(classes, expected: "0 to 33, as in labelIds"))
    case .ade20k where isStrict:
      var classes: [Int32: Int32] = [0: ignored, 255: ignored]
      for index in SceneClasses.ade20k.indices { classes[Int32(index + 1)] = Int32(index) }
      self.init(
        classNames: SceneClasses.ade20k, hasBackground: false,
        mapping: LabelMapping(classes, expected: "0 to 150 or 255"))
    case .ade20k:
      // Reference behavior: 0, the value of unlabeled pixels, counts as one of 150 classes. The last class never counts.
      var classes: [Int32: Int32] = [150: ignored, 255: ignored]
      for value in 0..<Int32(150) { classes[value] = value }
      self.init(
        classNames: ["(other)"] + SceneClasses.ade20k.dropLast(), hasBackground: false,
        mapping: LabelMapping(classes, expected: "0 to 150 or 255"))
    }
  }

  /// Any set whose files hold classes from 0 and 255 for void.
  ///
  /// - Parameters:
  ///   - classNames: one for each class, in the order of their numbers.
  ///   - hasBackground: void is scored, as a class of its own behind the others.
  public init(classNames: [String], hasBackground: Bool) {
    var classes: [Int32: Int32] = [255: hasBackground ? LabelMapping.background : LabelMapping.ignored]
    for index in classNames.indices { classes[Int32(index)] = Int32(index) }
    self.init(
      classNames: classNames + (hasBackground ? [Self.backgroundName] : []), hasBackground: hasBackground,
      mapping: LabelMapping(classes, expected: "0 to \(classNames.count - 1) or 255"))
  }

  private static let backgroundName = "background"

  private init(classNames: [String], hasBackground: Bool, mapping: LabelMapping) {
    self.classNames = classNames
    self.hasBackground = hasBackground
    self.mapping = mapping
  }

  /// A set with a background, whose classes have consecutive values.
  private init(objects: [String], firstValue: Int32, others: [Int32: Int32], expected: String) {
    var classes = others
    for index in objects.indices { classes[firstValue + Int32(index)] = Int32(index) }
    self.init(
      classNames: objects + [Self.backgroundName], hasBackground: true,
      mapping: LabelMapping(classes, expected: expected))
  }
}
