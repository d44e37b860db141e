import SyncCore

extension Hub {
    /// The names of areas whose digest is not the sum over their records; empty where all is well.
    ///
    /// Reads every record once.
    package func areasWithWrongDigest() throws -> [String] {
        try store.readTransaction {
            let sums = try digestSums()
            return try store.areas().filter { area in
                try store.head(area: area.number).digest != sums[area.number, default: 0]
            }.map(\.name)
        }
    }

    /// The digest of each area from its records alone; in the caller's transaction.
    func digestSums() throws -> [Int: UInt128] {
        var sums: [Int: UInt128] = [:]
        for table in schema.tables.map(\.number) + [0] {
            try store.forEachLivingRecord(table: table) { record in
                sums[record.area, default: 0] &+= digestHash(of: record)
            }
        }
        return sums
    }
}
