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

    /// What a server has taken since under the number that both had is shared too: it was put back meanwhile, and a sealed file brought
    /// this copy's work first.
    func identityWish() throws -> IdentityWish? {
        try reading {
            let statement = try database.statement("SELECT agreed, token FROM new_identity WHERE agreed NOT NULL")
            defer { statement.reset() }
            guard try statement.step() else { return nil }
            let agreed = max(statement.integer(0), try standing().receipt)
            return IdentityWish(agreed: UInt64(clamping: agreed), token: statement.blob(1))
        }
    }

    /// Gives up the wish for an identity of its own; one that this device was given before stays its own.
    func forgetIdentityWish() throws {
        try transaction {
            try goOnWithFormerToken()
            try database.run("DELETE FROM new_identity WHERE agreed NOT NULL")
        }
    }

    /// The token that was asked for was never given: the one that this device shows stays its own. In the transaction that is open.
    func goOnWithFormerToken() throws {
        try database.run(
            "UPDATE new_identity SET token = former, agreed = NULL, former = NULL WHERE former NOT NULL")
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
            try wishForIdentity(agreed: number)
            return true
        }
    }

    /// Takes note that this database is a copy where a restored server has another copy's work under some numbers: what is left
    /// here of its own under them waits once more. In the transaction that is open.
    ///
    /// It goes up as it was written, in its order and with what comes behind it, under an identity of its own.
    func goOn(asCopyAfter agreed: Int64, through receipt: Int64) throws {
        let lost = (agreed + 1)...receipt
        try outbox.markUnsent(lost)
        try takeFinalTimes(of: lost)
        var standing = try standing()
        standing.receipt = min(standing.receipt, agreed)
        try standing.save(to: database)
        try wishForIdentity(agreed: agreed)
    }

    /// Gives groups the final times that the office had told, where the clock was wrong when they were written: at the
    /// proposed ones they would come in as older or newer than they were.
    private func takeFinalTimes(of numbers: ClosedRange<Int64>) throws {
        var finals: [Int64: [UInt64: UInt64]] = [:]
        for correction in try kept.corrections(after: numbers.lowerBound - 1) {
            finals[Int64(clamping: correction.number), default: [:]][correction.proposed] = correction.final
        }
        guard finals.keys.contains(where: numbers.contains) else { return }
        func final(_ time: UInt64, of group: Int64) -> UInt64 {
            numbers.contains(group) ? finals[group]?[time] ?? time : time
        }
        for var entry in try outbox.entries(in: numbers.lowerBound...Int64.max) {
            let before = try content(of: entry)
            let after = before.mapped {
                final($0, of: entry.group)
            } own: {
                final($1, of: Int64(clamping: $0))
            }
            if before == after { continue }
            entry.detail = outboxDetail(after, group: entry.group)
            try outbox.insert(entry)
        }
    }

    private func wishForIdentity(agreed: Int64) throws {
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
            """, .integer(agreed), .blob(token))
    }

    // MARK: What both share

    /// A request that brings nothing and takes all pages as rows: what the other copy sent did not come from here.
    ///
    /// Held work that both had and that was taken back here is taken back with it, while this device still bears the number under
    /// which it is held. What was sent in its place goes up under the new number.
    func requestForShared(pageBytes: Int) throws -> SyncRequest {
        var request = try makeRequest(limitCount: 1, limitBytes: 1, pageBytes: pageBytes)
        request.groups = []
        request.lowestOwnGroup = .max
        // What became of held work that both had is told once, and would be told under its old number to nobody later.
        request.set(
            heldGroups: HeldGroupsRequest(
                lastOutcome: try request.heldGroups()?.lastOutcome ?? 0, withdrawals: try withdrawalsOfShared()))
        return request
    }

    private func withdrawalsOfShared() throws -> [HeldGroupsRequest.Withdrawal] {
        guard let agreed = try identityWish()?.agreed else { return [] }
        return try reading { try heldLog.withdrawals() }.filter { $0.number <= agreed }.map {
            HeldGroupsRequest.Withdrawal(number: $0.number, replacement: nil)
        }
    }

    /// Applies a reply as far as it is about what both copies share.
    func applyShared(_ reply: SyncReply, agreed: UInt64) throws -> AppliedReply {
        var reply = reply
        reply.receipt = min(reply.receipt, agreed)
        reply.held.removeAll { $0.number > agreed }
        let outcomes = try reply.heldOutcomes()
        reply.set(heldOutcomes: outcomes.filter { $0.number <= agreed })
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
            try renumber(as: device)
            return true
        }
    }

    /// As `take`, for whatever is known of the final times; in the transaction that is open.
    func renumber(as device: UInt32) throws {
        var standing = try standing()
        // Held work that went with its area is at the office, under the old number.
        try outbox.dropEmpty()
        let dropped = try outbox.droppedGroups()
        let takenBack = try workTakenBack(and: dropped)
        let numbering = try Numbering(self, former: standing.device)
        try numbering.renumberOutbox()
        try numbering.renumberOthers()
        for (number, replacement) in takenBack {
            guard let number = numbering.numbers[number] else { continue }
            try heldLog.withdraw(number, replacement: replacement.flatMap { numbering.numbers[$0] })
        }
        for number in dropped.compactMap({ numbering.numbers[$0] }) { try outbox.markDropped(number) }
        standing.device = device
        standing.lastGroup = numbering.last
        standing.frozen = numbering.last
        standing.receipt = 0
        standing.lowestOwn = numbering.last + 1
        standing.directoryVersion = 0
        try standing.save(to: database)
        try restamp(device)
        try kept.removeAll()
        try receiptChecks.remove(after: 0)
        try marks.removeAll()
        try database.run("UPDATE new_identity SET agreed = NULL, former = NULL")
    }

    /// Groups that are still here, for later work lives by what they make, and that are not to come into force: what their person took
    /// back, with what takes its place, and what the office did not take. Under their new numbers they are sent and taken back at once.
    private func workTakenBack(and dropped: Set<Int64>) throws -> [(number: Int64, replacement: Int64?)] {
        let withdrawn = try heldLog.withdrawals().map {
            (number: Int64(clamping: $0.number), replacement: $0.replacement.map { Int64(clamping: $0) })
        }
        return withdrawn + dropped.subtracting(withdrawn.map(\.number)).map { ($0, nil) }
    }

    /// Own changes bear the new number from now on, in the rows that show them too.
    private func restamp(_ device: UInt32) throws {
        let overlay = RecordOverlay(device: device)
        let dropped = try outbox.droppedGroups()
        var done: Set<RowKey> = []
        for entry in try outbox.entries(in: 1...Int64.max) where done.insert(entry.row).inserted {
            var work = try work(on: entry.row)
            for number in dropped { work.mark(number, as: .discarded) }
            var view = work.acknowledged
            for link in work.links where link.fate == .stays {
                overlay.apply(link.change, except: link.covered, to: &view)
            }
            if let view { try replaceRow(entry.row, work.view, by: view) }
        }
    }
}

extension Change {
    /// The change at other times.
    ///
    /// - Parameters:
    ///   - time: the new one for each of its own.
    ///   - own: the new one for each that a base names by the number of a group.
    fileprivate func mapped(_ time: (UInt64) -> UInt64, own: (UInt64, UInt64) -> UInt64) -> Change {
        func mapped(_ base: Base) -> Base {
            guard case .own(let number, let written) = base else { return base }
            return .own(number: number, time: own(number, written))
        }
        let fields = fields.map {
            FieldChange(field: $0.field, value: $0.value, time: time($0.time), base: mapped($0.base))
        }
        let existence = existence.map { existence in
            ExistenceChange(
                isAlive: existence.isAlive, time: time(existence.time), base: mapped(existence.base),
                seen: existence.seen.map { ExistenceChange.Seen(field: $0.field, base: mapped($0.base)) })
        }
        return Change(
            table: table, record: record, creation: creation.map { Creation(area: $0.area, time: time($0.time)) },
            fields: fields, existence: existence,
            decisions: decisions.map {
                Decision(conflict: $0.conflict, action: $0.action, why: $0.why, time: time($0.time))
            })
    }
}
