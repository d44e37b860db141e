import OutreachModel
import Testing

@Suite("Pages of reports")
struct ReportPageTests {
    private static var report: Report {
        var report = Report(title: "Tea & <b>talk</b>", subtitle: "All of it")
        report.add(
            bars: [Report.Bar("\"Quoted\" 'place'", 12), Report.Bar("Small", .tooFew), Report.Bar("None", 0)], "Visits",
            columns: ("Place", "Visits"))
        var path = Report.Section("Steps")
        path.chart = .path([
            Report.Step(day: "1 Mar 2026", title: "First", lines: ["Said yes."], from: nil),
            Report.Step(day: "1 Jun 2026", title: "</svg><script>alert(1)</script>", lines: [], from: 0),
        ])
        path.columns = ["When", "What"]
        path.rows = [["1 Mar 2026", "First\nline\u{1B}[2J\u{202E}"]]
        report.sections.append(path)
        report.remarks = ["1 text is left out."]
        return report
    }

    @Test("Letters keep their size on a narrow screen: no picture is scaled, and words are broken into short lines")
    func onNarrowScreens() {
        var report = Self.report
        var path = Report.Section("Long")
        path.chart = .path([
            Report.Step(
                day: "1 Mar 2026",
                title: "A focus group about the garden, the lift and who decides about either of them",
                lines: [String(repeating: "Best day in years. ", count: 20)], from: nil)
        ])
        report.sections.append(path)
        let html = ReportPage(report).html
        #expect(!html.contains("viewBox") && html.contains("<svg width=\"100%\" height=\""))
        let words = html.split(separator: "\n").filter { $0.hasPrefix("<text class=") }.compactMap { line in
            line.split(separator: ">").dropFirst().first?.split(separator: "<").first
        }
        let title = words.drop { !$0.hasPrefix("A focus group about the") }.prefix(3).joined(separator: " ")
        #expect(
            title == "A focus group about the garden, the lift and who decides about either of them", "it is not cut")
        #expect(words.contains { $0.hasSuffix("…") })
        #expect(words.allSatisfy { $0.count <= 30 || $0.contains("&") }, "what is escaped looks shorter than it is")
    }

    @Test(
        "A table that is wider than the screen is moved in its own box, a number stays on one line, and a way becomes lines"
    )
    func wideTables() {
        let html = ReportPage(Self.report).html
        #expect(html.components(of: "<div class=\"table\"><table>") == 2)
        #expect(html.contains("overflow-x:auto") && html.contains("<td class=\"count\">12</td>"))
        #expect(html.contains("<td data-label=\"What\">First<br>line"))
    }

    @Test("A page stands alone: no script, no other file, no address of the network")
    func selfContained() {
        let html = ReportPage(Self.report).html
        for word in ["<script", "http://", "https://", "src=", "href=", "url(", "@import", "\u{1B}", "\u{202E}"] {
            #expect(!html.contains(word), "\(word)")
        }
        #expect(html.contains("default-src 'none'"))
        #expect(html.contains("prefers-color-scheme:dark") && html.contains("@media print"))
        #expect(html.hasPrefix("<!doctype html>") && html.contains("lang=\"en-GB\""))
    }

    @Test("What people wrote is text in it, wherever it stands")
    func escaping() {
        let html = ReportPage(Self.report).html
        #expect(html.contains("<h1>Tea &amp; &lt;b&gt;talk&lt;/b&gt;</h1>"))
        #expect(html.contains("&quot;Quoted&quot; &#39;place&#39;"))
        #expect(html.contains("&lt;/svg&gt;&lt;script&gt;"))
        #expect(html.contains("First<br>line"))
    }

    @Test("Each picture has a table beside it that says the same, and a line to what a step led on from")
    func tables() {
        let html = ReportPage(Self.report).html
        #expect(html.components(of: "<svg") == 2 && html.components(of: "<table>") == 2)
        #expect(html.components(of: "<td class=\"count\">fewer than 5</td>") == 1)
        #expect(html.components(of: "class=\"led\"") == 1)
        #expect(html.contains("<footer><p>1 text is left out.</p></footer>"))
    }

    @Test("Bars are shares of the width, the longest within it, and a small one can still be seen")
    func shares() {
        var report = Report(title: "Few", subtitle: "")
        report.add(
            bars: [Report.Bar("Many", 1_000), Report.Bar("Half", 500), Report.Bar("One", 1), Report.Bar("None", 0)],
            "Visits", columns: ("Place", "Visits"))
        let html = ReportPage(report).html
        let widths = html.split(separator: "<rect ").dropFirst().map {
            $0.split(separator: "width=\"")[1].prefix { $0 != "\"" }
        }
        #expect(widths == ["99.5%", "50.0%", "0.5%", "0.0%"])
    }

    @Test("Every element that is opened is closed")
    func balance() {
        let html = ReportPage(Self.report).html
        for name in ["html", "head", "body", "main", "section", "div", "figure", "svg", "table", "tr", "td", "th", "p"]
        {
            let opened = html.components(of: "<\(name)>") + html.components(of: "<\(name) ")
            #expect(opened == html.components(of: "</\(name)>"), "\(name)")
        }
    }
}

extension String {
    /// How often a text stands in this one.
    fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}
