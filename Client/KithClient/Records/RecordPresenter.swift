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

    let identities: RecordIdentities
    private let laptop: Laptop
    let reader: RecordReader
    private let finder: RecordFinder
    private let local: LocalTime
    private var titles: [Int: [RecordID: Title]] = [:]
    private var conflicted: Set<RecordID>?
    private var directory: Directory?

    init(_ context: ClientContext) throws {
        laptop = try context.laptop()
        reader = try context.reader()
        finder = try context.finder()
        identities = finder.identities
        local = context.local
    }

    // MARK: Names

    /// Loads the names of all places and people at once, before a long list is shown.
    func loadNames() throws {
        for kind in [RecordKind.place, .person] where titles[kind.number] == nil {
            var loaded: [RecordID: Title] = [:]
            for (which, isLiving) in [(RecordReader.Which.living, true), (.deleted, false)] {
                for (id, text) in try reader.texts(kind, field: kind.titleField, which) {
                    loaded[id] = Title(text: text, isLiving: isLiving)
                }
            }
            titles[kind.number] = loaded
        }
    }

    /// What a record is called; nil where this laptop does not hold it.
    func title(table: Int, id: RecordID) throws -> Title? {
        if let known = titles[table]?[id] { return known }
        guard let kind = RecordKind.of(table: table), let record = try reader.record(kind, id) else { return nil }
        return Title(text: try title(of: record), isLiving: record.isLiving)
    }

    /// What stands for a record: its name, or for a visit or meeting the place and the time.
    func title(of record: StoredRecord) throws -> String {
        let parts = try record.kind.titleParts.compactMap { fields in
            try fields.lazy.compactMap { record.kind.field($0) }.map { try self.text(record, $0) }.first { !$0.isEmpty }
        }
        return parts.isEmpty && record.kind.dayField == nil
            ? finder.title(of: record) : parts.joined(separator: ", ")
    }

    /// A stored time as people read it.
    func when(_ stored: String?) -> String? {
        stored.map { text in ParsedDate(stored: text).map { $0.echo(in: local) } ?? text }
    }

    /// A stored time in a narrow column: `Sun 22 Nov 2026 14:30`.
    func shortWhen(_ stored: String) -> String {
        guard let parsed = ParsedDate(stored: stored) else { return stored }
        let date = parsed.date
        let weekday = CivilDate.weekdayNames[date.weekday].prefix(3)
        let day = "\(weekday) \(date.day) \(CivilDate.monthNames[date.month - 1].prefix(3)) \(date.year)"
        guard case .moment(let moment) = parsed else { return day }
        // What tells two hours of the same name apart stands in brackets.
        let echo = parsed.echo(in: local)
        let remark = echo.firstIndex(of: "(").map { " " + echo[$0...] } ?? ""
        return "\(day) \(moment.time)\(remark)"
    }

    /// The name of an area; its number where this laptop does not know it.
    func areaName(_ number: Int) throws -> String {
        try staff().areas.first { $0.number == number }?.name ?? "area \(number)"
    }

    /// Who holds a device: its name and its person.
    func writer(_ device: UInt32) throws -> (device: String, person: String) {
        let known = try staff().devices.first { $0.number == device }
        return (known?.name ?? "device \(device)", known?.person ?? "someone")
    }

    /// The names of people, devices and areas that the office gave.
    func staff() throws -> Directory {
        if let directory { return directory }
        guard let loaded = try laptop.replica.directory() else { throw ClientError.notJoined }
        directory = loaded
        return loaded
    }

    // MARK: State

    /// `waiting`, `held`, `conflict` or `sent`.
    func state(of record: StoredRecord) throws -> String {
        if record.isPending {
            let reference = RecordReference(table: record.kind.number, id: record.id)
            switch try laptop.replica.progress(of: reference) {
            case .waiting, nil: return "waiting"
            case .held: return "held"
            case .conflict: return "conflict"
            case .sent: return "sent"
            }
        }
        let open = try conflicted ?? Set(laptop.replica.conflicts(openOnly: true).map(\.record))
        conflicted = open
        return open.contains(record.id) ? "conflict" : "sent"
    }

    // MARK: JSON

    /// Every field by its column name, null where it has no value, with id, area and state.
    func json(_ record: StoredRecord) throws -> JSONValue {
        var members: [JSONValue.Member] = [.init("id", .string(record.id.description))]
        for field in record.kind.fields {
            members.append(.init(field.name, try json(record.values[field.number] ?? .null, field, record)))
        }
        members.append(.init("area", .string(try areaName(record.area))))
        members.append(.init("state", .string(try state(of: record))))
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
    func cell(_ record: StoredRecord, _ field: FieldDescription) throws -> String {
        if field.form == .time, case .text(let stored)? = record.values[field.number] { return shortWhen(stored) }
        return try text(record, field)
    }
}
