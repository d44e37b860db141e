import SyncCore

/// Which records an export holds: those from a day on, and those whose fields have certain values.
package struct ExportFilter: Sendable {
    /// What a condition can be wrong in.
    package enum Problem: Error, Hashable, Sendable, CustomStringConvertible {
        /// There is no `=` in it.
        case noEquals(String)
        /// The kind has no such field; with those that it has.
        case unknownField(String, known: [String])

        /// What is wrong, in a sentence.
        package var description: String {
            switch self {
            case .noEquals(let text): "\(text) is no condition: write FIELD=VALUE."
            case .unknownField(let name, let known):
                "There is no field \(name) here. Known: \(known.joined(separator: ", "))."
            }
        }
    }

    /// One field and its value.
    private struct Condition: Sendable {
        /// The columns of the export that may hold the value: that of the field, and that of the name beside an id.
        let columns: [Int]
        let isReference: Bool
        let isFlag: Bool
        let value: String
        let key: String
    }

    private let since: ParsedDate?
    private let started: Int?
    private let local: LocalTime
    private let conditions: [Condition]

    /// Makes a filter over the export of a kind.
    ///
    /// - Parameters:
    ///   - since: for kinds with a start, those that started then or later; for the others, those recorded then or later.
    ///   - conditions: `FIELD=VALUE` with the name of a column; all of them must hold. Capitals, accents, hyphens and
    ///     underscores do not count; an empty value is none. A reference takes a name or the beginning of an id.
    ///   - local: the zone in which a day begins.
    package init(
        _ kind: RecordKind, since: ParsedDate?, conditions: [String], local: LocalTime
    ) throws(Problem) {
        let header = OutreachExport(kind) { _, _ in nil }.header
        var read: [Condition] = []
        for text in conditions {
            guard let equals = text.firstIndex(of: "=") else { throw .noEquals(text) }
            let name = String(text[..<equals].map { $0 == "-" ? "_" : $0 })
            guard let column = header.firstIndex(of: name) else { throw .unknownField(name, known: header) }
            let value = String(text[text.index(after: equals)...])
            let form = kind.field(named: name)?.form
            var columns = [column]
            let isReference =
                switch form {
                case .reference, .anyReference: true
                default: name == "id"
                }
            if isReference, header.indices.contains(column + 1), header[column + 1] == "\(name)_name" {
                columns.append(column + 1)
            }
            read.append(
                Condition(
                    columns: columns, isReference: isReference, isFlag: form == .flag, value: value,
                    key: TextMatch.key(Words.plain(value))))
        }
        self.conditions = read
        self.since = since
        self.local = local
        // What need not say when it started, such as a role, is looked at by when it was recorded.
        started = kind.dayField.flatMap { kind.field($0) }.flatMap { $0.isRequired ? $0.number : nil }
    }

    /// Whether the record is from the day on that was asked for.
    func isRecent(_ row: ExportRow) -> Bool {
        guard let since else { return true }
        guard let started else {
            return !ParsedDate.moment(local.moment(atMilliseconds: row.createdMilliseconds)).isBefore(since)
        }
        guard case .text(let text)? = row.values[started], let start = ParsedDate(stored: text) else { return false }
        return !start.isBefore(since)
    }

    /// Whether all conditions hold.
    func fits(_ cells: [Value]) -> Bool {
        conditions.allSatisfy { condition in condition.columns.contains { Self.fits(cells[$0], condition) } }
    }

    private static func fits(_ cell: Value, _ condition: Condition) -> Bool {
        switch cell {
        case .null: return condition.value.isEmpty
        case .integer(let number) where condition.isFlag:
            return [String(number), number == 0 ? "no" : "yes"].contains(condition.key)
        case .integer(let number): return String(number) == condition.value
        case .real(let number): return Double(condition.value) == number
        case .text(let text):
            if text == condition.value { return true }
            guard !condition.key.isEmpty else { return false }
            if condition.isReference, ShortID.prefix(condition.value).map({ text.hasPrefix($0) }) == true {
                return true
            }
            return TextMatch.key(Words.plain(text)) == condition.key
        case .blob: return false
        }
    }
}
