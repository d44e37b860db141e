import SyncCore

/// JSON (RFC 8259) on one line, always the same bytes for the same values.
package enum JSONText {
    /// One object in the order of its pairs, without white space and without a line end.
    package static func object(_ pairs: [(key: String, value: Value)]) -> String {
        object(keys: pairs.map { quoted($0.key) }, values: pairs.map(\.value))
    }

    /// One object whose keys are quoted already, as many as there are values.
    static func object(keys: [String], values: [Value]) -> String {
        var result = "{"
        for index in values.indices {
            if index > 0 { result += "," }
            result += keys[index]
            result += ":"
            append(values[index], to: &result)
        }
        result += "}"
        return result
    }

    /// One value; bytes are written as text in base 16, reals that JSON has no number for as text.
    package static func value(_ value: Value) -> String {
        var result = ""
        append(value, to: &result)
        return result
    }

    /// A text in quotation marks; only what JSON demands is escaped.
    package static func quoted(_ text: String) -> String { value(.text(text)) }

    private static func append(_ value: Value, to result: inout String) {
        switch value {
        case .null: result += "null"
        case .integer(let number): result += String(number)
        case .real(let number): result += number.isFinite ? number.description : quoted(number.description)
        case .text(let text):
            result += "\""
            appendEscaped(text, to: &result)
            result += "\""
        case .blob(let bytes): result += quoted(Base16.text(bytes))
        }
    }

    private static func appendEscaped(_ text: String, to result: inout String) {
        // Most texts have nothing to escape, and all that has to be is ASCII.
        guard !isPlain(text) else { return result += text }
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
    }

    private static func isPlain(_ text: String) -> Bool {
        for byte in text.utf8 where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
            return false
        }
        return true
    }
}
