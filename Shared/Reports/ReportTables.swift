import SyncCore

/// How records are looked through for a report: those of a kind within some days, and what people and places are called.
package struct ReportRecords {
    /// From this day on; nil from the first.
    package let since: CivilDate?
    /// Up to and with this day.
    package let until: CivilDate
    /// The day of the report.
    package let today: CivilDate
    /// Whether numbers below five are told.
    package let showsSmallNumbers: Bool
    private let source: CanonicalExport.Source
    private let local: LocalTime

    /// Makes the view of a report.
    ///
    /// - Parameters:
    ///   - since: the first day; nil for all.
    ///   - until: the last day.
    ///   - source: hands out living records by table.
    package init(
        since: CivilDate?, until: CivilDate, today: CivilDate, showsSmallNumbers: Bool, local: LocalTime,
        source: @escaping CanonicalExport.Source
    ) {
        self.since = since
        self.until = until
        self.today = today
        self.showsSmallNumbers = showsSmallNumbers
        self.local = local
        self.source = source
    }

    /// Hands every living record of a kind whose day lies within the report to the body; one without a day counts by
    /// when it was recorded. Kinds that few may read are in no report.
    func forEach(_ kind: RecordKind, _ body: (ReportRecord) throws -> Void) throws {
        guard !kind.isRestricted else { return }
        try source(kind.number) { row in
            guard !row.isRestricted(as: kind) else { return }
            let record = ReportRecord(row, kind, local: local)
            guard since.map({ record.day >= $0 }) ?? true, record.day <= until else { return }
            try body(record)
        }
    }

    /// Hands every living record of a kind to the body, whatever its day.
    func forEachOfAll(_ kind: RecordKind, _ body: (ReportRecord) throws -> Void) throws {
        guard !kind.isRestricted else { return }
        try source(kind.number) { row in
            guard !row.isRestricted(as: kind) else { return }
            try body(ReportRecord(row, kind, local: local))
        }
    }

    /// What the records of a kind with names are called; a merged one bears the name of what stands for it.
    func names(_ kind: RecordKind) throws -> ReportNames {
        var names: [RecordID: String] = [:]
        var gathering = MergedRecords.Gathering(kind)
        try source(kind.number) { row in
            if case .text(let name)? = row.values[kind.titleField] { names[row.id] = name }
            gathering.add(row.id, row.values)
        }
        return ReportNames(names: names, merged: gathering.merged { names[$0] != nil })
    }

    /// What people agree to today.
    func register() throws -> ConsentRegister { try CanonicalExport.register(today: today, source: source) }

    /// `1 October 2026 to 25 November 2026, made on …`
    package var period: String {
        let from = since.map { "From \($0.inWords)" } ?? "From the first record"
        return "\(from) to \(until.inWords). Made on \(today.inWords)."
    }
}

/// Names by id, over merged records.
struct ReportNames {
    let names: [RecordID: String]
    let merged: MergedRecords

    func survivor(_ id: RecordID) -> RecordID { merged.survivor(of: id) }
    func name(_ id: RecordID) -> String { names[survivor(id)] ?? OutreachExport.absentName }
}

/// A record as a report reads it.
struct ReportRecord {
    let id: RecordID
    /// The day of the record; where it has none, that on which it was recorded.
    let day: CivilDate
    let values: [Int: Value]

    init(_ row: ExportRow, _ kind: RecordKind, local: LocalTime) {
        id = row.id
        values = row.values
        day =
            kind.dayField.flatMap { Self.day(row.values[$0]) }
            ?? local.moment(atMilliseconds: row.createdMilliseconds).date
    }

    func text(_ field: some RawRepresentable<Int>) -> String? {
        if case .text(let text)? = values[field.rawValue] { text } else { nil }
    }

    func number(_ field: some RawRepresentable<Int>) -> Int? {
        if case .integer(let number)? = values[field.rawValue] { Int(clamping: number) } else { nil }
    }

    func reference(_ field: some RawRepresentable<Int>) -> RecordID? { values[field.rawValue]?.reference }

    func day(_ field: some RawRepresentable<Int>) -> CivilDate? { Self.day(values[field.rawValue]) }

    private static func day(_ value: Value?) -> CivilDate? {
        if case .text(let text)? = value { ParsedDate(stored: text)?.date } else { nil }
    }
}

/// How often each of several things was counted.
struct Tally {
    private(set) var counts: [String: Int] = [:]
    var total: Int { counts.values.reduce(0, +) }

    mutating func add(_ word: String, _ count: Int = 1) { counts[word, default: 0] += count }

    /// Bars in the order of a list of words, those that were never counted left out; others after them, by number.
    func bars(order: [String], small: Bool) -> [Report.Bar] {
        let known = order.filter { counts[$0] != nil }
        let others = counts.keys.filter { !order.contains($0) }.sorted { (counts[$1] ?? 0, $0) < (counts[$0] ?? 0, $1) }
        return Report.bars((known + others).map { (Words.plain($0), counts[$0] ?? 0) }, small: small)
    }

    /// The most frequent first, at most so many; the rest together.
    func largest(_ limit: Int, small: Bool) -> [Report.Bar] {
        let all = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        var told = all.prefix(limit).map { ($0.key, $0.value) }
        let rest = all.dropFirst(limit).reduce(0) { $0 + $1.value }
        if rest > 0 { told.append(("\(all.count - limit) others", rest)) }
        return Report.bars(told, small: small)
    }
}

extension CivilDate {
    /// `October 2026`.
    var monthInWords: String { "\(Self.monthNames[month - 1]) \(year)" }
    /// A key that sorts months: `2026-10`.
    var monthKey: Int { year * 12 + month - 1 }
}

/// Counts by month, months without anything included.
struct MonthTally {
    /// The most months that are shown one by one.
    private static let longest = 36
    private var counts: [Int: Int] = [:]

    mutating func add(_ day: CivilDate, _ count: Int = 1) { counts[day.monthKey, default: 0] += count }

    func bars(small: Bool = true) -> [Report.Bar] {
        guard let first = counts.keys.min(), let last = counts.keys.max() else { return [] }
        let told = (max(first, last - Self.longest + 1)...last).map { month in
            ("\(CivilDate.monthNames[month % 12]) \(month / 12)", counts[month] ?? 0)
        }
        return Report.bars(told, small: small)
    }
}

extension [Int] {
    /// The middle value; of an even number, the lower of the two in the middle. Nil where there are none.
    var median: Int? { isEmpty ? nil : sorted()[(count - 1) / 2] }
}
