import SyncCore

/// JSON (RFC 8259) on one line, always the same bytes for the same values.
package enum JSONText {
    /// One object in the order of its pairs, without white space and without a line end.
    package static func object(_ pairs: [(key: String, value: Value)]) -> String {
        "{" + pairs.map { "\(quoted($0.key)):\(value($0.value))" }.joined(separator: ",") + "}"
    }

    /// One value; bytes are written as text in base 16, reals that JSON has no number for as text.
    package static func value(_ value: Value) -> String {
        switch value {
        case .null: "null"
        case .integer(let number): String(number)
        case .real(let number): number.isFinite ? number.description : quoted(number.description)
        case .text(let text): quoted(text)
        case .blob(let bytes): quoted(Base16.text(bytes))
        }
    }

    /// A text in quotation marks; only what JSON demands is escaped.
    package static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20: result += "\\u00" + Base16.text([UInt8(scalar.value)])
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
