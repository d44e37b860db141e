/// A JSON value (RFC 8259); objects keep the order of their members.
package enum JSONValue: Equatable, Sendable {
    /// A name and a value of an object.
    package struct Member: Equatable, Sendable {
        /// The name.
        package let name: String
        /// The value.
        package let value: JSONValue

        /// Makes a member.
        package init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// `null`.
    case null
    /// `true` or `false`.
    case boolean(Bool)
    /// A number without fraction and exponent.
    case integer(Int64)
    /// A number with fraction or exponent; what JSON can't hold, infinity and NaN, is written as null.
    case real(Double)
    /// Text.
    case string(String)
    /// Values in order.
    case array([JSONValue])
    /// Members in order; the parser takes no name twice.
    case object([Member])

    /// The value of the first member of that name, or nil.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// Text, or null where there is none.
    package init(_ text: String?) {
        self = text.map { .string($0) } ?? .null
    }

    /// A whole number.
    package init(_ number: Int) {
        self = .integer(Int64(number))
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Makes text.
    package init(stringLiteral value: String) { self = .string(value) }
    /// Makes a whole number.
    package init(integerLiteral value: Int64) { self = .integer(value) }
    /// Makes `true` or `false`.
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
    /// Makes `null`.
    package init(nilLiteral: ()) { self = .null }
    /// Makes an array.
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// Makes an object with its members in the order written.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
}

extension JSONValue {
    /// The value as JSON on one line.
    ///
    /// All controls, line separators and bidirectional overrides are escaped, so that it is safe on a terminal.
    package func encoded() -> String {
        var text = ""
        encode(into: &text)
        return text
    }

    private func encode(into text: inout String) {
        switch self {
        case .null: text += "null"
        case .boolean(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .real(let value): text += value.isFinite ? "\(value)" : "null"
        case .string(let value): Self.encode(value, into: &text)
        case .array(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += "," }
                value.encode(into: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                Self.encode(member.name, into: &text)
                text += ":"
                member.value.encode(into: &text)
            }
            text += "}"
        }
    }

    private static func encode(_ string: String, into text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            default:
                if isUnsafeToShow(scalar) {
                    let digits = String(scalar.value, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    text.unicodeScalars.append(scalar)
                }
            }
        }
        text += "\""
    }
}
