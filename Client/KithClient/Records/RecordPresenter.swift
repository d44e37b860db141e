import Database
import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// Shows records: as JSON with every field, and as words for people.
final class RecordPresenter {
    /// What stands for a record, and whether it is deleted.
    struct Title {
        let text: String
        let isLiving: Bool
    }

    /// How far a record has come; the raw values are the words of `--json`, which stay as they are.
    enum ShownState: String {
        case waiting, held, conflict, sent

        /// What people read.
        var words: String { self == .conflict ? "needs a choice" : rawValue }
    }

    /// The most titles of a kind that are remembered.
    private static let keptTitleCount = 100_000

    let identities: RecordIdentities
    private let laptop: Laptop
    let reader: RecordReader
    private let finder: RecordFinder
    private let local: LocalTime
    private var titles: [Int: [RecordID: Title]] = [:]
    private var gatherings: [RecordID: String] = [:]
    private var nameQueries: [Int: Query] = [:]
    private var conflicted: Set<RecordID>?
    private var directory: Directory?
    private var writers: [UInt32: (device: String, person: String)] = [:]
    private var lastDay: ShownDay?

    private struct ShownDay {
        let date: CivilDate
        let words: String
        /// How far the clocks were from UTC all that day; nil where they changed around it.
        let offsetMinutes: Int?
    }

    init(_ context: ClientContext) throws {
        laptop = try context.laptop()
        reader = try context.reader()
        finder = try context.finder()
        identities = finder.identities
        local = context.local
    }

    // MARK: Names

    /// What a record is called; nil where this laptop does not hold it. Each is looked up once.
    func title(table: Int, id: RecordID) throws -> Title? {
        if let known = titles[table]?[id] { return known }
        guard let kind = RecordKind.of(table: table) else { return nil }
        var title: Title?
        if kind.hasName {
            let query = nameQueries[table] ?? reader.nameQuery(kind)
            nameQueries[table] = query
            title = try reader.name(query, id).flatMap { name in
                name.text.isEmpty ? nil : Title(text: name.text, isLiving: name.isLiving)
            }
        }
        if title == nil, let record = try reader.record(kind, id) {
            title = Title(text: try self.title(of: record), isLiving: record.isLiving)
        }
        guard let title else { return nil }
        if (titles[table]?.count ?? 0) >= Self.keptTitleCount { titles[table] = nil }
        titles[table, default: [:]][id] = title
        return title
    }

    /// Remembers what all living records of a kind are called that others of a kind are called by: where most will be asked
    /// for, to look each up on its own takes several times longer.
    func rememberNames(for kind: RecordKind) throws {
        for number in kind.orderParts.joined() {
            guard case .reference(let table)? = kind.field(number)?.form, let target = RecordKind.of(table: table),
                target.hasName, titles[table] == nil
            else { continue }
            var names: [RecordID: Title] = [:]
            try reader.forEachName(target, where: "1", []) { _, id, name in
                guard !name.isEmpty, names.count < Self.keptTitleCount else { return }
                names[id] = Title(text: name, isLiving: true)
            }
            titles[table] = names
        }
    }

    /// What stands for a record: its name, or for a visit or meeting the place and the time.
    func title(of record: StoredRecord) throws -> String {
        let record = try withWithheldWords(record)
        let parts = try words(record, record.kind.titleParts)
        return parts.isEmpty && record.kind.dayField == nil
            ? finder.title(of: record) : parts.joined(separator: ", ")
    }

    /// A deleted record with what it said here, where it is sent without a word.
    private func withWithheldWords(_ record: StoredRecord) throws -> StoredRecord {
        if record.isLiving { return record }
        let words = try laptop.replica.withheldWords(of: RecordReference(table: record.kind.number, id: record.id))
        return words.reduce(record) { record, word in
            record.values[word.field] == nil ? record.with(word.value, in: word.field) : record
        }
    }

    /// What a list of a kind without a day is sorted by: the title without what stands for it in other records.
    ///
    /// - Parameter parts: the `orderParts` of the kind, worked out once for all records.
    func order(of record: StoredRecord, parts: [[Int]]) throws -> String {
        try words(record, parts).joined(separator: ", ")
    }

