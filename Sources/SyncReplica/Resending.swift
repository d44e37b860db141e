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
        try transaction {
            guard let item = try heldItem(number) else { throw ReplicaError.heldNotFound(number) }
            guard item.isWhole else { throw ReplicaError.heldNotHere(number) }
            if case .replaced = item.state { throw ReplicaError.nothingToSend(number) }
            let selection = try HeldSelection(number, in: self, followsReferences: area != nil, goesBack: true)
            for part in selection.parts where part.state == .held || part.state == .waiting {
                let isWhole = try outbox.size(of: part.number)?.changes == part.changes.count
                if !isWhole { throw ReplicaError.heldNotHere(UInt64(clamping: part.number)) }
            }
            var work = try RemadeWork(selection, replica: self, area: area)
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
    /// - Returns: what was added to each number.
    @discardableResult
    func move() throws -> Int64 {
        let offset = Self.movedOffset
        let largest = try database.integer("SELECT coalesce(max(number), 0) FROM returned_group") ?? 0
        let distance = largest / offset * offset + offset
        for table in ["returned_group", "returned_change"] {
            try database.run(
                "UPDATE \"\(table)\" SET number = number + ? WHERE number < ?", .integer(distance), .integer(offset))
        }
        return distance
    }
}
