import Database
import SyncCore

/// The office's ledger as this device holds it, and the key that it is checked with.
package struct LedgerTable {
    let database: Database
    let hash: Hash128

    /// The office's public key, or nil before the server has told it.
    package func officeKey() throws -> [UInt8]? {
        let statement = try database.statement("SELECT public_key FROM office")
        defer { statement.reset() }
        return try statement.step() ? statement.blob(0) : nil
    }

    func keep(officeKey: [UInt8]) throws {
        try database.run("INSERT OR REPLACE INTO office VALUES (1, ?)", .blob(officeKey))
    }

    /// The last entry, or nil where there is none.
    package func last() throws -> LedgerEntry? {
        try select("SELECT entry FROM ledger ORDER BY number DESC LIMIT 1", []).first
    }

    /// The entries behind a number, in order; of one kind, or of all.
    package func entries(after number: UInt64, kind: LedgerEntry.Kind? = nil) throws -> [LedgerEntry] {
        let condition = kind == nil ? "" : "AND kind = ?2"
        return try select(
            "SELECT entry FROM ledger WHERE number > ?1 \(condition) ORDER BY number",
            [.integer(Int64(clamping: number))] + (kind.map { [.integer(Int64($0.rawValue))] } ?? []))
    }

    func add(_ entry: LedgerEntry) throws {
        try database.run(
            "INSERT INTO ledger VALUES (?, ?, ?)", .integer(Int64(clamping: entry.number)),
            .integer(Int64(entry.kind)), .blob(entry.encoded()))
    }

    func progress() throws -> LedgerProgress {
        let last = try last()
        return LedgerProgress(
            count: last?.number ?? 0, hash: last?.hash(hash) ?? 0, hasKey: try officeKey() != nil)
    }

    private func select(_ sql: String, _ values: [SQLValue]) throws -> [LedgerEntry] {
        let statement = try database.statement(sql)
        defer { statement.reset() }
        for (index, value) in values.enumerated() { try statement.bind(index + 1, value) }
        var entries: [LedgerEntry] = []
        while try statement.step() {
            do throws(CBORError) {
                entries.append(try LedgerEntry(decoding: statement.blob(0)))
            } catch {
                throw ReplicaError.damaged("an entry of the ledger")
            }
        }
        return entries
    }
}

extension ReplyPass {
    /// Takes over what the server says of the ledger: entries that follow those held here and bear the office's
    /// signature, in order. One that does not changes nothing, and is reported.
    mutating func takeLedger(_ reply: SyncReply) throws {
        guard let verifier = replica.verifier, let news = try reply.ledgerNews() else { return }
        let ledger = replica.ledger
        var key = try ledger.officeKey()
        if let told = news.publicKey {
            // The first key comes over a connection to the pinned server; it never changes after that.
            guard key == nil || key == told else { throw ReplicaError.anotherOffice }
            if key == nil { try ledger.keep(officeKey: told) }
            key = told
        }
        guard let key else { return }
        var last = try ledger.last()
        for entry in news.entries where entry.number > last?.number ?? 0 {
            guard entry.follows(last, hash: replica.hash), verifier.verify(entry, publicKey: key) else {
                applied.refusedLedgerEntry = entry.number
                return
            }
            try ledger.add(entry)
            if entry.kind == LedgerEntry.Kind.erasure.rawValue { try replica.take(erasure: entry.payload) }
            try replica.onLedgerEntry?(entry)
            last = entry
        }
        applied.hasMoreLedger = news.mayGoOn
    }
}
