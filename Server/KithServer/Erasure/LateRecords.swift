import Database
import OutreachModel
import SyncCore
import SyncHub

/// Records that refer to a person who was erased: a device sent them that had not heard of it yet, or the office kept them.
///
/// An order names records, so what a laptop wrote about the person and had not sent stands in no order. By the id alone the
/// office can find it again: the name is gone.
struct LateRecords {
    /// How many ids are looked for at once.
    private static let largestCount = 500

    /// How many records refer to each erased person.
    private let counts: [RecordID: Int]

    init(_ connection: HubConnection) throws {
        let people = try connection.store.readTransaction {
            Set(
                try connection.store.erasures().flatMap(\.order.targets).filter {
                    $0.table == OutreachSchema.Number.person && $0.isWhole
                }.map(\.record)
            ).sorted { $0.number < $1.number }
        }
        let columns = RecordKind.all.flatMap { kind in
            kind.fields.filter {
                $0.form == .anyReference || $0.form.referredTable == OutreachSchema.Number.person
            }.map { (table: kind.name, name: $0.name) }
        }
        var counts: [RecordID: Int] = [:]
        for start in stride(from: 0, to: people.count, by: Self.largestCount) {
            let some = Array(people[start..<min(start + Self.largestCount, people.count)])
            for column in columns {
                for (id, count) in try Self.count(some, in: column, connection.database) {
                    counts[id, default: 0] += count
                }
            }
        }
        self.counts = counts
    }

    /// How often each id stands in a column, where it does; one look through the table for all of them.
    private static func count(
        _ ids: [RecordID], in column: (table: String, name: String), _ database: Database
    ) throws -> [(RecordID, Int)] {
        let places = ids.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
        let rows = try database.query(
            """
            SELECT "\(column.name)", count(*) FROM "\(column.table)" WHERE "\(column.name)" IN (\(places)) GROUP BY 1
            """, ids.map { .blob($0.bytes) })
        return rows.compactMap { row in
            guard case .blob(let bytes)? = row.first, case .integer(let count)? = row.last,
                let id = RecordID(bytes: bytes)
            else { return nil }
            return (id, Int(count))
        }
    }

    /// How many refer to the people of an order.
    func count(of order: ErasureOrder) -> Int {
        Set(order.targets.map(\.record)).reduce(0) { $0 + (counts[$1] ?? 0) }
    }

    /// A line for each person to whom something refers, with the command that takes it away.
    var lines: [String] {
        counts.sorted { $0.key.number < $1.key.number }.map { person, count in
            let id = ShortID.display(person)
            let records = count == 1 ? "1 record refers" : "\(count) records refer"
            return
                "\(records) to the erased person \(id): kept at the time, or sent since by a device that had not heard of "
                + "it. Look: kith-server erase person \(id) --dry-run"
        }
    }
}
