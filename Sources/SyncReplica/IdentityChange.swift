import Database
import RecordStorage
import SyncCore

/// An identity that is asked for.
struct IdentityWish {
    /// The last number that this database shares with the other copy.
    let agreed: UInt64
    let token: [UInt8]
}

extension Replica {
    /// The token that this device shows since it was given an identity of its own; nil for one that still has its first.
    ///
    /// While it asks for another one, because this database was copied once more, it goes on showing the one that it has.
    package func identityToken() throws -> [UInt8]? {
        try reading {
            let statement = try database.statement(
                "SELECT ifnull(former, token) FROM new_identity WHERE agreed IS NULL OR former NOT NULL")
            defer { statement.reset() }
            return try statement.step() ? statement.blob(0) : nil
        }
    }

    func identityWish() throws -> IdentityWish? {
        try reading {
            let statement = try database.statement("SELECT agreed, token FROM new_identity WHERE agreed NOT NULL")
            defer { statement.reset() }
            guard try statement.step() else { return nil }
            return IdentityWish(agreed: UInt64(bitPattern: statement.integer(0)), token: statement.blob(1))
        }
    }

    /// Gives up the wish for an identity of its own; one that this device was given before stays its own.
    func forgetIdentityWish() throws {
        try transaction {
            try database.run(
                "UPDATE new_identity SET token = former, agreed = NULL, former = NULL WHERE former NOT NULL")
            try database.run("DELETE FROM new_identity WHERE agreed NOT NULL")
        }
    }

    /// Takes note that this database is a copy; the groups up to the number are on the server's disk.
    ///
    /// - Returns: whether all numbers that were given here are compared.
    func noteCopy(agreed: UInt64, _ reply: SyncReply) throws -> Bool {
        try transaction {
            var standing = try standing()
            try kept.note(try reply.corrections())
            let number = min(Int64(clamping: agreed), standing.frozen)
            if number > standing.receipt {
                try outbox.markReceipted(through: number)
                standing.receipt = number
                try standing.save(to: database)
            }
            guard reply.notice == .fork || number == standing.frozen else { return false }
            var token: [UInt8] = []
            while token.count < SyncRequest.tokenLength {
                let bits = random()
                for shift in stride(from: 0, to: 64, by: 8) { token.append(UInt8(truncatingIfNeeded: bits >> shift)) }
            }
            try database.run(
                """
                INSERT INTO new_identity (only, agreed, token) VALUES (1, ?, ?) ON CONFLICT DO UPDATE SET
                    former = CASE WHEN agreed IS NULL THEN token ELSE former END,
                    agreed = excluded.agreed, token = excluded.token
                """, .integer(number), .blob(token))
            return true
        }
    }

    // MARK: What both share

    /// A request that brings nothing and takes all pages as rows: what the other copy sent did not come from here.
    func requestForShared(pageBytes: Int) throws -> SyncRequest {
        var request = try makeRequest(limitCount: 1, limitBytes: 1, pageBytes: pageBytes)
        request.groups = []
        request.lowestOwnGroup = .max
        request.parts[.heldGroups] = nil
        return request
    }

    /// Applies a reply as far as it is about what both copies share.
    func applyShared(_ reply: SyncReply, agreed: UInt64) throws -> AppliedReply {
        var reply = reply
        reply.receipt = min(reply.receipt, agreed)
        reply.held.removeAll { $0.number > agreed }
        return try apply(reply)
    }

    func request(asking token: [UInt8]) throws -> SyncRequest {
        var request = try requestForShared(pageBytes: 0)
        request.set(wantedToken: token)
        return request
    }

    // MARK: Numbering anew

    /// Becomes another device: what is still in the outbox gets the numbers 1, 2, 3 …, and what it had seen of numbers
    /// that are shared becomes a final stamp.
    ///
    /// - Parameter reply: names final times of groups under the old number, those of the other copy too, and what is new
    ///   in the ledger, the enrolment of this device at its end.
    /// - Returns: false where the ledger has more lines than the reply: those are kept, and nothing else is changed.
    func take(identity device: UInt32, from reply: SyncReply) throws -> Bool {
        try transaction {
            var pass = try ReplyPass(self)
            try pass.takeLedger(reply)
            if pass.applied.hasMoreLedger { return false }
            try kept.note(try reply.corrections())
            var standing = try standing()
            // Held work that went with its area is at the office, under the old number.
            try outbox.dropEmpty()
            let numbering = try Numbering(self, former: standing.device)
            try numbering.renumberOutbox()
            try numbering.renumberOthers()
            standing.device = device
            standing.lastGroup = numbering.last
            standing.frozen = numbering.last
            standing.receipt = 0
            standing.lowestOwn = numbering.last + 1
            standing.directoryVersion = 0
            try standing.save(to: database)
            try restamp(device)
            try kept.removeAll()
            try marks.removeAll()
            try database.run("UPDATE new_identity SET agreed = NULL, former = NULL")
            return true
        }
    }

    /// Own changes bear the new number from now on, in the rows that show them too.
    private func restamp(_ device: UInt32) throws {
        let overlay = RecordOverlay(device: device)
        var done: Set<RowKey> = []
        for entry in try outbox.entries(in: 1...Int64.max) where done.insert(entry.row).inserted {
            let work = try work(on: entry.row)
            var view = work.acknowledged
            for link in work.links where link.fate == .stays {
                overlay.apply(link.change, except: link.covered, to: &view)
            }
            if let view { try replaceRow(entry.row, work.view, by: view) }
        }
    }
}

