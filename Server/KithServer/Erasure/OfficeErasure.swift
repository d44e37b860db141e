import Cryptography
import Database
import OutreachModel
import SyncCore
import SyncHub

/// An erasure by the office: looks for everything that has to do with a person, and removes what was chosen.
struct OfficeErasure {
    /// The most records whose fields are rewritten in one group.
    private static let largestRedaction = 500

    /// What was done.
    struct Outcome {
        var orders: [RecordID] = []
        var erased: [RecordID] = []
        var redacted: [RecordID] = []
        var heldGroups = 0
        /// Held groups that still speak of the person.
        var heldLeft: [Int64] = []
        /// Whether the files hold nothing of it any more.
        var isClean = false
    }

    /// The records changed between looking and erasing.
    struct Changed: Error {}

    let connection: HubConnection
    let aliases: [String]
    /// Told now and then how many records were looked through.
    var progress: (Int) throws -> Void = { _ in }

    func preview(_ person: RecordID) throws -> ErasurePreview? {
        try connection.store.readTransaction {
            try ErasurePreview(person: person, aliases: aliases, in: HubErasureSource(connection, progress))
        }
    }

    /// The held groups that speak of a person.
    func held(_ preview: ErasurePreview) throws -> [QuarantinedGroup] {
        try connection.hub.quarantine().filter { preview.isNamed(in: try connection.hub.quarantineGroup($0.id)) }
    }

    // MARK: Erasing

    /// Does what was chosen for each record of a preview, all of it or nothing.
    ///
    /// - Parameter looked: the records that somebody chose for by themselves: of these, names go too.
    /// - Throws: `Changed` where other records have to do with the person now.
    func carryOut(
        _ actions: [RecordID: ErasureAction], lookedAt looked: Set<RecordID> = [], of preview: ErasurePreview
    ) throws -> Outcome {
        var outcome = try connection.store.transaction {
            // Devices may have synced while somebody chose.
            guard try self.preview(preview.person)?.items == preview.items else { throw Changed() }
            return try erase(actions, looked, preview)
        }
        outcome.heldLeft = try held(preview).map(\.id)
        // What was erased is gone from every table by now; whatever is in the way of the files is told as such.
        outcome.isClean = (try? ErasedFiles(connection).clean()) ?? false
        return outcome
    }

    private func erase(
        _ actions: [RecordID: ErasureAction], _ looked: Set<RecordID>, _ preview: ErasurePreview
    ) throws -> Outcome {
        var outcome = Outcome()
        let redacted = preview.items.filter { actions[$0.id] == .redact }.map { item in
            (item: item, fields: looked.contains(item.id) ? item.redactedFields : item.suggestedFields)
        }
        let erased = preview.items.filter { actions[$0.id] == .erase }
        var whole = erased.map { ErasureTarget(table: $0.table, record: $0.id) }
        // A person who is erased already: their id stays in no new order.
        outcome.erased = erased.map(\.id)
        outcome.redacted = redacted.map(\.item.id)
        for start in stride(from: 0, to: redacted.count, by: Self.largestRedaction) {
            let part = Array(redacted[start..<min(start + Self.largestRedaction, redacted.count)])
            let time = try rewrite(part, preview.names)
            let room = ErasureOrder.largestCount - part.count
            let targets = part.map { ErasureTarget(table: $0.item.table, record: $0.item.id, fields: $0.fields) }
            try order(targets + whole.prefix(room), at: time, &outcome)
            whole.removeFirst(min(room, whole.count))
        }
        while !whole.isEmpty {
            try order(Array(whole.prefix(ErasureOrder.largestCount)), at: try officeTime(), &outcome)
            whole.removeFirst(min(ErasureOrder.largestCount, whole.count))
        }
        return outcome
    }

    /// Gives fields a value without the person, as an edit of the office that syncs like any other; returns its time.
    private func rewrite(_ items: [(item: ErasureItem, fields: FieldMask)], _ names: NameSearch) throws -> UInt64 {
        let hub = connection.hub
        let writer = try OfficeWriter(hub)
        let changes = items.map { item, fields in
            let values = (1...Field.largestNumber).filter { fields.contains($0) }.map { field in
                (field: field, value: redacted(item.state.field(field).value, item, field, names))
            }
            return writer.edit(item.state, values: values, restores: false)
        }
        let group = try hub.officeGroup(changes)
        let acceptance = try hub.accept([group], from: DeviceRecord.office, deviceClock: nil)
        guard !acceptance.held.contains(where: { $0.number == group.number }) else { throw Changed() }
        // All fields of the group bear one time, which is the order's: everything older goes.
        guard let item = items.first?.item, let field = changes.first?.fields.first?.field,
            let state = try hub.record(table: item.table, id: item.id)
        else { throw Changed() }
        return state.field(field).stamp.time
    }

