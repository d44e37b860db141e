import Database
import SyncCore

/// What this laptop remembers beside its records: one row for each name in the table `laptop_setting`.
struct LaptopSettings {
    private enum Name: String {
        case host, port, pin, token
        case lastArea = "last_area"
        case lastSync = "last_sync"
        case held
        case auditHead = "audit_head"
        case auditSignature = "audit_signature"
        case pageBytes = "page_bytes"
        case signingSeed = "signing_seed"
        case isSigningKeyKnown = "signing_key_known"
        case signingDevice = "signing_device"
        case tokenDevice = "token_device"
        case tokenMade = "token_made"
        case nextToken = "next_token"
        case nextTokenDevice = "next_token_device"
        case serverKeyLine = "server_key_line"
        case toldDevice = "told_device"
    }

    let database: Database

    func createTable() throws(DatabaseError) {
        try database.execute(
            """
            CREATE TABLE IF NOT EXISTS laptop_setting (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS passed_on (id BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS agreed_digest (area INTEGER PRIMARY KEY, digest BLOB NOT NULL);
            CREATE TABLE IF NOT EXISTS sent_file (number INTEGER PRIMARY KEY, mark BLOB NOT NULL UNIQUE);
            """)
    }

    /// What the server said of each area at the last complete sync: the digest over all its records.
    func agreedDigests() throws(DatabaseError) -> [Int: UInt128] {
        var digests: [Int: UInt128] = [:]
        for row in try database.query("SELECT area, digest FROM agreed_digest") {
            guard case .integer(let area) = row[0], case .blob(let bytes) = row[1], bytes.count == 16 else { continue }
            digests[Int(area)] = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        }
        return digests
    }

    func keep(agreedDigests: [Int: UInt128]) throws(DatabaseError) {
        try database.run("DELETE FROM agreed_digest")
        for (area, digest) in agreedDigests {
            try database.run(
                "INSERT INTO agreed_digest VALUES (?, ?)", .integer(Int64(area)), .blob(digest.bigEndianBytes))
        }
    }

    /// The concerns that were written here for others to read, by their ids alone, the newest first.
    func passedOn() throws(DatabaseError) -> [(id: RecordID, milliseconds: Int64)] {
        try database.query("SELECT id, at FROM passed_on ORDER BY at DESC, id").compactMap { row in
            guard case .blob(let bytes) = row[0], let id = RecordID(bytes: bytes), case .integer(let at) = row[1] else {
                return nil
            }
            return (id, at)
        }
    }

    /// Remembers that a concern was written here.
    func keep(passedOn id: RecordID, milliseconds: Int64) throws(DatabaseError) {
        try database.run("INSERT OR REPLACE INTO passed_on VALUES (?, ?)", .blob(id.bytes), .integer(milliseconds))
    }

    /// Forgets a concern that was written here: nobody will read it.
    func forget(passedOn id: RecordID) throws(DatabaseError) {
        try database.run("DELETE FROM passed_on WHERE id = ?", .blob(id.bytes))
    }

    /// Whether a sealed file of this mark was made here.
    func hasMade(file mark: [UInt8]) throws(DatabaseError) -> Bool {
        try !database.query("SELECT 1 FROM sent_file WHERE mark = ?", [.blob(mark)]).isEmpty
    }

    /// Remembers that a sealed file was made here; only so many of the newest are remembered.
    func keep(madeFile mark: [UInt8]) throws(DatabaseError) {
        try database.run("INSERT OR REPLACE INTO sent_file (mark) VALUES (?)", .blob(mark))
        try database.run(
            "DELETE FROM sent_file WHERE number <= (SELECT max(number) FROM sent_file) - ?",
            .integer(Self.rememberedFileCount))
    }

    /// How many sealed files of this laptop are remembered: the office answers the newest that it has.
    private static let rememberedFileCount: Int64 = 1_000

    /// Where the office is; nil before the laptop has joined one.
    func office() throws(DatabaseError) -> (address: ServerAddress, token: [UInt8])? {
        guard case .text(let host)? = try value(.host), case .integer(let port)? = try value(.port),
            case .blob(let pin)? = try value(.pin), case .blob(let token)? = try value(.token)
        else { return nil }
        return (ServerAddress(host: host, port: UInt16(clamping: port), pin: pin), token)
    }

    /// - Parameter milliseconds: when the token was given, since 1970.
    func keep(_ address: ServerAddress, token: [UInt8], milliseconds: Int64) throws(DatabaseError) {
        try keep(.host, .text(address.host))
        try keep(.port, .integer(Int64(address.port)))
        try keep(.pin, .blob(address.pin))
        try keep(.token, .blob(token))
        try keep(.tokenMade, .integer(milliseconds))
    }

    /// Keeps the key that the server showed last.
    func keep(pin: [UInt8]) throws(DatabaseError) { try keep(.pin, .blob(pin)) }

    /// The announcement of a server's key that was typed in last; nil where there is none, or none that can be read.
    func serverKeyLine() throws(DatabaseError) -> LedgerEntry? {
        guard case .blob(let bytes)? = try value(.serverKeyLine) else { return nil }
        // What can't be read announces nothing.
        return try? LedgerEntry(decoding: bytes)
    }

    func keep(serverKeyLine line: LedgerEntry) throws(DatabaseError) {
        try keep(.serverKeyLine, .blob(line.encoded()))
    }

    // MARK: The token

