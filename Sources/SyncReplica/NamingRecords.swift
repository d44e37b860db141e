import Database
import RecordStorage
import SyncCore

/// A field of a record here that holds the id of another record.
struct NamingField {
    let record: RecordReference
    let field: Int
    /// The id that it holds.
    let named: RecordID
}

extension Replica {
    /// The fields of living records that hold one of these ids, at most `limit` of them; every row is looked at.
    func fields(naming ids: Set<RecordID>, limit: Int) throws -> [NamingField] {
        var found: [NamingField] = []
        guard limit > 0 else { return found }
        for table in schema.tables {
            for field in table.fields where field.type == .blob {
                // Names of the schema, which are lower-case letters and underscores.
                let statement = try database.prepare(
                    "SELECT record_key, \"\(field.name)\" FROM \"\(table.name)\" WHERE living AND \"\(field.name)\" NOT NULL"
                )
                while try statement.step() {
                    guard let named = RecordID(bytes: statement.blob(1)), ids.contains(named),
                        let state = try records.load(table: table.number, key: statement.integer(0))
                    else { continue }
                    found.append(
                        NamingField(
                            record: RecordReference(table: table.number, id: state.id), field: field.number,
                            named: named))
                    if found.count == limit { return found }
                }
            }
        }
        return found
    }
}
