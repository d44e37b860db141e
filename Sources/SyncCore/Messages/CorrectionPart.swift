/// The final time that the server gave to a proposed one, where the two differ.
package struct GroupCorrection: Hashable, Sendable {
    /// The number of the device's group.
    package var number: UInt64
    /// The packed time that the device proposed.
    package var proposed: UInt64
    /// The packed time that counts.
    package var final: UInt64

    package init(number: UInt64, proposed: UInt64, final: UInt64) {
        self.number = number
        self.proposed = proposed
        self.final = final
    }
}

/// `corrections = [number, proposed, final, number, proposed, final…]`, by number, then by proposed time.
extension GroupCorrection {
    /// The most corrections in one message.
    package static let largestCount = 200_000

    static func encode(_ corrections: [GroupCorrection], to writer: inout CBORWriter) {
        writer.array(count: 3 * corrections.count)
        for correction in corrections {
            writer.unsigned(correction.number)
            writer.unsigned(correction.proposed)
            writer.unsigned(correction.final)
        }
    }

    static func decode(from reader: inout CBORReader) throws(CBORError) -> [GroupCorrection] {
        let count = try reader.readArray(0...3 * largestCount)
        guard count.isMultiple(of: 3) else { throw reader.unexpectedItem() }
        var corrections: [GroupCorrection] = []
        for _ in 0..<count / 3 {
            let number = try reader.readNumber()
            let proposed = try reader.readUnsigned()
            corrections.append(
                GroupCorrection(number: number, proposed: proposed, final: try reader.readUnsigned()))
        }
        return corrections
    }
}

extension SyncReply {
    /// The final times of the groups in the request, known ones included, where they differ from the proposed ones.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func corrections() throws(CBORError) -> [GroupCorrection] {
        guard let part = parts[.corrections] else { return [] }
        var reader = CBORReader(part)
        let corrections = try GroupCorrection.decode(from: &reader)
        try reader.finish()
        return corrections
    }

    /// Says final times; nothing where there are none.
    package mutating func set(_ corrections: [GroupCorrection]) {
        if corrections.isEmpty { return }
        var writer = CBORWriter()
        GroupCorrection.encode(corrections, to: &writer)
        parts[.corrections] = writer.bytes
    }
}