    /// The device that changed to the kept token; nil where that is the one with which this laptop joined.
    func tokenDevice() throws(DatabaseError) -> UInt32? { try integer(.tokenDevice).map { UInt32(clamping: $0) } }

    /// When the present token was given or told, in milliseconds since 1970; nil where an earlier version did not note it.
    func tokenMade() throws(DatabaseError) -> Int64? { try integer(.tokenMade) }

    /// The token that the office is being told, and the device that it is for.
    func nextToken() throws(DatabaseError) -> (token: [UInt8], device: UInt32)? {
        guard case .blob(let token)? = try value(.nextToken), let device = try integer(.nextTokenDevice) else {
            return nil
        }
        return (token, UInt32(clamping: device))
    }

    func keep(nextToken: [UInt8], device: UInt32) throws(DatabaseError) {
        try keep(.nextToken, .blob(nextToken))
        try keep(.nextTokenDevice, .integer(Int64(device)))
    }

    /// Puts the next token in place of the present one.
    func takeNextToken(milliseconds: Int64) throws(DatabaseError) {
        guard let (token, device) = try nextToken() else { return }
        try keep(.token, .blob(token))
        try keep(.tokenDevice, .integer(Int64(device)))
        try keep(.tokenMade, .integer(milliseconds))
        for name in [Name.nextToken, .nextTokenDevice] {
            try database.run("DELETE FROM laptop_setting WHERE name = ?", .text(name.rawValue))
        }
    }

    /// What the office last said of its audit log, behind the history in which it did; nil before that.
    func auditHead() throws(DatabaseError) -> [UInt8]? {
        if case .blob(let head)? = try value(.auditHead) { head } else { nil }
    }

    /// The office's signature over it; nil where it gave none.
    func auditSignature() throws(DatabaseError) -> [UInt8]? {
        if case .blob(let signature)? = try value(.auditSignature) { signature } else { nil }
    }

    /// Keeps both; in a transaction.
    func keep(auditHead: [UInt8], signature: [UInt8]?) throws(DatabaseError) {
        try keep(.auditHead, .blob(auditHead))
        if let signature { return try keep(.auditSignature, .blob(signature)) }
        try database.run("DELETE FROM laptop_setting WHERE name = ?", .text(Name.auditSignature.rawValue))
    }

    /// What this laptop signs with; nil before it has made a key.
    func signingSeed() throws(DatabaseError) -> [UInt8]? {
        if case .blob(let seed)? = try value(.signingSeed) { seed } else { nil }
    }

    /// Keeps a new key, which the office does not know yet.
    func keep(signingSeed: [UInt8]) throws(DatabaseError) {
        try keep(.signingSeed, .blob(signingSeed))
        try keep(signingKeyKnown: false)
    }

    /// The number of the device whose key it is; nil where that was not noted.
    func signingDevice() throws(DatabaseError) -> UInt32? { try integer(.signingDevice).map { UInt32(clamping: $0) } }

    func keep(signingDevice: UInt32) throws(DatabaseError) { try keep(.signingDevice, .integer(Int64(signingDevice))) }

    /// Whether the office has confirmed that it knows the key.
    func isSigningKeyKnown() throws(DatabaseError) -> Bool { try integer(.isSigningKeyKnown) == 1 }

    func keep(signingKeyKnown: Bool) throws(DatabaseError) {
        try keep(.isSigningKeyKnown, .integer(signingKeyKnown ? 1 : 0))
    }

    /// The device that this laptop was when its person was last told of that; nil before a first sync.
    func toldDevice() throws(DatabaseError) -> UInt32? { try integer(.toldDevice).map { UInt32(clamping: $0) } }

    func keep(toldDevice: UInt32) throws(DatabaseError) { try keep(.toldDevice, .integer(Int64(toldDevice))) }

    func lastArea() throws(DatabaseError) -> Int? { try integer(.lastArea).map { Int($0) } }

    func keep(lastArea: Int) throws(DatabaseError) { try keep(.lastArea, .integer(Int64(lastArea))) }

    func lastSync() throws(DatabaseError) -> Int64? { try integer(.lastSync) }

    /// How large pages were at the end of the last sync, in bytes; nil where they were never made smaller.
    func pageBytes() throws(DatabaseError) -> Int? { try integer(.pageBytes).map { Int(clamping: $0) } }

    func keep(pageBytes: Int) throws(DatabaseError) { try keep(.pageBytes, .integer(Int64(pageBytes))) }

    /// How many of this laptop's groups the office held at the last sync, those of areas that were lost since included.
    func held() throws(DatabaseError) -> Int { Int(try integer(.held) ?? 0) }

    func keep(lastSync: Int64, held: Int) throws(DatabaseError) {
        try keep(.lastSync, .integer(lastSync))
        try keep(.held, .integer(Int64(held)))
    }

    private func integer(_ name: Name) throws(DatabaseError) -> Int64? {
        if case .integer(let number)? = try value(name) { number } else { nil }
    }

    private func value(_ name: Name) throws(DatabaseError) -> SQLValue? {
        try database.query("SELECT value FROM laptop_setting WHERE name = ?1", [.text(name.rawValue)]).first?.first
    }

    private func keep(_ name: Name, _ value: SQLValue) throws(DatabaseError) {
        let statement = try database.statement("INSERT OR REPLACE INTO laptop_setting VALUES (?1, ?2)")
        try statement.bind(1, .text(name.rawValue))
        try statement.bind(2, value)
        try statement.run()
    }
}
