/// Numbered values as bytes for storage: `[number, value, …]` in CBOR.
package enum ValueListCoding {
    /// The deterministic encoding of fields with their values.
    package static func encode(_ values: [(number: Int, value: Value)]) -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 2 * values.count)
        for (number, value) in values {
            writer.unsigned(UInt64(number))
            writer.value(value)
        }
        return writer.bytes
    }

    /// Reads what `encode` made.
    package static func decode(_ bytes: [UInt8]) throws(CBORError) -> [(number: Int, value: Value)] {
        var reader = CBORReader(bytes)
        let count = try reader.readArray(0...2 * (Field.largestNumber + 1))
        guard count.isMultiple(of: 2) else { throw reader.unexpectedItem() }
        var values: [(number: Int, value: Value)] = []
        for _ in 0..<count / 2 {
            let number = try reader.readSmall(limit: Field.largestNumber)
            values.append((number, try reader.readValue()))
        }
        try reader.finish()
        return values
    }
}
