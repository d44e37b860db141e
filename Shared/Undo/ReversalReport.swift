import SyncCore
import Terminal

/// How records, values and writers are called where somebody is told what was taken back.
package protocol ReversalNames {
    /// What stands for a record beside its kind and id; empty where nothing does, nil where the record is not here.
    func title(of record: RecordReference) throws -> String?
    /// What a field of a record would read with this value.
    func shown(_ value: Value, _ field: FieldDescription, of record: RecordReference) throws -> String
    /// Who holds a device: its name and its person.
    func writer(_ device: UInt32) throws -> (device: String, person: String)
}

/// What an undo or a redo came to, in words and as JSON.
struct ReversalReport {
    /// The most records that are told one by one.
    private static let largestList = 5

    private let report: OperationReversal
    private let names: any ReversalNames
    private let local: LocalTime

    init(_ report: OperationReversal, names: any ReversalNames, local: LocalTime) {
        self.report = report
        self.names = names
        self.local = local
    }

    // MARK: Words

    /// What was done, and when: `visit edit, Sunday 22 November 2026, 15:00`.
    var operation: String {
        "\(report.words), \(ParsedDate.moment(local.moment(atMilliseconds: report.milliseconds)).echo(in: local))"
    }

    /// What was reversed, what reads how now, and what was left.
    ///
    /// - Parameter isTrial: whether it was only tried.
    func lines(isTrial: Bool) throws -> [String] {
        let verb =
            switch report.direction {
            case .undo: isTrial ? "Would take back" : "Took back"
            case .redo: isTrial ? "Would do again" : "Did again"
            }
        var lines = ["\(isNothing ? nothing : verb): \(operation)."]
        let records = Set(report.entries.map(\.record)).count
        if records <= Self.largestList, report.entries.count == report.count {
            lines += try report.entries.compactMap(line)
        } else {
            lines += totals
        }
        lines += try report.kept.prefix(Self.largestList).compactMap(line)
        let rest = report.keptCount - Self.largestList
        if rest > 0 { lines.append("\(ImportResult.grouped(rest)) more were changed since, and stay as they are.") }
        if report.goneCount > 0 {
            let count = report.goneCount
            lines.append(
                "\(ImportResult.grouped(count)) of it \(count == 1 ? "has" : "have") left this laptop, and stay as they are."
            )
        }
        return lines
    }

    /// Whether all of it stays as it is.
    private var isNothing: Bool { report.count == 0 && report.keptCount + report.goneCount > 0 }

    private var nothing: String {
        report.direction == .undo ? "Nothing was taken back of" : "Nothing was done again of"
    }

    private var totals: [String] {
        let parts = [(report.deleted, "deleted"), (report.restored, "back"), (report.changed, "set again")]
        return parts.flatMap { counts, words in
            counts.sorted { $0.key < $1.key }.map { table, count in
                "\(ImportResult.grouped(count)) \(Self.word(table, count)) \(count == 1 ? "is" : "are") \(words)."
            }
        }
    }

    private static func word(_ table: Int, _ count: Int) -> String {
        guard let kind = RecordKind.of(table: table) else { return count == 1 ? "record" : "records" }
        return count == 1 ? kind.name : kind.plural
    }

    private func line(_ entry: OperationReversal.Entry) throws -> String? {
        guard let (name, kind, title) = try name(of: entry.record) else { return nil }
        switch entry.step {
        case .deleted: return "\(name) is deleted\(title.isEmpty ? "" : ": \(title)")."
        case .restored: return "\(name) is back\(title.isEmpty ? "" : ": \(title)")."
        case .conflict(let isOpen): return "\(name): the conflict is \(isOpen ? "open" : "settled") again."
        case .field(let number, let value):
            guard let field = kind.field(number) else { return "\(name): field \(number) is set again." }
            guard value != .null else { return "\(name): \(field.label) is empty again." }
            return "\(name): \(field.label) reads \"\(try names.shown(value, field, of: entry.record))\" again."
        }
    }

    private func line(_ kept: OperationReversal.Kept) throws -> String? {
        guard let (name, kind, _) = try name(of: kept.record) else { return nil }
        let subject = kept.field.flatMap { kind.field($0)?.label }
        let start = subject.map { "\(name): \($0)" } ?? name
        switch kept.reason {
        case .changed(let device):
            let writer = try names.writer(device)
            return "\(start) was changed since by \(writer.person) on \(writer.device), and stays as it is."
        case .deleted(let device):
            let writer = try names.writer(device)
            return "\(start) was deleted since by \(writer.person) on \(writer.device), and stays as it is."
        case .used(let device):
            let writer = try names.writer(device)
            return "\(start) is named in what \(writer.person) wrote on \(writer.device), and stays."
        case .notWritable: return "\(start) stays as it is: you may not write in its team any more."
        case .notDecidable:
            return "\(start) stays as it was decided: only a lead or an admin decides between two sides."
        }
    }

    private func name(of record: RecordReference) throws -> (name: String, kind: RecordKind, title: String)? {
        guard let kind = RecordKind.of(table: record.table), let title = try names.title(of: record) else { return nil }
        return (
            "\(kind.name.prefix(1).uppercased())\(kind.name.dropFirst()) \(ShortID.display(record.id))", kind, title
        )
    }

    // MARK: JSON

    /// The same as a value; at most 20 changes and 20 kept things are listed, the counts say how many there are.
    func json(isTrial: Bool) throws -> JSONValue {
        let at = local.moment(atMilliseconds: report.milliseconds).description
        return [
            "operation": .string(report.words), "at": .string(at), "changed": JSONValue(report.count),
            "kept": JSONValue(report.keptCount), "dry_run": .boolean(isTrial),
            "wordless": JSONValue(report.wordlessCount),
            "changes": .array(try report.entries.compactMap(json)), "left": .array(try report.kept.compactMap(json)),
        ]
    }

    private func json(_ entry: OperationReversal.Entry) throws -> JSONValue? {
        guard let kind = RecordKind.of(table: entry.record.table) else { return nil }
        var members: [JSONValue.Member] = [
            .init("kind", .string(kind.name)), .init("id", .string(entry.record.id.description)),
        ]
        switch entry.step {
        case .deleted: members.append(.init("deleted", true))
        case .restored: members.append(.init("deleted", false))
        case .conflict(let isOpen): members.append(.init("conflict", .string(isOpen ? "open" : "resolved")))
        case .field(let number, let value):
            members.append(.init("field", .string(kind.field(number)?.name ?? "field_\(number)")))
            members.append(.init("value", value.json))
        }
        return .object(members)
    }

    private func json(_ kept: OperationReversal.Kept) throws -> JSONValue? {
        guard let kind = RecordKind.of(table: kept.record.table) else { return nil }
        var members: [JSONValue.Member] = [
            .init("kind", .string(kind.name)), .init("id", .string(kept.record.id.description)),
            .init("field", JSONValue(kept.field.flatMap { kind.field($0)?.name })),
        ]
        switch kept.reason {
        case .changed(let device), .deleted(let device), .used(let device):
            let writer = try names.writer(device)
            members.append(.init("person", .string(writer.person)))
            members.append(.init("device", .string(writer.device)))
        case .notWritable, .notDecidable: members.append(.init("refused", true))
        }
        return .object(members)
    }
}

extension Value {
    /// The value as a JSON value; an id in its text form.
    fileprivate var json: JSONValue {
        switch self {
        case .null: .null
        case .integer(let number): .integer(number)
        case .real(let number): .real(number)
        case .text(let text): .string(text)
        case .blob(let bytes): JSONValue(RecordID(bytes: bytes)?.description)
        }
    }
}
