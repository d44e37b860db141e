import Database
import RecordStorage
import SyncCore

/// What sending held work again came to.
package struct Resending: Sendable {
    /// The number of the new group.
    package let number: UInt64
    /// The groups in whose place it is sent.
    package let replaced: [UInt64]
    /// The records that it touches, under the ids that they have now.
    package let records: [RecordReference]
    /// Decisions on conflicts that were left out, for this device may not decide.
    package let decisionsLeftOut: Int
}

/// Held work: sent again as it stands here, or taken back.
extension Replica {
    /// Sends work again that is held, or that came back: as one new group, with what was edited here since.
    ///
    /// The server puts it in the place of the held work in one step. What this device holds of that leaves the rows at
    /// once; its words are kept for 90 days.
    ///
    /// - Parameter area: where records shall belong to that the work makes; they get new ids there. Nil: as they were.
    /// - Throws: `ReplicaError.heldNotFound`, `heldNotHere`, `nothingToSend`, `areaNotWritable`, `tooManyChanges`,
    ///   `groupTooLarge`.
    package func resend(_ number: UInt64, area: Int? = nil) throws -> Resending {
        try resend(number, area: area, isLost: false)
    }

    /// - Parameter isLost: whether the office had it and lost it. What makes its records, and is at the office, stays there; and it
    ///   goes up also where they were deleted since, so that its words are in their history.
    private func resend(_ number: UInt64, area: Int?, isLost: Bool) throws -> Resending {
        try transaction {
            guard let item = try heldItem(number) else { throw ReplicaError.heldNotFound(number) }
            guard item.isWhole else { throw ReplicaError.heldNotHere(number) }
            if case .replaced = item.state { throw ReplicaError.nothingToSend(number) }
            let selection = try HeldSelection(
                number, in: self, followsReferences: area != nil, goesBack: true, onlyToDropped: isLost)
            for part in selection.parts where part.state == .held || part.state == .waiting {
                let isWhole = try outbox.size(of: part.number)?.changes == part.changes.count
                if !isWhole { throw ReplicaError.heldNotHere(UInt64(clamping: part.number)) }
            }
            var work = try RemadeWork(selection, replica: self, area: area, isLost: isLost)
            try work.remake()
            let group = try work.save()
            try giveBack(selection, replacement: group)
            return Resending(
                number: UInt64(clamping: group), replaced: selection.parts.map { UInt64(clamping: $0.number) },
                records: work.changes.map { RecordReference(table: $0.table, id: $0.record) },
                decisionsLeftOut: work.decisionsLeftOut)
        }
    }

    /// Takes held work back: the server drops it, and its words are kept here for 90 days.
    ///
    /// - Returns: the numbers of all groups that are taken back: later edits of a record that the work makes go along.
    /// - Throws: `ReplicaError.heldNotFound` where nothing with this number is held.
    package func withdraw(_ number: UInt64) throws -> [UInt64] {
        try transaction {
            guard let item = try heldItem(number), item.state == .held else { throw ReplicaError.heldNotFound(number) }
            let selection = try HeldSelection(number, in: self, followsReferences: false, goesBack: false)
            try giveBack(selection, replacement: nil)
            return selection.parts.map { UInt64(clamping: $0.number) }
        }
    }

    /// The numbers of what goes along where held work is sent again or taken back, itself included.
    package func heldTogether(with number: UInt64) throws -> [UInt64] {
        try reading {
            try HeldSelection(number, in: self, followsReferences: false, goesBack: false).parts.map {
                UInt64(clamping: $0.number)
            }
        }
    }

    /// Takes work from the rows that the office has not got, inside the transaction that is open, and keeps its words.
    ///
    /// It gets other numbers, for under its own the office has another's, and waits under these for being sent again.
    func giveBack(after agreed: Int64, through receipt: Int64) throws {
        let groups = try outbox.receipted(through: receipt).filter { group in
            try group.number > agreed && !outbox.entries(in: group.number...group.number).isEmpty
        }
        if groups.isEmpty { return }
        removed = []
        var pass = try ReplyPass(self)
        for group in groups {
            try pass.giveBack(
                HeldOutcome(
                    id: 0, number: UInt64(clamping: group.number), kind: .discarded, reason: group.reason, why: nil,
                    milliseconds: try latestKnownMoment()))
        }
        try pass.finishLocally()
        let distance = try heldLog.move(groups.map(\.number))
        for group in groups {
            try database.run("INSERT OR REPLACE INTO lost_group VALUES (?)", .integer(group.number + distance))
        }
    }

    /// Sends work again that came back from a restored server, now or before the power failed; where that can't be, its person
    /// is told that the office has not taken it.
    func sendLostAgain() throws {
        let numbers = try reading { try lostGroups() }
        if numbers.isEmpty { return }
        var applied = AppliedReply()
        for number in numbers {
            // Some may have gone along with an earlier one.
            guard try heldItem(number)?.state == .discarded else { continue }
            do {
                _ = try resend(number, area: nil, isLost: true)
            } catch let error as ReplicaError {
                switch error {
                case .heldNotHere, .nothingToSend, .areaNotWritable, .tooManyChanges, .groupTooLarge:
                    applied.discarded.append(number)
                default: throw error
                }
            }
        }
        try transaction {
            if !applied.discarded.isEmpty { try keepUntold(applied) }
            try database.run("DELETE FROM lost_group")
        }
        try freeze()
    }

    private func lostGroups() throws -> [UInt64] {
        let statement = try database.statement("SELECT number FROM lost_group ORDER BY number")
        defer { statement.reset() }
        var numbers: [UInt64] = []
        while try statement.step() { numbers.append(UInt64(clamping: statement.integer(0))) }
        return numbers
    }

    private func giveBack(_ selection: HeldSelection, replacement: Int64?) throws {
        removed = []
        for part in selection.parts where part.state != nil {
            try heldLog.withdraw(part.number, replacement: replacement)
        }
        var pass = try ReplyPass(self)
        // What has not been sent yet stays in its place, so that no number is missing; the server drops it on arrival.
        for part in selection.parts where part.state != .waiting {
            let outcome = HeldOutcome(
                id: 0, number: UInt64(clamping: part.number), kind: .withdrawn, reason: part.reason, why: nil,
                milliseconds: try latestKnownMoment())
            if part.state != nil { try pass.giveBack(outcome, replacement: replacement) }
            try heldLog.markReplaced(part.number, by: replacement)
        }
        try pass.finishLocally()
    }
}

extension HeldLog {
    private static let movedOffset: Int64 = 1 << 40

    /// Moves what came back to numbers that no new group gets; what was moved before stays where it is.
    ///
    /// - Parameter numbers: those that are moved; nil for all.
    /// - Returns: what was added to each number.
    @discardableResult
    func move(_ numbers: [Int64]? = nil) throws -> Int64 {
        let offset = Self.movedOffset
        let largest = try database.integer("SELECT coalesce(max(number), 0) FROM returned_group") ?? 0
        let distance = largest / offset * offset + offset
        let ranges = numbers?.filter { $0 < offset }.map { $0...$0 } ?? [0...(offset - 1)]
        for table in ["returned_group", "returned_change"] {
            for range in ranges {
                try database.run(
                    "UPDATE \"\(table)\" SET number = number + ?1 WHERE number BETWEEN ?2 AND ?3", .integer(distance),
                    .integer(range.lowerBound), .integer(range.upperBound))
            }
        }
        return distance
    }
}
