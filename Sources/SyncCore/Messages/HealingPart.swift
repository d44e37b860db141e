/// What a device says while a server is healed, and in every request how far the server had receipted its groups:
/// `[receipt]` or `[receipt, step, …]`.
package struct HealingRequest: Hashable, Sendable {
    /// One thing that is handed over.
    package enum Step: Hashable, Sendable {
        /// The ledger, in order, with the directory for its names.
        case ledger([LedgerEntry], directory: Directory?)
        /// The device's own groups as it sent them. Numbers up to `through` that are not among them are gone. Rows of
        /// records that these groups change and that others made come along.
        case groups(through: UInt64, [ChangeGroup], corrections: [GroupCorrection], rows: VouchedRows)
        /// A hash for each part of the acknowledged records of an area.
        case buckets([AreaBuckets])
        /// Records and conflicts that the server lacks or has older.
        case rows(VouchedRows)
        /// Everything has been handed over.
        case done
    }

    /// Every group up to this number had been on the server's disk.
    package var receipt: UInt64
    package var step: Step?

    package init(receipt: UInt64, step: Step? = nil) {
        self.receipt = receipt
        self.step = step
    }
}

/// Records and conflicts that a device holds second-hand, and versions that it saw replaced.
package struct VouchedRows: Hashable, Sendable {
    /// A version that was in force before the one that the record has now.
    package struct Seen: Hashable, Sendable {
        package var table: Int
        package var record: RecordID
        /// 0 for existence.
        package var field: Int
        package var stamp: Stamp
        /// What it said, in part 9; nil where that is not told.
        package var value: Value?

        package init(table: Int, record: RecordID, field: Int, stamp: Stamp, value: Value? = nil) {
            self.table = table
            self.record = record
            self.field = field
            self.stamp = stamp
            self.value = value
        }
    }

    /// Only area, records and conflicts count.
    package var pages: [FeedPage]
    package var seen: [Seen]

    package init(pages: [FeedPage] = [], seen: [Seen] = []) {
        self.pages = pages
        self.seen = seen
    }
}

/// What the server answers while it is healed: `[step, [[area, [bucket…]]…]]`; the step 0 asks for the first one.
package struct HealingAnswer: Hashable, Sendable {
    /// The number of the step that was taken; 0 where the device is to hand over what it holds.
    package var step: Int
    /// The buckets that differ, by area.
    package var differing: [(area: Int, buckets: [Int])]

    package init(step: Int, differing: [(area: Int, buckets: [Int])] = []) {
        self.step = step
        self.differing = differing
    }

    package static func == (left: HealingAnswer, right: HealingAnswer) -> Bool {
        left.step == right.step && left.differing.elementsEqual(right.differing, by: ==)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(step) }
}

extension HealingRequest.Step {
    /// The number on the wire.
    package var number: Int {
        switch self {
        case .ledger: 1
        case .groups: 2
        case .buckets: 3
        case .rows: 4
        case .done: 5
        }
    }

    /// The rows of a step that has some.
    fileprivate var rows: VouchedRows? {
        switch self {
        case .groups(_, _, _, let rows), .rows(let rows): rows
        case .ledger, .buckets, .done: nil
        }
    }
}

extension HealingRequest {
    fileprivate mutating func changeRows(
        _ body: (inout VouchedRows) throws(CBORError) -> Void
    ) throws(CBORError) {
        switch step {
        case .groups(let through, let groups, let corrections, var rows):
            try body(&rows)
            step = .groups(through: through, groups, corrections: corrections, rows: rows)
        case .rows(var rows):
            try body(&rows)
            step = .rows(rows)
        case .ledger, .buckets, .done, nil: return
        }
    }
}

extension SyncRequest {
    /// How far the device's groups were receipted, and what it hands over; nil for a device that can't heal.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func healing() throws(CBORError) -> HealingRequest? {
        guard let part = parts[.healing] else { return nil }
        var request = try HealingRequest(decoding: part)
        if let values = parts[.replacedValues] {
            try request.changeRows { (rows) throws(CBORError) in try rows.readValues(values) }
        }
        return request
    }

    /// Whether the device hands something over.
    package var isHandingOver: Bool { (parts[.healing]?.first).map { $0 != 0x81 } ?? false }

    package mutating func set(_ healing: HealingRequest) {
        parts[.healing] = healing.encoded()
        parts[.replacedValues] = healing.step?.rows?.encodedValues
    }
}

extension SyncReply {
    /// What the server says about its healing; nil where it is not healed.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func healing() throws(CBORError) -> HealingAnswer? {
        guard let part = parts[.healing] else { return nil }
        return try HealingAnswer(decoding: part)
    }

    package mutating func set(_ answer: HealingAnswer) { parts[.healing] = answer.encoded() }
}
