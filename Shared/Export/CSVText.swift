import SyncCore

/// Comma-separated text (RFC 4180), with line feeds alone at the ends of lines so that Unix tools read it.
///
/// An empty cell is null, `""` an empty text. A text that a spreadsheet would run as a formula, because it begins with
/// `=`, `+`, `-`, `@`, a tab or a line break, gets an apostrophe in front; so does one that begins with an apostrophe.
/// An import undoes this by dropping one apostrophe from the front of any text.
package enum CSVText {
    /// One line with its line feed.
    package static func line(_ cells: [Value]) -> String {
        var line = ""
        for index in cells.indices {
            if index > 0 { line += "," }
            append(cells[index], to: &line)
        }
        line += "\n"
        return line
    }

    /// One cell, quoted where it must be; bytes are written in base 16.
    package static func cell(_ value: Value) -> String {
        var cell = ""
        append(value, to: &cell)
        return cell
    }

    private static func append(_ value: Value, to line: inout String) {
        switch value {
        case .null: break
        case .integer(let number): line += String(number)
        case .real(let number): line += number.description
        case .text(let text): appendQuoted(guarded(text), to: &line)
        case .blob(let bytes): line += Base16.text(bytes)
        }
    }

    /// The text with an apostrophe in front where a spreadsheet might run it.
    package static func guarded(_ text: String) -> String {
        guard let first = text.utf8.first, isGuarded(first) else { return text }
        return "'" + text
    }

    private static func isGuarded(_ first: UInt8) -> Bool {
        switch first {
        case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), UInt8(ascii: "\t"),
            UInt8(ascii: "\r"), UInt8(ascii: "\n"), UInt8(ascii: "'"):
            true
        default: false
        }
    }

    /// The text as it was before `guarded`.
    package static func unguarded(_ text: String) -> String {
        guard text.unicodeScalars.first == "'" else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.dropFirst()))
    }

    private static func appendQuoted(_ text: String, to line: inout String) {
        guard needsQuotes(text) else { return line += text }
        line += "\""
        var rest = text[...]
        while let quote = rest.utf8.firstIndex(of: UInt8(ascii: "\"")) {
            line += rest[...quote]
            line += "\""
            rest = rest[rest.utf8.index(after: quote)...]
        }
        line += rest
        line += "\""
    }

    /// What must stand in quotes is found by single bytes, for all that matters is ASCII.
    private static func needsQuotes(_ text: String) -> Bool {
        let space = UInt8(ascii: " ")
        guard let first = text.utf8.first, first != space, text.utf8.last != space else { return true }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: "\n"), UInt8(ascii: "\r"): return true
            default: continue
            }
        }
        return false
    }
}

/// Bytes as hexadecimal digits in lower case (RFC 4648 section 8).
enum Base16 {
    static func text(_ bytes: [UInt8]) -> String {
        var text = ""
        for byte in bytes {
            text += String(byte >> 4, radix: 16) + String(byte & 0xF, radix: 16)
        }
        return text
    }
}
