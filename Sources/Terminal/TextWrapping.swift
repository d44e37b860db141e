/// Breaks text at spaces so that no line is wider than asked, unless a single word is.
///
/// Newlines of the text stay. The first line begins with `first`, the others with `rest`; both count for the width,
/// which is in columns of a terminal.
package func wrap(_ text: String, width: Int, first: String = "", rest: String = "") -> [String] {
    var lines: [String] = []
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
        let words = paragraph.split(separator: " ").map(String.init)
        lines += wrap(words: words, width: width, first: lines.isEmpty ? first : rest, rest: rest, lineEnd: "")
    }
    return lines
}

/// Sets words on lines; a line that is continued ends with `lineEnd`, which counts for the width.
func wrap(words: [String], width: Int, first: String, rest: String, lineEnd: String) -> [String] {
    var lines: [String] = []
    var line = first
    var lineWidth = displayWidth(first)
    var isEmpty = true
    let endWidth = displayWidth(lineEnd)
    for (index, word) in words.enumerated() {
        let wordWidth = displayWidth(word)
        let reserve = index == words.count - 1 ? 0 : endWidth
        if !isEmpty, lineWidth + 1 + wordWidth + reserve > width {
            lines.append(line + lineEnd)
            line = rest
            lineWidth = displayWidth(rest)
            isEmpty = true
        }
        line += isEmpty ? word : " " + word
        lineWidth += isEmpty ? wordWidth : wordWidth + 1
        isEmpty = false
    }
    lines.append(isEmpty ? trimmingTrailingSpaces(line) : line)
    return lines
}

/// The text without the spaces at its end.
func trimmingTrailingSpaces(_ text: String) -> String {
    var rest = text[...]
    while rest.last == " " {
        rest.removeLast()
    }
    return String(rest)
}