    /// Of each group of fields the first that has a value, one that is here before one that is not.
    func words(_ record: StoredRecord, _ groups: [[Int]]) throws -> [String] {
        var parts: [String] = []
        for numbers in groups {
            guard let field = try shownField(of: record, numbers) else { continue }
            var words = try words(record, field)
            if field.form == .money, let currency = record.kind.currency(in: record.values) { words += " \(currency)" }
            if !words.isEmpty { parts.append(words) }
        }
        return parts
    }

    private func shownField(of record: StoredRecord, _ numbers: [Int]) throws -> FieldDescription? {
        guard let first = numbers.first(where: { record.values[$0] != nil }) else { return nil }
        if numbers.last(where: { record.values[$0] != nil }) == first { return record.kind.field(first) }
        let fields = numbers.compactMap { record.kind.field($0) }.filter { record.values[$0.number] != nil }
        return try fields.first { try reference(record, $0)?.place != .notHere } ?? fields.first
    }

    /// Who recorded a record, on which device and when, as people read it.
    func recording(of record: StoredRecord) throws -> String {
        let writer = try writer(record.created.device)
        let moment = ParsedDate.moment(local.moment(atMilliseconds: record.created.milliseconds))
        return "\(writer.person) on \(writer.device), \(moment.echo(in: local))"
    }

    /// A stored time as people read it.
    func when(_ stored: String?) -> String? {
        stored.map { text in ParsedDate(stored: text).map { $0.echo(in: local) } ?? text }
    }

    /// A stored time in a narrow column: `Sun 22 Nov 2026 14:30`.
    func shortWhen(_ stored: String) -> String {
        guard let parsed = ParsedDate(stored: stored) else { return stored }
        let day = shownDay(parsed.date)
        guard case .moment(let moment) = parsed else { return day.words }
        guard day.offsetMinutes != moment.offsetMinutes else { return "\(day.words) \(moment.time)" }
        // What tells two hours of the same name apart stands in brackets.
        let echo = parsed.echo(in: local)
        let remark = echo.firstIndex(of: "(").map { " " + echo[$0...] } ?? ""
        return "\(day.words) \(moment.time)\(remark)"
    }

    /// A day in a narrow column, remembered: a list has many of the same day one after the other.
    private func shownDay(_ date: CivilDate) -> ShownDay {
        if let lastDay, lastDay.date == date { return lastDay }
        let weekday = CivilDate.weekdayNames[date.weekday].prefix(3)
        let day = ShownDay(
            date: date, words: "\(weekday) \(date.day) \(CivilDate.monthNames[date.month - 1].prefix(3)) \(date.year)",
            offsetMinutes: local.offsetMinutes(throughout: date))
        lastDay = day
        return day
    }

    /// The name of an area; its number where this laptop does not know it.
    func areaName(_ number: Int) throws -> String {
        try staff().areas.first { $0.number == number }?.name ?? "team \(number)"
    }

    /// Whose a record is, and who sees it, as a line for people.
    func belonging(of record: StoredRecord) throws -> String {
        if record.area == AreaChoice.everyone { return "Seen by: everyone" }
        guard let twin = try staff().areas.first(where: { $0.number == record.area })?.twinOf else {
            return "Team: \(try areaName(record.area))"
        }
        return "Team: \(try areaName(twin)); leads and admins alone see it"
    }

    /// Who holds a device: its name and its person.
    func writer(_ device: UInt32) throws -> (device: String, person: String) {
        if let known = writers[device] { return known }
        let found = try staff().devices.first { $0.number == device }
        let writer = (device: found?.name ?? "device \(device)", person: found?.person ?? "someone")
        writers[device] = writer
        return writer
    }

    /// The names of people, devices and areas that the office gave.
    func staff() throws -> Directory {
        if let directory { return directory }
        guard let loaded = try laptop.replica.directory() else { throw ClientError.notJoined }
        directory = loaded
        return loaded
    }

    // MARK: State

