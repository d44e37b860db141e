import Terminal

/// The pictures of a page, as SVG in pixels: the letters keep their size on a telephone and on paper, and what is in
/// proportion is a share of whatever width there is.
enum ReportPicture {
    private static let barHeight = 40
    /// Before the first bar's words and below the last bar, in pixels.
    private static let lineHeight = 18
    /// Where the line of steps stands, in pixels from the left.
    private static let lineX = 44
    private static let textX = lineX + 18
    /// How many columns of letters fit beside the line on a screen of 360 pixels; a heading's are wider.
    private static let titleColumns = 28
    private static let textColumns = 30
    private static let mostTitleLines = 4
    private static let mostTextLines = 6
    /// How many columns of letters fit on a line of their own with the number behind them.
    private static let labelColumns = 30

    /// Lying bars, each below its label and its value.
    static func bars(_ bars: [Report.Bar], title: String) -> String {
        let greatest = max(1, bars.compactMap(\.value).max() ?? 1)
        var shapes = ""
        for (index, bar) in bars.enumerated() {
            let top = index * barHeight
            shapes += """
                <text x="0" y="\(top + 14)"><tspan class="label">\(escaped(cut(bar.label, labelColumns)))</tspan>\
                <tspan dx="8">\(escaped(bar.words))</tspan></text>
                <rect class="bar\(bar.value == nil ? " hidden" : "")" x="1" y="\(top + 20)" \
                width="\(share(of: bar.value ?? 1, greatest))%" height="12" rx="2"/>

                """
        }
        return svg(title, height: bars.count * barHeight + 4, shapes)
    }

    /// Steps one below the other, with a line from each to what it led on to.
    static func path(_ steps: [Report.Step], title: String) -> String {
        var words = ""
        var tops: [Int] = []
        var y = lineHeight
        for step in steps {
            tops.append(y)
            var lines: [(kind: String, text: String)] = step.day.isEmpty ? [] : [("label", step.day)]
            lines += set(step.title, titleColumns, most: mostTitleLines).map { ("title", $0) }
            lines += set(step.lines.first ?? "", textColumns, most: mostTextLines).map { ("line", $0) }
            words += "<circle class=\"step\" cx=\"\(lineX)\" cy=\"\(y - 5)\" r=\"6\"/>\n"
            for line in lines {
                words += "<text class=\"\(line.kind)\" x=\"\(textX)\" y=\"\(y)\">\(escaped(line.text))</text>\n"
                y += lineHeight
            }
            y += lineHeight
        }
        var led = ""
        for (index, step) in steps.enumerated() {
            guard let from = step.from else { continue }
            let (start, end) = (tops[from] - 5, tops[index] - 5)
            let bend = lineX - 16 - 4 * min(6, index - from)
            led += "<path class=\"led\" d=\"M\(lineX) \(start) C\(bend) \(start) \(bend) \(end) \(lineX) \(end)\"/>\n"
        }
        return svg(title, height: y - lineHeight, led + words)
    }

    /// How much of the width a bar takes, in percent with one decimal; never so little that it can't be seen.
    private static func share(of value: Int, _ greatest: Int) -> String {
        // The outline of the widest bar stays inside the picture.
        let tenths = value == 0 ? 0 : max(5, min(995, value * 1_000 / greatest))
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// The text on lines of so many columns; what does not fit on them ends with an ellipsis.
    private static func set(_ text: String, _ columns: Int, most: Int) -> [String] {
        guard !text.isEmpty else { return [] }
        let lines = wrap(text, width: columns)
        let shown = lines.prefix(most).map { cut($0, columns) }
        guard lines.count > most, let last = shown.last, !last.hasSuffix("…") else { return shown }
        return Array(shown.dropLast()) + [cut(last, columns - 1) + "…"]
    }

    private static func cut(_ text: String, _ length: Int) -> String {
        text.count <= length ? text : text.prefix(length - 1) + "…"
    }

    private static func escaped(_ text: String) -> String { ReportPage.escaped(text) }

    private static func svg(_ title: String, height: Int, _ shapes: String) -> String {
        """
        <figure>
        <svg width="100%" height="\(height)" role="img" aria-label="\(escaped(title)): the table says the same">
        \(shapes)</svg>
        </figure>

        """
    }
}
