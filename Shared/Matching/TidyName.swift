/// A name as it is kept: what can't be seen in it would make two names of one that look the same, and find neither.
package enum TidyName {
    /// White space of any kind and control characters become one blank between words; format characters are dropped, but
    /// those that join the parts of letters and pictures.
    package static func tidied(_ name: String) -> String {
        // Asking Unicode about each letter would take most of an import's time.
        if isPlainlyTidy(name) { return name }
        var tidied = String.UnicodeScalarView()
        for scalar in name.unicodeScalars {
            let category = scalar.properties.generalCategory
            if scalar.properties.isWhitespace || category == .control {
                if let last = tidied.last, last != " " { tidied.append(" ") }
            } else if category != .format || scalar == "\u{200C}" || scalar == "\u{200D}" {
                tidied.append(scalar)
            }
        }
        if tidied.last == " " { tidied.removeLast() }
        return String(tidied)
    }

    /// Whether these are letters that can be seen, with one blank between words.
    private static func isPlainlyTidy(_ name: String) -> Bool {
        let blank = UInt8(ascii: " ")
        var last = blank
        for byte in name.utf8 {
            guard (blank...UInt8(ascii: "~")).contains(byte), byte != blank || last != blank else { return false }
            last = byte
        }
        return last != blank || name.isEmpty
    }
}
