/// Part 27 of a request that hands over groups: `[number, …]`, ascending.
///
/// They are up to the receipt of the restored server, which has another copy's work under at least one of these numbers; and
/// they are settled on the device, so that it does not send them again under other numbers.
extension SyncRequest {
    /// The numbers of those groups of the step; none where there are none.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func settledGroups() throws(CBORError) -> [UInt64] {
        guard let part = parts[.settledGroups] else { return [] }
        var reader = CBORReader(part)
        var numbers: [UInt64] = []
        for _ in 0..<(try reader.readArray(1...Self.largestPageCount)) {
            let number = try reader.readNumber()
            guard number > numbers.last ?? 0 else { throw reader.unexpectedItem() }
            numbers.append(number)
        }
        try reader.finish()
        return numbers
    }

    /// Names them; says nothing where there are none.
    package mutating func set(settledGroups numbers: [UInt64]) {
        if numbers.isEmpty { return parts[.settledGroups] = nil }
        var writer = CBORWriter()
        writer.array(count: numbers.count)
        for number in numbers { writer.unsigned(number) }
        parts[.settledGroups] = writer.bytes
    }
}
