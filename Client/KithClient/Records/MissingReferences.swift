import Database
import OutreachModel
import SyncCore

/// Counts what names records that are not here, or deleted: no fault, but worth knowing.
struct MissingReferences {
    let database: Database

    /// How many living records name one that has not arrived, belongs to another team, was erased or deleted.
    ///
    /// What moved is left out: it names a record of another team by its nature.
    func count() throws(DatabaseError) -> Int {
        var count = 0
        for kind in RecordKind.all {
            for field in kind.fields where field.number != kind.movedTo && field.number != kind.movedFrom {
                guard case .reference(let table) = field.form, let target = RecordKind.of(table: table) else {
                    continue
                }
                let found = try database.integer(
                    """
                    SELECT count(*) FROM "\(kind.name)" AS child WHERE living AND "\(field.name)" NOT NULL AND NOT EXISTS (
                        SELECT 1 FROM "\(target.name)" AS parent WHERE parent.id = child."\(field.name)" AND parent.living)
                    """)
                count += Int(found ?? 0)
            }
        }
        return count
    }
}
