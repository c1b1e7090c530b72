// SPDX-License-Identifier: Apache-2.0
import Experiments
import Segment
import TestSupport
import Testing

@Suite struct EvaluationSetTests {
  private static let counts: [(EvaluationSet.Name, Int, Bool)] = [
    (.voc, 21, true), (.context, 60, true), (.cocoObject, 81, true), (.cocoStuff27, 27, false),
    (.cityscapes, 27, false), (.ade20k, 150, false),
  ]

  @Test(arguments: EvaluationProtocol.allCases)
  func everyClassHasAValue(protocol: EvaluationProtocol) {
    for (name, count, hasBackground) in Self.counts {
      let set = EvaluationSet(name, following: `protocol`)
      #expect(set.classCount == count && set.hasBackground == hasBackground && Set(set.classNames).count == count)
      let classes = Set((0...255).compactMap { set.mapping[$0] })
      let wanted = Set((0..<Int32(hasBackground ? count - 1 : count)))
      #expect(classes.subtracting([LabelMapping.background, LabelMapping.ignored]) == wanted, "\(name)")
      #expect(set.mapping[-1] == nil && set.mapping[256] == nil)
    }
  }

  private static let background: Int32 = LabelMapping.background
  private static let ignored: Int32 = LabelMapping.ignored

  @Test(arguments: [
    (EvaluationSet.Name.voc, EvaluationProtocol.paper, Int32(0), "aeroplane"), (.voc, .paper, 19, "tvmonitor"),
    (.context, .paper, 58, "wood piece"), (.cocoObject, .paper, 0, "person"),
    (.cocoObject, .paper, 13, "parking meter"),
    (.cocoObject, .strict, 89, "toothbrush"), (.cocoStuff27, .paper, 0, "person-things"),
    (.cocoStuff27, .paper, 119, "water-stuff"), (.cocoStuff27, .strict, 181, "solid-stuff"),
    (.cityscapes, .paper, 7, "road"), (.cityscapes, .paper, 33, "bicycle"), (.ade20k, .paper, 0, "(other)"),
    (.ade20k, .paper, 1, "wall"), (.ade20k, .strict, 1, "wall"), (.ade20k, .strict, 150, "flag"),
  ])
  func valuesHaveTheirNames(name: EvaluationSet.Name, protocol: EvaluationProtocol, value: Int32, expected: String)
    throws
  {
    let set = EvaluationSet(name, following: `protocol`)
    #expect(set.classNames[Int(try #require(set.mapping[value]))] == expected)
  }

  @Test(arguments: [
    (EvaluationSet.Name.voc, EvaluationProtocol.paper, Int32(255), background as Int32?), (.voc, .paper, 20, nil),
    (.context, .strict, 255, background), (.context, .paper, 59, nil), (.cocoObject, .paper, 255, background),
    (.cocoObject, .strict, 255, ignored), (.cocoObject, .paper, 91, background), (.cocoObject, .paper, 11, nil),
    (.cocoObject, .paper, 90, nil), (.cocoStuff27, .paper, 255, ignored), (.cocoStuff27, .paper, 182, nil),
    (.cityscapes, .paper, 6, ignored), (.cityscapes, .paper, 34, nil), (.ade20k, .paper, 150, ignored),
    (.ade20k, .paper, 151, nil), (.ade20k, .strict, 0, ignored),
  ])
  func otherValues(name: EvaluationSet.Name, protocol: EvaluationProtocol, value: Int32, expected: Int32?) {
    #expect(EvaluationSet(name, following: `protocol`).mapping[value] == expected)
  }

  @Test func ownFilesOfVOCTellBordersFromBackground() {
    let paper = EvaluationSet(.voc, following: .paper, keepsBorders: true).mapping
    #expect(paper[0] == Self.background && paper[255] == Self.background && paper[1] == 0 && paper[20] == 19)
    let strict = EvaluationSet(.voc, following: .strict, keepsBorders: true).mapping
    #expect(strict[0] == Self.background && strict[255] == Self.ignored && strict[21] == nil)
  }

  @Test func anUnknownValueIsNamedWithItsPlace() throws {
    let set = EvaluationSet(classNames: ["a", "b"], hasBackground: true)
    #expect(set.classNames == ["a", "b", "background"])
    #expect(try set.mapping(LabelMap(height: 1, width: 3, labels: [0, 1, 255])).labels == [0, 1, -1])
    let bad = LabelMap(height: 2, width: 2, labels: [0, 1, 1, 7])
    let expected = EvaluationError.unknownLabel(7, row: 1, column: 1, expected: "0 to 1 or 255")
    #expect(throws: expected) { try set.mapping(bad) }
    #expect("\(expected)" == "label 7 at row 1, column 1, expected 0 to 1 or 255; check the dataset and its labels")
  }
}
