import Database
import OutreachModel
import SyncCore
import Terminal

/// Says before an edit that what is shown is old, and who else may have changed it since.
struct StaleNote {
    /// From how many days without a sync on it is told.
    private static let shortestDays: Int64 = 3
    private static let dayMilliseconds: Int64 = 86_400_000

    let context: ClientContext

    /// Tells it of a record that others can have changed; of what was written here since, there is nothing to tell.
    func tell(_ record: StoredRecord) throws {
        let laptop = try context.laptop()
        guard let lastSync = try laptop.lastSync(), record.created.milliseconds <= lastSync else { return }
        let days = (context.clock() - lastSync) / Self.dayMilliseconds
        guard days >= Self.shortestDays else { return }
        let others = try colleagues(record, laptop)
        let who = others.count == 1 ? "1 colleague also works" : "\(others.count) colleagues also work"
        let whom =
            switch record.kind {
            case .person: "with them"
            case .place: "there"
            default: "on this"
            }
        let also = others.isEmpty ? "" : "; \(who) \(whom)"
        try context.console.note(
            "This came from \(days) days ago\(also). If somebody changed it since, both are kept and a choice is asked for."
        )
    }

    /// Who else wrote the record, or something that names it.
    private func colleagues(_ record: StoredRecord, _ laptop: Laptop) throws -> Set<String> {
        let directory = try RecordPresenter(context).staff()
        let people = Dictionary(
            directory.devices.map { ($0.number, $0.person) }, uniquingKeysWith: { first, _ in first })
        var devices: Set<UInt32> = [record.created.device]
        for kind in RecordKind.all {
            for field in kind.fields where field.form == .reference(record.kind.number) || field.form == .anyReference {
                let rows = try laptop.database.query(
                    "SELECT DISTINCT created_device FROM \"\(kind.name)\" WHERE living AND \"\(field.name)\" = ?1",
                    [.blob(record.id.bytes)])
                for row in rows {
                    if case .integer(let device)? = row.first { devices.insert(UInt32(truncatingIfNeeded: device)) }
                }
            }
        }
        return Set(devices.compactMap { people[$0] }).subtracting([directory.person])
    }
}
