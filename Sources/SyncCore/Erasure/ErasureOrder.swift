/// What one order of erasure says of one record.
package struct ErasureTarget: Hashable, Sendable {
    package var table: Int
    package var record: RecordID
    /// `FieldMask.all` for the whole record, which is gone for good; otherwise the fields whose older versions go, while
    /// the record stays with the value that the office gave them.
    package var fields: FieldMask

    package init(table: Int, record: RecordID, fields: FieldMask = .all) {
        self.table = table
        self.record = record
        self.fields = fields
    }

    /// Whether nothing of the record stays.
    package var isWhole: Bool { fields == .all }
}

/// The office's word that content is to be erased everywhere, for good: ids and field numbers, never content.
package struct ErasureOrder: Hashable, Sendable {
    /// The most records in one order.
    package static let largestCount = 2_000

    package var id: RecordID
    /// The packed time of the order at the office: of a field that it names, everything written before goes.
    package var time: UInt64
    package var targets: [ErasureTarget]

    package init(id: RecordID, time: UInt64, targets: [ErasureTarget]) {
        self.id = id
        self.time = time
        self.targets = targets
    }

    /// The stamp of the values that the office gave to fields that the order names.
    package var stamp: Stamp { Stamp(time: time, device: 0) }
}

/// `order = [id, time, [table, record, fields…]]`: fields is null for the whole record, otherwise a set of field
/// numbers as bits.
extension ErasureOrder {
    /// The deterministic encoding, which the office signs.
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 3)
        writer.id(id)
        writer.unsigned(time)
        writer.array(count: 3 * targets.count)
        for target in targets {
            writer.unsigned(UInt64(target.table))
            writer.id(target.record)
            if target.isWhole { writer.null() } else { writer.unsigned(target.fields.bits) }
        }
        return writer.bytes
    }

    /// Reads what `encoded` made; anything that is not exactly one order is an error.
    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        _ = try reader.readArray(3...3)
        let id = try reader.readID()
        let time = try reader.readUnsigned()
        let count = try reader.readArray(0...3 * Self.largestCount)
        guard count.isMultiple(of: 3) else { throw reader.unexpectedItem() }
        var targets: [ErasureTarget] = []
        for _ in 0..<count / 3 {
            let table = try reader.readSmall()
            let record = try reader.readID()
            let bits = try reader.readOptional { (reader) throws(CBORError) in try reader.readUnsigned() }
            let fields = FieldMask(bits: bits ?? FieldMask.all.bits)
            // Existence is no content: a part of a record is made of fields alone.
            let isAllowed = bits == nil || !fields.isEmpty && fields != .all && !fields.contains(Field.existence)
            guard isAllowed else { throw reader.unexpectedItem() }
            targets.append(ErasureTarget(table: table, record: record, fields: fields))
        }
        try reader.finish()
        self.init(id: id, time: time, targets: targets)
    }
}
