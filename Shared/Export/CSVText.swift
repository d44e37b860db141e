import SyncCore

/// Comma-separated text (RFC 4180), with line feeds alone at the ends of lines so that Unix tools read it.
///
/// An empty cell is null, `""` an empty text. A text that a spreadsheet would run as a formula, because it begins with
/// `=`, `+`, `-`, `@`, a tab or a line break, gets an apostrophe in front; so does one that begins with an apostrophe.
/// An import undoes this by dropping one apostrophe from the front of any text.
package enum CSVText {
    private static let guardedStarts: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "\r", "\n", "'"]

    /// One line with its line feed.
    package static func line(_ cells: [Value]) -> String {
        cells.map(cell).joined(separator: ",") + "\n"
    }

    /// One cell, quoted where it must be; bytes are written in base 16.
    package static func cell(_ value: Value) -> String {
        switch value {
        case .null: ""
        case .integer(let number): String(number)
        case .real(let number): number.description
        case .text(let text): quoted(guarded(text))
        case .blob(let bytes): Base16.text(bytes)
        }
    }

    /// The text with an apostrophe in front where a spreadsheet might run it.
    package static func guarded(_ text: String) -> String {
        guard let first = text.unicodeScalars.first, guardedStarts.contains(first) else { return text }
        return "'" + text
    }

    /// The text as it was before `guarded`.
    package static func unguarded(_ text: String) -> String {
        guard text.unicodeScalars.first == "'" else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.dropFirst()))
    }

    private static func quoted(_ text: String) -> String {
        let isPlain = text.unicodeScalars.allSatisfy { $0 != "\"" && $0 != "," && $0 != "\n" && $0 != "\r" }
        let hasSpaceAtEnd = text.utf8.first == UInt8(ascii: " ") || text.utf8.last == UInt8(ascii: " ")
        if isPlain, !hasSpaceAtEnd, !text.isEmpty { return text }
        var result = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" { result.unicodeScalars.append("\"") }
            result.unicodeScalars.append(scalar)
        }
        return result + "\""
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
