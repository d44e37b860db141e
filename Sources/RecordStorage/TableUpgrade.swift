internal import Database
internal import SyncCore

/// Tables and columns that this version has and the file has not: they are made, and take over what was kept for them.
extension RecordTables {
    /// Creates what is missing, in a transaction.
    ///
    /// Fields and records that came from a newer version before this one knew them move to their places; their keys and
    /// stamps stay, so that nobody else notices.
    package func createTables() throws {
        try database.execute(unknown.createStatement)
        try database.execute(unknown.createIndexOfDead)
        for table in schema.tables {
            let layout = layout(table.number)
            try database.execute(layout.createStatement)
            try database.execute(layout.createIndexOfDead)
            try dropColumnsOfOtherType(table: table.number, layout)
            let added = try addColumns(layout)
            let moved = try moveUnknown(table: table.number, layout)
            if moved > 0 || !added.isEmpty { try fillColumns(table: table.number, layout) }
        }
    }

    /// The columns that the table has, and their types.
    private func presentColumns(_ layout: RecordLayout) throws -> [String: String] {
        var present: [String: String] = [:]
        for row in try database.query("PRAGMA table_info(\(layout.name))") {
            if case .text(let name) = row[1], case .text(let type) = row[2] { present[name] = type }
        }
        return present
    }

    /// Drops columns whose type has changed, for they would change what is written to them; their values are kept
    /// beside the row, and come back where the new column takes them.
    private func dropColumnsOfOtherType(table: Int, _ layout: RecordLayout) throws {
        let present = try presentColumns(layout)
        for field in layout.columns {
            let declaration = RecordLayout.declaration(of: field)
            guard let type = present[field.name], !declaration.hasSuffix(" \(type)") else { continue }
            let column = String(declaration.prefix { $0 != " " })
            for row in try database.query("SELECT record_key FROM \(layout.name) WHERE \(column) NOT NULL") {
                guard case .integer(let key)? = row.first, let state = try load(table: table, key: key) else {
                    continue
                }
                let kept = state.fields.filter { $0.number == field.number || !layout.holds($0) }
                try database.run(
                    "UPDATE \(layout.name) SET more = ?2 WHERE record_key = ?1", .integer(key),
                    .blob(MoreBlob.encode(kept)))
            }
            try database.execute("ALTER TABLE \(layout.name) DROP COLUMN \(column)")
        }
    }

    /// Adds the columns that the table lacks.
    private func addColumns(_ layout: RecordLayout) throws -> [Field] {
        let present = try presentColumns(layout)
        let missing = layout.columns.filter { present[$0.name] == nil }
        for field in missing {
            try database.execute("ALTER TABLE \(layout.name) ADD COLUMN \(RecordLayout.declaration(of: field))")
        }
        return missing
    }

    /// Moves the records of a table that was unknown; all their fields stand in `more` still.
    private func moveUnknown(table: Int, _ layout: RecordLayout) throws -> Int {
        let columns =
            "record_key, id, area, created_time, created_device, living, stamps, more"
            + (side == .replica ? ", pending" : "")
        try database.run(
            "INSERT INTO \(layout.name) (\(columns)) SELECT \(columns) FROM \(unknown.name) WHERE table_number = ?1",
            .integer(Int64(table)))
        try database.run("DELETE FROM \(unknown.name) WHERE table_number = ?1", .integer(Int64(table)))
        return database.changes
    }

    /// Moves values from `more` into the columns that exist for them now.
    private func fillColumns(table: Int, _ layout: RecordLayout) throws {
        for row in try database.query("SELECT record_key FROM \(layout.name) WHERE more NOT NULL") {
            guard case .integer(let key)? = row.first, let state = try load(table: table, key: key) else { continue }
            try update(state, key: key, changed: .all)
        }
    }
}
