// SPDX-License-Identifier: Apache-2.0
import Tensor

/// A JSON value whose members keep their order, for writing.
package indirect enum OrderedJSON: Equatable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([OrderedJSON])
  case object([Member])

  package struct Member: Equatable, Sendable {
    package let key: String
    package let value: OrderedJSON
  }

  static func integers(_ values: [Int]) -> OrderedJSON { .array(values.map { .integer($0) }) }
  static func strings(_ values: [String]) -> OrderedJSON { .array(values.map { .string($0) }) }

  /// The text as Python's `json.dumps(value, indent=2)` has it: a line for every element, no empty array or object here.
  package func text(indentation: String = "") -> String {
    let inner = indentation + "  "
    return switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): jsonString(value)
    case .array(let elements):
      "[\n" + elements.map { inner + $0.text(indentation: inner) }.joined(separator: ",\n") + "\n\(indentation)]"
    case .object(let members):
      "{\n"
        + members.map { "\(inner)\(jsonString($0.key)): \($0.value.text(indentation: inner))" }.joined(separator: ",\n")
        + "\n\(indentation)}"
    }
  }
}

extension OrderedJSON: ExpressibleByDictionaryLiteral, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral
{
  package init(dictionaryLiteral elements: (String, OrderedJSON)...) {
    self = .object(elements.map { Member(key: $0.0, value: $0.1) })
  }
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }

  /// The members of one object after those of another; nothing after what is no object.
  static func + (first: OrderedJSON, second: OrderedJSON) -> OrderedJSON {
    guard case .object(let members) = first, case .object(let others) = second else { return first }
    return .object(members + others)
  }
}
