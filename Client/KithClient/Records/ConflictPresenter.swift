import OutreachModel
import SyncCore
import SyncReplica
import Terminal

/// Finds conflicts by the beginning of their ids and shows them with both sides named.
struct ConflictPresenter {
    private let replica: Replica
    private let reader: RecordReader
    private let presenter: RecordPresenter
    private let devices: [UInt32: Directory.Device]
    private let local: LocalTime

    init(_ context: ClientContext) throws {
        replica = try context.laptop().replica
        reader = try context.reader()
        presenter = try RecordPresenter(context)
        devices = Dictionary(
            try presenter.staff().devices.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        local = context.local
    }

    /// The conflict as both programs show it.
    func report(_ conflict: Conflict) throws -> ConflictReport {
        ConflictReport(
            conflict, in: try replica.record(table: conflict.table, id: conflict.record),
            staff: { [devices] number in
                (devices[number]?.name ?? "device \(number)", devices[number]?.person ?? "someone")
            },
            local: local)
    }

    private func standing(_ conflict: Conflict) throws -> Conflict {
        conflict.standing(in: try replica.record(table: conflict.table, id: conflict.record))
    }

    /// Of each open conflict about a record what it is about, who wrote which words, and how to see it.
    func openLines(of record: StoredRecord) throws -> [String] {
        let open = try replica.conflicts(openOnly: true).filter { $0.record == record.id }
        return try ConflictReport.sorted(open.map(report)).map { report in
            let label = record.kind.field(report.conflict.field)?.label ?? "deleted or not"
            return "Needs a choice: \(label), between \(report.a.person) and \(report.b.person). "
                + "See it: kith conflicts show \(report.id.prefix(ShortID.length))"
        }
    }

    /// Conflicts, those that need a decision first.
    func reports(openOnly: Bool) throws -> [ConflictReport] {
        let conflicts = try replica.conflicts(openOnly: openOnly)
        return ConflictReport.sorted(try conflicts.map(report))
    }

    /// The one conflict whose id begins with these letters; throws exit code 3 where none or several do.
    func find(_ typed: String) throws -> Conflict {
        let hits = try replica.conflicts(openOnly: false).filter { conflict in
            ConflictReport.text(of: conflict.id).hasPrefix(ShortID.prefix(typed) ?? "?")
        }
        if hits.count == 1 { return try standing(hits[0]) }
        let what = hits.isEmpty ? "No conflict here has that id." : "\(hits.count) conflicts have an id that begins so."
        throw CommandFailure(
            exitCode: .notFound, message: "\(what) Nothing was changed.", next: "kith conflicts list --all")
    }

    /// The conflict for people, a line for each fact.
    func lines(_ report: ConflictReport) throws -> [String] {
        let about = try about(report)
        return report.lines(title: about.title) { about.names[$0] } + [about.moved].compactMap(\.self)
    }

    /// The decision for the writer of one side, a line for each fact.
    func lines(_ decided: DecidedConflict) throws -> [String] {
        let about = try about(decided.report)
        return decided.lines(title: about.title) { about.names[$0] }
    }

    /// What the record of a conflict is called, what its references are called, and where it was moved to.
    private func about(
        _ report: ConflictReport
    ) throws -> (title: String, names: [RecordID: String], moved: String?) {
        let id = ShortID.display(report.conflict.record)
        guard let kind = RecordKind.of(table: report.conflict.table),
            let record = try reader.record(kind, report.conflict.record)
        else { return (id, [:], nil) }
        var names: [RecordID: String] = [:]
        if case .reference(let table)? = kind.field(report.conflict.field)?.form {
            names = try self.names(report, table: table)
        }
        return ("\(kind.name.capitalizedFirst) \(id), \(try presenter.title(of: record))", names, try moved(record))
    }

    /// Where the person is kept now, who was moved away from a record: a choice here does not reach them there.
    private func moved(_ record: StoredRecord) throws -> String? {
        guard record.kind == .person, let target = record.reference(PersonField.movedTo) else { return nil }
        let start = "  moved: what is chosen here stays in \(try presenter.areaName(record.area)). "
        guard let there = try reader.record(.person, target) else {
            return start + "They were moved to another team: tell that team."
        }
        let id = ShortID.display(target)
        return start + "In \(try presenter.areaName(there.area)) they are person \(id): kith person edit \(id)"
    }

    private func names(_ report: ConflictReport, table: Int) throws -> [RecordID: String] {
        let conflict = report.conflict
        var names: [RecordID: String] = [:]
        for value in [conflict.a.value, conflict.b.value, conflict.before, report.now?.value] {
            guard case .blob(let bytes)? = value, let id = RecordID(bytes: bytes) else { continue }
            names[id] = try presenter.reference(table: table, id: id, follows: false).words
        }
        return names
    }
}
