/// `[number, …]`, ascending, as a part of a message; no part where there are none.
enum GroupNumbers {
    /// - Throws: `CBORError` for numbers that do not ascend, and for more of them than a page has groups.
    static func decode(_ part: [UInt8]?) throws(CBORError) -> [UInt64] {
        guard let part else { return [] }
        var reader = CBORReader(part)
        var numbers: [UInt64] = []
        for _ in 0..<(try reader.readArray(1...SyncRequest.largestPageCount)) {
            let number = try reader.readNumber()
            guard number > numbers.last ?? 0 else { throw reader.unexpectedItem() }
            numbers.append(number)
        }
        try reader.finish()
        return numbers
    }

    static func encoded(_ numbers: [UInt64]) -> [UInt8]? {
        if numbers.isEmpty { return nil }
        var writer = CBORWriter()
        writer.array(count: numbers.count)
        for number in numbers { writer.unsigned(number) }
        return writer.bytes
    }
}
