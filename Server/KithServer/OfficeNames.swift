import OutreachModel
import SyncCore
import SyncHub

/// How records, areas and devices are called at the office.
struct OfficeNames: ReversalNames {
    private let hub: Hub
    private let staff: [UInt32: DeviceRecord]
    private let areas: [Int: String]
    private let local = LocalTime()

    init(_ hub: Hub) throws {
        self.hub = hub
        staff = Dictionary(uniqueKeysWithValues: try hub.devices().map { ($0.number, $0) })
        areas = Dictionary(uniqueKeysWithValues: try hub.areas().map { ($0.number, $0.name) })
    }

    func title(of record: RecordReference) throws -> String? {
        guard let state = try hub.record(table: record.table, id: record.id) else { return nil }
        return try title(of: record) { state.field($0).value }
    }

    /// What stands for a record with these values, such as the place and the time of a visit; nil for an unknown kind.
    private func title(of record: RecordReference, _ value: (Int) -> Value) throws -> String? {
        guard let kind = RecordKind.of(table: record.table) else { return nil }
        let parts = try kind.titleParts.compactMap { fields in
            try fields.compactMap { kind.field($0) }
                .map { try words(value, $0, of: record, kind) }.first { !$0.isEmpty }
        }
        return parts.joined(separator: ", ")
    }

    /// The value of a field, an amount with its currency.
    private func words(
        _ value: (Int) -> Value, _ field: FieldDescription, of record: RecordReference, _ kind: RecordKind
    ) throws -> String {
        let words = try shown(value(field.number), field, of: record)
        guard field.form == .money, !words.isEmpty, let currency = kind.fields.first(where: { $0.form == .currency }),
            case .text(let code) = value(currency.number)
        else { return words }
        return "\(words) \(code)"
    }

    /// A record in a line: `Visit rj97zmd8, Castle House, Wednesday 25 November 2026, 14:30`.
    func line(of record: RecordReference) throws -> String { line(record, try title(of: record)) }

    /// The same for the record of a change that may not be in force: as it is here, else as the change makes it.
    func line(of change: Change) throws -> String {
        let record = RecordReference(table: change.table, id: change.record)
        if let title = try title(of: record) { return line(record, title) }
        return line(
            record, try title(of: record) { number in change.fields.first { $0.field == number }?.value ?? .null })
    }

    private func line(_ record: RecordReference, _ title: String?) -> String {
        let kind = RecordKind.of(table: record.table)?.name ?? "table \(record.table)"
        let name = title.flatMap { $0.isEmpty ? nil : ", \($0)" } ?? ""
        return "\(kind.prefix(1).uppercased())\(kind.dropFirst()) \(ShortID.display(record.id))\(name)"
    }

    /// The name of the area that a change is about: that of the record, or of the one that it makes.
    func area(of change: Change) throws -> String? {
        let number = try hub.record(table: change.table, id: change.record)?.area ?? change.creation?.area
        return number.map { areas[$0] ?? "area \($0)" }
    }

    func shown(_ value: Value, _ field: FieldDescription, of record: RecordReference) throws -> String {
        if case .blob(let bytes) = value, let id = RecordID(bytes: bytes), case .reference(let table) = field.form {
            let name = try name(table: table, id: id) ?? title(of: RecordReference(table: table, id: id))
            return name.flatMap { $0.isEmpty ? nil : $0 } ?? ShortID.display(id)
        }
        return field.shown(value, in: local) ?? ""
    }

    /// The name of a record of a kind that has names; nil for one that is not here.
    private func name(table: Int, id: RecordID) throws -> String? {
        guard let kind = RecordKind.of(table: table), kind.hasName,
            case .text(let name)? = try hub.record(table: table, id: id)?.field(kind.titleField).value
        else { return nil }
        return name
    }

    func writer(_ device: UInt32) throws -> (device: String, person: String) {
        let known = staff[device]
        return (known?.name ?? "device \(device)", known?.person ?? "somebody")
    }
}
