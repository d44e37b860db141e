/// A group that a device was told is on the server's disk, and of which it still holds all: what the receipt was for.
package struct OpenGroup: Hashable, Sendable {
    package var number: UInt64
    /// The lower half of its fingerprint.
    package var check: UInt64

    package init(number: UInt64, fingerprint: UInt128) {
        self.init(number: number, check: UInt64(truncatingIfNeeded: fingerprint))
    }

    package init(number: UInt64, check: UInt64) {
        self.number = number
        self.check = check
    }
}

/// Part 25 of a request: `[number, check, …]`, by ascending number.
///
/// A receipt is a number. A server that was put back has lost what it was for, and another copy of the device's database may
/// have used that number since.
extension SyncRequest {
    /// The most groups that a request names: no more have a place in a page.
    package static let largestOpenGroupCount = largestPageCount

    /// The groups that the device still holds, as far as it names them; none where it holds none.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func openGroups() throws(CBORError) -> [OpenGroup] {
        guard let part = parts[.openGroups] else { return [] }
        var reader = CBORReader(part)
        let count = try reader.readArray(2...2 * Self.largestOpenGroupCount)
        guard count.isMultiple(of: 2) else { throw reader.unexpectedItem() }
        var groups: [OpenGroup] = []
        for _ in 0..<count / 2 {
            let number = try reader.readNumber()
            guard number > groups.last?.number ?? 0 else { throw reader.unexpectedItem() }
            groups.append(OpenGroup(number: number, check: try reader.readUnsigned()))
        }
        try reader.finish()
        return groups
    }

    /// Names them; says nothing where there are none.
    package mutating func set(openGroups groups: [OpenGroup]) {
        if groups.isEmpty { return parts[.openGroups] = nil }
        var writer = CBORWriter()
        writer.array(count: 2 * groups.count)
        for group in groups {
            writer.unsigned(group.number)
            writer.unsigned(group.check)
        }
        parts[.openGroups] = writer.bytes
    }
}

/// Part 25 of a reply: `[number, …]`, ascending.
extension SyncReply {
    /// Groups of the device's request under whose numbers this server may have something else: it wants to see them.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func doubtedGroups() throws(CBORError) -> [UInt64] {
        try GroupNumbers.decode(parts[.openGroups])
    }

    /// Asks for them; says nothing where there are none.
    package mutating func set(doubtedGroups numbers: [UInt64]) {
        parts[.openGroups] = GroupNumbers.encoded(numbers)
    }
}
