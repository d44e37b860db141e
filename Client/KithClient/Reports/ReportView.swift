import OutreachModel
import Terminal

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Shows a report in the terminal, as JSON, or writes it as a page.
struct ReportView {
    /// The longest bar in characters.
    private static let longestBar = 30
    /// The character of bars: one that screen readers pass over as a line.
    private static let barCharacter: Character = "-"

    let report: Report
    let context: ClientContext

    /// Shows the report, or writes the page where a file is named.
    func show(page path: String?) throws {
        if let path { return try write(path) }
        if context.isJSON { return try context.console.show(json) }
        let console = context.console
        try console.showHeading(report.title)
        try console.show(report.subtitle)
        for section in report.sections {
            try console.show("")
            try console.showHeading(section.title)
            if !section.lead.isEmpty { try console.show(section.lead) }
            switch section.chart {
            case .bars(let bars)?: try show(bars)
            case .path(let steps)?: try show(steps)
            case nil: try showRows(section)
            }
        }
        if !report.remarks.isEmpty { try console.show("") }
        for remark in report.remarks { try console.show(remark) }
    }

    /// The label and the number come first, so that a line read aloud says it all before the bar.
    private func show(_ bars: [Report.Bar]) throws {
        let greatest = max(1, bars.compactMap(\.value).max() ?? 1)
        let width = context.console.streams.tableWidth
        let hasRoom = width >= Terminal.Table.narrowestWidth && !context.console.settings.isPlain
        let labels = bars.map { "\($0.label): \($0.words)" }
        let room = labels.map { displayWidth($0) }.max() ?? 0
        for (bar, label) in zip(bars, labels) {
            guard hasRoom, let value = bar.value, value > 0, room + 4 + Self.longestBar <= width else {
                try context.console.show(label)
                continue
            }
            let length = max(1, value * Self.longestBar / greatest)
            let gap = String(repeating: " ", count: room - displayWidth(label) + 2)
            try context.console.show(label + gap + String(repeating: Self.barCharacter, count: length))
        }
    }

    private func show(_ steps: [Report.Step]) throws {
        for step in steps {
            let day = step.day.isEmpty ? "" : "\(step.day): "
            try context.console.show(day + step.title)
            if let from = step.from { try context.console.show("  Led on from: \(steps[from].title)") }
            for line in step.lines { try context.console.showText("  \(line)") }
        }
    }

    private func showRows(_ section: Report.Section) throws {
        guard !section.rows.isEmpty else { return }
        let rows = section.rows.map { $0.map { String($0.map { $0.isNewline ? " " : $0 }) } }
        try context.console.show(Terminal.Table(section.columns.map { .init($0) }, rows: rows))
    }

    private var json: JSONValue {
        let sections = report.sections.map { section -> JSONValue in
            let rows = section.rows.map { JSONValue.array($0.map { .string($0) }) }
            return [
                "title": .string(section.title), "columns": .array(section.columns.map { .string($0) }),
                "rows": .array(rows),
            ]
        }
        return [
            "title": .string(report.title), "subtitle": .string(report.subtitle), "sections": .array(sections),
            "remarks": .array(report.remarks.map { .string($0) }),
        ]
    }

    // MARK: The page

    /// Writes the page as a new file, never over one that is there.
    private func write(_ path: String) throws {
        if context.console.settings.isDryRun {
            return try context.console.note("Nothing was written: this was a dry run.")
        }
        try PageFile.write(ReportPage(report).html, to: path)
        if context.isJSON { return try context.console.show(["file": .string(path)]) }
        for remark in report.remarks { try context.console.note(remark) }
        try context.console.show("Written to \(path). It is not encrypted: keep it as you would keep the paper.")
    }
}

/// Writes a text as a new file, complete or not at all.
enum PageFile {
    /// - Throws: a failure that names the system's reason; a file that is there is not touched.
    static func write(_ text: String, to path: String) throws(CommandFailure) {
        guard path != "-" else {
            throw CommandFailure(
                exitCode: .usage,
                message: "A page needs a file of its own: - stands for standard input elsewhere. Nothing was written.",
                next: "the same command with --html page.html")
        }
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure(
                exitCode: .failed, message: "\(path) can't be made: \(reason()). Nothing was written.")
        }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe writeBytes(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw abandon(path, descriptor) }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0 || errno == EINVAL, close(descriptor) == 0 else {
            throw abandon(path, descriptor)
        }
        ByteFile.syncFolder(of: path)
    }

    private static func abandon(_ path: String, _ descriptor: Int32) -> CommandFailure {
        let why = reason()
        close(descriptor)
        unsafe unlink(path)
        return CommandFailure(exitCode: .failed, message: "\(path) can't be written: \(why). It is not there.")
    }

    private static func reason() -> String {
        unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
    }
}

/// write(2), named apart from the function above.
private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    unsafe write(descriptor, bytes, count)
}
