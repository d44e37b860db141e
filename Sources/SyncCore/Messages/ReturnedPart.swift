/// One of a device's own groups that was held and will not come into force: what a restored server is told of it.
///
/// Its values are not told. What it had seen is: later groups may name it as their base.
package struct ReturnedGroup: Hashable, Sendable {
    /// The group without values and decisions.
    package let group: ChangeGroup
    /// `discarded` or `withdrawn`.
    package var kind: HeldOutcome.Kind
    /// Why it was held.
    package var reason: HoldReason
    /// Why it was decided so, in the words of who decided.
    package var why: String?
    /// When it was decided, in milliseconds since 1970.
    package var milliseconds: Int64

    /// - Parameter group: its values and decisions are left out.
    package init(_ group: ChangeGroup, kind: HeldOutcome.Kind, reason: HoldReason, why: String?, milliseconds: Int64) {
        var rest = group
        for index in rest.changes.indices {
            rest.changes[index].decisions = []
            for field in rest.changes[index].fields.indices { rest.changes[index].fields[field].value = .null }
        }
        self.group = rest
        self.kind = kind
        self.reason = reason
        self.why = why
        self.milliseconds = milliseconds
    }
}

/// `part 8 = [[group, kind, reason, why|null, milliseconds]…]`, by ascending number.
extension SyncRequest {
    /// The most such groups in one request.
    package static let largestReturnedCount = 10_000

    /// Own groups that will not come into force, told to a restored server with the groups that it lost.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func returnedGroups() throws(CBORError) -> [ReturnedGroup] {
        guard let item = parts[.returned] else { return [] }
        var reader = CBORReader(item)
        var groups: [ReturnedGroup] = []
        for _ in 0..<(try reader.readArray(0...Self.largestReturnedCount)) {
            _ = try reader.readArray(5...5)
            let group = try ChangeGroup(from: &reader)
            guard let kind = HeldOutcome.Kind(rawValue: try reader.readSmall()), kind != .accepted,
                group.number > groups.last?.group.number ?? 0
            else { throw reader.unexpectedItem() }
            let reason = HoldReason(rawValue: try reader.readSmall())
            let why = try reader.readOptional { (reader) throws(CBORError) in try reader.readText() }
            groups.append(
                ReturnedGroup(group, kind: kind, reason: reason, why: why, milliseconds: try reader.readInteger()))
        }
        try reader.finish()
        return groups
    }

    /// Tells such groups; says nothing where there are none.
    package mutating func set(returned groups: [ReturnedGroup]) {
        if groups.isEmpty { return parts[.returned] = nil }
        var writer = CBORWriter()
        writer.array(count: groups.count)
        for returned in groups {
            writer.array(count: 5)
            returned.group.encode(to: &writer)
            writer.unsigned(UInt64(returned.kind.rawValue))
            writer.unsigned(UInt64(returned.reason.rawValue))
            if let why = returned.why { writer.text(why) } else { writer.null() }
            writer.integer(returned.milliseconds)
        }
        parts[.returned] = writer.bytes
    }
}
