/// Makes text safe to show: what could move the cursor, colour the screen or reorder letters becomes visible.
///
/// C0 and C1 controls, DEL, line and paragraph separators and the bidirectional overrides and isolates (Unicode
/// Annex 9) become `\u{1B}` and the like. A tab becomes `\t` and a newline `\n`, or stays where
/// text of several lines was asked for.
package func escapeControls(_ text: String, keepingNewlines: Bool = false) -> String {
    if isPlain(text.utf8) { return text }
    guard text.unicodeScalars.contains(where: isUnsafeToShow) else { return text }
    var escaped = ""
    for scalar in text.unicodeScalars {
        if scalar == "\n" {
            escaped += keepingNewlines ? "\n" : "\\n"
        } else if scalar == "\t" {
            escaped += "\\t"
        } else if isUnsafeToShow(scalar) {
            escaped += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        } else {
            escaped.unicodeScalars.append(scalar)
        }
    }
    return escaped
}

/// Whether a character can change how a terminal shows the text around it.
func isUnsafeToShow(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
}