/// The new numbers of the groups that are left in the outbox.
private struct Numbering {
    let replica: Replica
    let former: UInt32
    /// By the old ones.
    let numbers: [Int64: Int64]
    var last: Int64 { Int64(numbers.count) }

    init(_ replica: Replica, former: UInt32) throws {
        self.replica = replica
        self.former = former
        let statement = try replica.database.statement("SELECT number FROM outbox_group ORDER BY number")
        defer { statement.reset() }
        var numbers: [Int64: Int64] = [:]
        while try statement.step() { numbers[statement.integer(0)] = Int64(numbers.count) + 1 }
        self.numbers = numbers
    }

    func renumberOutbox() throws {
        let outbox = replica.outbox
        // A new number is never greater than its old one, so in this order none is in use.
        for (old, new) in numbers.sorted(by: { $0.key < $1.key }) {
            for var entry in try outbox.entries(in: old...old) {
                // While it is there under its old number: what the server has of the record is found by it.
                if !entry.detail.isEmpty {
                    let changes = try ChangeGroup(decoding: entry.detail).changes.map { try rebased($0, of: entry.row) }
                    entry.detail = ChangeGroup(number: UInt64(clamping: new), changes: changes).encoded()
                }
                try outbox.remove(old, entry.row)
                entry.group = new
                entry.previous = entry.previous.flatMap { numbers[$0] }
                try outbox.insert(entry)
                if try replica.records.touchedBy(table: entry.row.table, key: entry.row.key) == old {
                    try replica.records.setPending(new, table: entry.row.table, key: entry.row.key)
                }
            }
            try replica.database.run(
                "UPDATE outbox_group SET number = ?, state = 0, reason = NULL WHERE number = ?", .integer(new),
                .integer(old))
        }
    }

    /// What else names groups: decisions, in-between values, held work.
    func renumberOthers() throws {
        let database = replica.database
        for (old, new) in numbers.sorted(by: { $0.key < $1.key }) {
            try database.run("UPDATE conflict SET decided_in = ? WHERE decided_in = ?", .integer(new), .integer(old))
            try database.run(
                "UPDATE OR REPLACE held_cover SET group_number = ? WHERE group_number = ?", .integer(new),
                .integer(old))
        }
        try renumberHistory()
        try database.run("DELETE FROM withdrawal")
        try database.run("DELETE FROM held_standing")
        try replica.heldLog.move()
        try database.run("UPDATE returned_group SET replacement = NULL")
    }

    private func renumberHistory() throws {
        let database = replica.database
        let groups = try database.query("SELECT DISTINCT base_group FROM history WHERE base_group NOT NULL")
        for row in groups.sorted(by: { Self.number($0) < Self.number($1) }) {
            let old = Self.number(row)
            if let new = numbers[old] {
                try database.run(
                    "UPDATE history SET base_group = ? WHERE base_group = ?", .integer(new), .integer(old))
            } else {
                try database.run(
                    "UPDATE history SET base_group = NULL, base_device = ? WHERE base_group = ?",
                    .integer(Int64(former)), .integer(old))
            }
        }
    }

    private static func number(_ row: [SQLValue]) -> Int64 {
        if case .integer(let number)? = row.first { return number }
        return 0
    }

    // MARK: Bases

    private func rebased(_ change: Change, of row: RowKey) throws -> Change {
        var change = change
        for index in change.fields.indices {
            let field = change.fields[index]
            let base = try rebased(field.base)
            change.fields[index].base = base
            // What was written over a value that is still here, or over a later one, has seen the shared one through it.
            if case .own = base { continue }
            guard let shared = try sharedVersion(before: field, of: row) else { continue }
            if case .stamp(let seen) = base, seen > shared { continue }
            change.fields[index].base = .stamp(shared)
        }
        if var existence = change.existence {
            existence.base = try rebased(existence.base)
            for index in existence.seen.indices { existence.seen[index].base = try rebased(existence.seen[index].base) }
            change.existence = existence
        }
        return change
    }

    /// A value that waited when the copy was made, and that was edited again here before it was sent: the other copy may
    /// have sent it. Then whoever wrote the later one has seen it.
    private func sharedVersion(before field: FieldChange, of row: RowKey) throws -> Stamp? {
        let versions = try replica.localHistory.versions(row).filter { $0.version.number == field.field }
        let replaced = versions.filter {
            $0.kind == .inBetween && $0.version.stamp.device == former && $0.version.stamp.time < field.time
        }
        if replaced.isEmpty { return nil }
        var acknowledged = versions.filter { $0.kind == .acknowledged }.map(\.version)
        if let state = try replica.work(on: row).acknowledged { acknowledged.append(state.field(field.field)) }
        for (version, _) in replaced.sorted(by: { $0.version.stamp > $1.version.stamp }) {
            let times = try replica.kept.finals(proposed: version.stamp.time) + [version.stamp.time]
            let found = acknowledged.first {
                $0.value == version.value && $0.stamp.device == former && times.contains($0.stamp.time)
            }
            if let found { return found.stamp }
        }
        return nil
    }

    /// A value of a group that is still here keeps its place; one that the server has is named by its final stamp.
    private func rebased(_ base: Base) throws -> Base {
        guard case .own(let number, let time) = base else { return base }
        let old = Int64(clamping: number)
        if let new = numbers[old] { return .own(number: UInt64(clamping: new), time: time) }
        let final = try replica.kept.correction(group: old, proposed: time) ?? time
        return .stamp(Stamp(time: final, device: former))
    }
}
