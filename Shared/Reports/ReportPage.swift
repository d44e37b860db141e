/// A report as one page of HTML that needs nothing else: no script, no network, no other file.
///
/// Its pictures are SVG, each with a table beside it; it follows the reader's choice of light or dark, and can be printed.
package struct ReportPage {
    private let report: Report

    /// Makes the page of a report.
    package init(_ report: Report) { self.report = report }

    /// The whole page.
    package var html: String {
        """
        <!doctype html>
        <html lang="en-GB">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>\(Self.escaped(report.title))</title>
        <style>\(Self.style)</style>
        </head>
        <body>
        <main>
        <h1>\(Self.escaped(report.title))</h1>
        <p class="subtitle">\(Self.escaped(report.subtitle))</p>
        \(report.sections.map(section).joined(separator: "\n"))
        \(remarks)
        </main>
        </body>
        </html>

        """
    }

    private var remarks: String {
        guard !report.remarks.isEmpty else { return "" }
        return "<footer>" + report.remarks.map { "<p>\(Self.escaped($0))</p>" }.joined() + "</footer>"
    }

    private func section(_ section: Report.Section) -> String {
        var html = "<section>\n<h2>\(Self.escaped(section.title))</h2>\n"
        if !section.lead.isEmpty { html += "<p>\(Self.escaped(section.lead))</p>\n" }
        // A way has a table of many words: it stands below the picture, not beside it.
        var isStacked = false
        if case .path? = section.chart { isStacked = true }
        html += isStacked ? "<div class=\"stack\">\n" : "<div class=\"pair\">\n"
        switch section.chart {
        case .bars(let bars)?: html += bars.isEmpty ? "" : ReportPicture.bars(bars, title: section.title)
        case .path(let steps)?: html += steps.isEmpty ? "" : ReportPicture.path(steps, title: section.title)
        case nil: break
        }
        return html + table(section, isStacked: isStacked) + "</div>\n</section>"
    }

    private func table(_ section: Report.Section, isStacked: Bool) -> String {
        guard !section.rows.isEmpty else { return "" }
        let head = section.columns.map { "<th scope=\"col\">\(Self.escaped($0))</th>" }.joined()
        let rows = section.rows.map { row in
            let cells = zip(section.columns, row).enumerated().map { index, pair in
                let (column, cell) = pair
                if index == 0 { return "<th scope=\"row\">\(lines(cell))</th>" }
                if Self.isCount(cell) { return "<td class=\"count\">\(lines(cell))</td>" }
                // On a narrow screen a row becomes lines, and each says what it is.
                return isStacked
                    ? "<td data-label=\"\(Self.escaped(column))\">\(lines(cell))</td>" : "<td>\(lines(cell))</td>"
            }
            return "<tr>\(cells.joined())</tr>\n"
        }
        return
            "<div class=\"table\"><table>\n<thead><tr>\(head)</tr></thead>\n<tbody>\n\(rows.joined())</tbody>\n</table></div>\n"
    }

    /// Whether a cell is a number, or stands for one: it stays on one line.
    private static func isCount(_ cell: String) -> Bool {
        cell == Report.tooFew || cell == Report.notTold
            || !cell.isEmpty && cell.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private func lines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { Self.escaped(String($0)) }
            .joined(separator: "<br>")
    }

    // MARK: Text

    /// The text as it stands in a page; control characters, which HTML does not allow, become spaces.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value): escaped += " "
            // Marks of direction could turn what follows around.
            case "\u{202A}", "\u{202B}", "\u{202C}", "\u{202D}", "\u{202E}", "\u{2066}", "\u{2067}", "\u{2068}",
                "\u{2069}":
                continue
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private static let style = """
        :root{color-scheme:light dark;--ink:#1c1c1c;--soft:#595959;--paper:#fff;--rule:#c9c9c9;--bar:#1f5f8b;--led:#9a5b13}
        @media (prefers-color-scheme:dark){:root{--ink:#ececec;--soft:#b4b4b4;--paper:#161616;--rule:#4a4a4a;--bar:#7fb8de;\
        --led:#e0a458}}
        body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
        main{max-width:70rem;margin:0 auto;padding:1.5rem}
        h1{margin:0;font-size:1.8rem}h2{font-size:1.2rem;margin:2rem 0 .5rem}
        .subtitle,footer{color:var(--soft)}
        .pair{display:flex;flex-wrap:wrap;gap:1.5rem;align-items:flex-start}
        .stack figure{max-width:44rem;margin-bottom:1rem}.stack table{width:100%}
        .table{flex:1 1 16rem;min-width:0;max-width:100%;overflow-x:auto}
        tbody th{position:sticky;left:0;background:var(--paper)}.count{white-space:nowrap}
        figure{margin:0;flex:2 1 24rem;min-width:0}svg{display:block;font-size:14px}
        table{border-collapse:collapse;font-size:.95rem}
        th,td{text-align:left;vertical-align:top;padding:.25rem .6rem .25rem 0;border-bottom:1px solid var(--rule);\
        font-weight:normal;overflow-wrap:break-word}
        thead th{font-weight:600}
        text{fill:var(--ink)}tspan{unicode-bidi:isolate}.label,text.line{fill:var(--soft)}text.title{font-weight:600}
        .bar{fill:var(--bar)}.hidden{fill:none;stroke:var(--bar)}.step{fill:var(--bar)}
        .led{fill:none;stroke:var(--led);stroke-width:2}
        @media screen and (max-width:30rem){main{padding:1rem}.stack thead{display:none}.stack tr{display:block;\
        padding:.5rem 0;border-bottom:1px solid var(--rule)}.stack th,.stack td{display:block;border:0;padding:0}\
        .stack td:empty{display:none}.stack td::before{content:attr(data-label) ": ";color:var(--soft)}}
        @media print{:root{--ink:#000;--soft:#333;--paper:#fff;--rule:#999;--bar:#444;--led:#777}
        section{break-inside:avoid}main{max-width:none;padding:0}}
        """
}