    private func redacted(_ value: Value, _ item: ErasureItem, _ field: Int, _ names: NameSearch) -> Value {
        switch value {
        case .text(let text): .text(names.redacted(text))
        case .blob: item.references.contains(field) ? .null : value
        default: value
        }
    }

    private func order(_ targets: [ErasureTarget], at time: UInt64, _ outcome: inout Outcome) throws {
        let random = RandomNumbers(generator: try SecureRandom())
        let order = ErasureOrder(
            id: RecordID(milliseconds: WallClock.milliseconds(), random: (random.next(), random.next())), time: time,
            targets: targets)
        outcome.heldGroups += try connection.hub.carryOut(order).heldGroups
        try connection.hub.order(.erasure, payload: order.encoded())
        outcome.orders.append(order.id)
    }

    private func officeTime() throws -> UInt64 {
        let highest = try connection.store.device(DeviceRecord.office)?.highestTime ?? 0
        var clock = HybridClock(highest: highest)
        return clock.next(nowMilliseconds: WallClock.milliseconds())
    }
}

/// The office's records as the search for a person reads them.
private final class HubErasureSource: ErasureSource {
    private let store: SQLiteHubStore
    private let tables: [Int]
    private var key: (id: RecordID, key: Int64)?
    private let progress: (Int) throws -> Void
    private var count = 0
    /// How many records are looked through between two words of it.
    private static let progressCount = 256

    init(_ connection: HubConnection, _ progress: @escaping (Int) throws -> Void) {
        self.progress = progress
        store = connection.store
        tables = OutreachSchema.current.tables.map(\.number) + [0]
    }

    func forEachRecord(_ body: (RecordState) throws -> Void) throws {
        for table in tables {
            try store.forEachRecord(table: table) { stored in
                key = (stored.state.id, stored.key)
                count += 1
                if count % Self.progressCount == 0 { try progress(count) }
                try body(stored.state)
            }
        }
    }

    func formerValues(of record: RecordState) throws -> [(field: Int, value: Value)] {
        let known = key.flatMap { $0.id == record.id ? $0.key : nil }
        guard let key = try known ?? store.record(table: record.table, id: record.id)?.key else { return [] }
        var values = try store.versions(table: record.table, key: key).map { (field: $0.number, value: $0.value) }
        for conflict in try store.conflicts(table: record.table, record: record.id).map(\.conflict) {
            let sides = [conflict.a.value, conflict.b.value, conflict.before, conflict.verdict?.why.map { .text($0) }]
            for value in sides.compactMap(\.self) where conflict.field != Field.existence {
                values.append((conflict.field, value))
            }
        }
        return values
    }
}

/// The server's files after an erasure.
struct ErasedFiles {
    private let connection: HubConnection
    let folder: ServerFolder
    /// What lies beside the database.
    let copies: UnsealedCopies

    init(_ connection: HubConnection) {
        self.connection = connection
        let path = connection.database.path
        folder = ServerFolder(path: path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ".")
        copies = UnsealedCopies(folder: folder)
    }

    /// How often the log is tried to be emptied while another process reads.
    private static let attempts = 40
    private static let pauseMicroseconds: UInt32 = 50_000

    /// Writes the database anew and empties the write-ahead log, which still hold what was removed, and removes copies that a
    /// killed backup or trial left behind.
    ///
    /// - Returns: whether nothing of it is left; false while another process reads or makes a backup, and where a former
    ///   database lies in the folder.
    func clean() throws -> Bool {
        let isAlone = copies.removeAbandoned() && copies.former.isEmpty
        guard try hasNoGaps(), emptyLog() else { return false }
        try connection.store.noteEmptyLog()
        return isAlone
    }

    /// How to look whether anything is left.
    var statusCommand: String { "kith-server erase status --data \(folder.path)" }

    /// Whether the database is too large to be written anew beside the server that runs now: that does it itself.
    var waitsForServer: Bool {
        get throws {
            guard try connection.store.leavesGaps(), try isLarge() else { return false }
            do {
                _ = try FolderLock(path: folder.serveLockPath, waits: false)
                return false
            } catch is FolderLock.Taken {
                return true
            }
        }
    }

    private func isLarge() throws -> Bool {
        let room = try connection.database.room()
        return room.totalBytes - room.freeBytes > HubConnection.largestServedBytes
    }

    private func hasNoGaps() throws -> Bool {
        if try waitsForServer { return false }
        return try connection.store.cleanAfterErasure().hasNoGaps
    }

    private func emptyLog() -> Bool {
        for attempt in 1...Self.attempts {
            if connection.database.checkpointIfPossible() { return true }
            if attempt < Self.attempts { WallClock.pause(microseconds: Self.pauseMicroseconds) }
        }
        return false
    }
}