    /// How far a record has come.
    func state(of record: StoredRecord) throws -> ShownState {
        if record.isPending {
            let reference = RecordReference(table: record.kind.number, id: record.id)
            switch try laptop.replica.progress(of: reference) {
            case .waiting, nil: return .waiting
            case .held: return .held
            case .conflict: return .conflict
            case .sent: return .sent
            }
        }
        let open = try conflicted ?? Set(laptop.replica.conflicts(openOnly: true).map(\.record))
        conflicted = open
        return open.contains(record.id) ? .conflict : .sent
    }

    // MARK: JSON

    /// Every field by its column name, null where it has no value, with id, area and state, and who recorded it, on which
    /// device and when.
    func json(_ record: StoredRecord) throws -> JSONValue {
        var members: [JSONValue.Member] = [.init("id", .string(record.id.description))]
        for field in record.kind.fields {
            members.append(.init(field.name, try json(record.values[field.number] ?? .null, field, record)))
        }
        members.append(.init("area", .string(try areaName(record.area))))
        members.append(.init("state", .string(try state(of: record).rawValue)))
        let writer = try writer(record.created.device)
        members += [
            .init("recorded_by", .string(writer.person)), .init("recorded_on", .string(writer.device)),
            .init("recorded_at", .string(local.moment(atMilliseconds: record.created.milliseconds).description)),
        ]
        return .object(members)
    }

    private func json(_ value: Value, _ field: FieldDescription, _ record: StoredRecord) throws -> JSONValue {
        switch value {
        case .null: return .null
        case .integer(let number) where field.form == .table:
            return .string(RecordKind.of(table: Int(clamping: number))?.name ?? "table_\(number)")
        case .integer(let number): return .integer(number)
        case .real(let number): return .real(number)
        case .text(let text): return .string(text)
        case .blob(let bytes):
            guard let id = RecordID(bytes: bytes) else { return .null }
            guard let read = try reference(record, field) else { return .string(id.description) }
            return json(read, written: id)
        }
    }

    // MARK: Words

    /// The value of a field for people; empty where it has none.
    func text(_ record: StoredRecord, _ field: FieldDescription) throws -> String {
        guard let value = record.values[field.number] else { return "" }
        return try reference(record, field)?.words ?? field.shown(value, in: local) ?? ""
    }

    /// The value of a field in a narrow column.
    ///
    /// - Parameter day: the day that stands above all rows: of it the time alone is told.
    func cell(_ record: StoredRecord, _ field: FieldDescription, on day: CivilDate? = nil) throws -> String {
        if field.form == .time, case .text(let stored)? = record.values[field.number] {
            let words = shortWhen(stored)
            guard let day, ParsedDate(stored: stored)?.date == day else { return words }
            let time = words.dropFirst(shownDay(day).words.count + 1)
            return time.isEmpty ? "today" : String(time)
        }
        return try gathering(record, field) ?? words(record, field)
    }

    /// The visit or meeting that a field names, its day first: that is what tells it from others where a cell is cut.
    private func gathering(_ record: StoredRecord, _ field: FieldDescription) throws -> String? {
        guard case .reference(let table) = field.form, let kind = RecordKind.of(table: table), let day = kind.dayField,
            let id = record.reference(field: field.number), kind.titleParts.joined().contains(day)
        else { return nil }
        if let known = gatherings[id] { return known }
        guard let gathering = try reader.record(kind, id), gathering.isLiving,
            case .text(let started)? = gathering.values[day]
        else { return nil }
        let parts = try words(gathering, kind.titleParts.filter { !$0.contains(day) })
        let words = ([shortWhen(started)] + parts).joined(separator: ", ")
        if gatherings.count >= Self.keptTitleCount { gatherings.removeAll() }
        gatherings[id] = words
        return words
    }

    /// The value of a field where it stands alone: own words in the place of `other`.
    private func words(_ record: StoredRecord, _ field: FieldDescription) throws -> String {
        if record.values[field.number] == .text(Words.other), let own = record.kind.ownWords(of: field),
            case .text(let words)? = record.values[own.number], !words.isEmpty
        {
            return words
        }
        return try text(record, field)
    }
}
