/// Part 27 of a request that hands over groups: `[number, …]`, ascending.
///
/// They are up to the receipt of the restored server, which has another copy's work under at least one of these numbers; and
/// they are settled on the device, so that it does not send them again under other numbers.
extension SyncRequest {
    /// The numbers of those groups of the step; none where there are none.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func settledGroups() throws(CBORError) -> [UInt64] {
        try GroupNumbers.decode(parts[.settledGroups])
    }

    /// Names them; says nothing where there are none.
    package mutating func set(settledGroups numbers: [UInt64]) {
        parts[.settledGroups] = GroupNumbers.encoded(numbers)
    }
}
