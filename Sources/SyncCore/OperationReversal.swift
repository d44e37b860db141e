/// What taking back an operation, or doing it again, came to.
package struct OperationReversal: Sendable, Equatable {
    /// Which way.
    package enum Direction: Sendable {
        /// Take back what was done last.
        case undo
        /// Do again what was taken back last.
        case redo
    }

    /// What happened to a record.
    package enum Step: Sendable, Equatable {
        /// The record is deleted now.
        case deleted
        /// The record is shown again.
        case restored
        /// The field has this value now.
        case field(Int, Value)
        /// The conflict about the record is open again, or settled again.
        case conflict(isOpen: Bool)
    }

    /// One thing that happened.
    package struct Entry: Sendable, Equatable {
        /// The record that it happened to.
        package let record: RecordReference
        /// What happened.
        package let step: Step

        /// Names what happened to a record.
        package init(record: RecordReference, step: Step) {
            self.record = record
            self.step = step
        }
    }

    /// Why something was left as it is.
    package enum Reason: Sendable, Equatable {
        /// Something else was written there since, last by this device.
        case changed(device: UInt32)
        /// The record was deleted since, by this device.
        case deleted(device: UInt32)
        /// A record that this device made names it.
        case used(device: UInt32)
        /// This device may not write in the record's area any more.
        case notWritable
        /// It is a decision on a conflict, and this person decides on conflicts no more.
        case notDecidable
    }

    /// One thing that was left as it is.
    package struct Kept: Sendable, Equatable {
        /// The record that was left.
        package let record: RecordReference
        /// Its field, or nil where the whole record is meant.
        package let field: Int?
        /// Why.
        package let reason: Reason

        /// Names what was left.
        package init(record: RecordReference, field: Int?, reason: Reason) {
            self.record = record
            self.field = field
            self.reason = reason
        }
    }

    /// The most entries, and the most kept things, that are listed one by one.
    package static let largestList = 20

    /// Which way it went.
    package let direction: Direction
    /// The command whose operation it was: `visit edit`.
    package let words: String
    /// When that was done, in milliseconds since 1970.
    package let milliseconds: Int64
    /// What happened, at most `largestList` of it.
    package private(set) var entries: [Entry] = []
    /// What was left as it is, at most `largestList` of it.
    package private(set) var kept: [Kept] = []
    /// How many records of each table were deleted.
    package private(set) var deleted: [Int: Int] = [:]
    /// How many records of each table are shown again.
    package private(set) var restored: [Int: Int] = [:]
    /// How many records of each table have fields that were set.
    package private(set) var changed: [Int: Int] = [:]
    /// How many things were left as they are.
    package private(set) var keptCount = 0
    /// How many things happened.
    package private(set) var count = 0
    /// How much of what happened was only taken away from what waits: it had not been sent, so no change is to be sent.
    package private(set) var unsentCount = 0
    /// How many new records had not been sent: they are, as deleted ones without a word of what they said.
    package private(set) var wordlessCount = 0
    /// How many new records the server has not confirmed, and are sent with all they say: they may have left this device already, or
    /// it may not read where they are.
    package private(set) var mayHaveLeftCount = 0
    /// How much of the operation was about records that have left this device, so that nothing can be said of it.
    package private(set) var goneCount = 0

    /// Whether nothing came of it because all that the operation did has left this device.
    package var isGone: Bool { goneCount > 0 && count == 0 && keptCount == 0 }

    /// Begins a report without anything in it.
    package init(_ direction: Direction, words: String, milliseconds: Int64) {
        self.direction = direction
        self.words = words
        self.milliseconds = milliseconds
    }

    /// Tells what happened to a record.
    package mutating func note(_ record: RecordReference, _ steps: [Step]) {
        for step in steps {
            count += 1
            if entries.count < Self.largestList { entries.append(Entry(record: record, step: step)) }
        }
        if steps.contains(.deleted) {
            deleted[record.table, default: 0] += 1
        } else if steps.contains(.restored) {
            restored[record.table, default: 0] += 1
        } else if !steps.isEmpty {
            changed[record.table, default: 0] += 1
        }
    }

    /// Tells that a new record is sent without its words.
    package mutating func noteWordless() { wordlessCount += 1 }

    /// Tells that a new record may have left this device, so that its words go with it.
    package mutating func noteMayHaveLeft() { mayHaveLeftCount += 1 }

    /// Tells how much was only taken away from what waits.
    package mutating func noteUnsent(_ steps: Int) { unsentCount += steps }

    /// Tells that something of the operation has left this device.
    package mutating func noteGone() { goneCount += 1 }

    /// Tells what was left as it is.
    package mutating func keep(_ record: RecordReference, _ field: Int?, _ reason: Reason) {
        keptCount += 1
        if kept.count < Self.largestList { kept.append(Kept(record: record, field: field, reason: reason)) }
    }
}
