/// Records in a page.
///
/// `record = [table, id, created time, created device, whole, [field, value…], [[field, value, time, device]…],
/// existence]`, times as differences to the page's origin; empty items at the end are left out.
/// Existence is `[alive, time, device, living]`.
extension RecordUpdate {
    private static let itemCounts = 6...8

    func encode(to writer: inout CBORWriter, origin: UInt64) {
        let plain = fields.filter { $0.stamp == created }
        let count = existence != nil ? 8 : plain.count < fields.count ? 7 : 6
        writer.array(count: count)
        writer.unsigned(UInt64(table))
        writer.id(record)
        writer.stamp(created, origin: origin)
        writer.bool(isWhole)
        writer.array(count: 2 * plain.count)
        for field in plain {
            writer.unsigned(UInt64(field.number))
            writer.value(field.value)
        }
        if count > 6 {
            writer.array(count: fields.count - plain.count)
            for field in fields where field.stamp != created {
                writer.array(count: 4)
                writer.unsigned(UInt64(field.number))
                writer.value(field.value)
                writer.stamp(field.stamp, origin: origin)
            }
        }
        if let existence {
            writer.array(count: 4)
            writer.bool(existence.isAlive)
            writer.stamp(existence.stamp, origin: origin)
            writer.bool(isLiving)
        }
    }

    init(from reader: inout CBORReader, origin: UInt64) throws(CBORError) {
        let count = try reader.readArray(Self.itemCounts)
        let table = try reader.readSmall()
        let record = try reader.readID()
        let created = try reader.readStamp(origin: origin)
        let isWhole = try reader.readBool()
        self.init(
            table: table, record: record, created: created, isWhole: isWhole, fields: [], existence: nil,
            isLiving: true)
        let plainCount = try reader.readArray(0...2 * Field.largestNumber)
        guard plainCount.isMultiple(of: 2) else { throw reader.unexpectedItem() }
        fields.reserveCapacity(plainCount / 2)
        for _ in 0..<plainCount / 2 {
            let number = try reader.readField()
            fields.append(FieldState(number: number, value: try reader.readValue(), stamp: created))
        }
        if count > 6 {
            for _ in 0..<(try reader.readArray(0...Field.largestNumber)) {
                _ = try reader.readArray(4...4)
                let number = try reader.readField()
                let value = try reader.readValue()
                fields.append(
                    FieldState(number: number, value: value, stamp: try reader.readStamp(origin: origin)))
            }
            fields.sort { $0.number < $1.number }
        }
        if count > 7 {
            _ = try reader.readArray(4...4)
            let isAlive = try reader.readBool()
            let stamp = try reader.readStamp(origin: origin)
            existence = ExistenceState(isAlive: isAlive, stamp: stamp, base: nil, seen: [])
            isLiving = try reader.readBool()
        }
    }
}

/// `conflict = [id, table, record, field, side, side, before, kept, status, verdict|null]`, the area being the page's;
/// `side = [value, time, device]` or, for a delete, `[time, device]`; `verdict = [time, device, action, why]`.
extension Conflict {
    func encode(to writer: inout CBORWriter, origin: UInt64) {
        writer.array(count: 10)
        writer.hash(id)
        writer.unsigned(UInt64(table))
        writer.id(record)
        writer.unsigned(UInt64(field))
        for side in [a, b] {
            writer.array(count: side.value == nil ? 2 : 3)
            if let value = side.value { writer.value(value) }
            writer.stamp(side.stamp, origin: origin)
        }
        writer.value(before)
        writer.unsigned(UInt64(kept.rawValue))
        writer.unsigned(UInt64(status.rawValue))
        if let verdict {
            writer.array(count: 4)
            writer.stamp(verdict.stamp, origin: origin)
            writer.unsigned(UInt64(verdict.action.rawValue))
            writer.value(verdict.why.map { .text($0) } ?? .null)
        } else {
            writer.null()
        }
    }

    init(from reader: inout CBORReader, area: Int, origin: UInt64) throws(CBORError) {
        _ = try reader.readArray(10...10)
        let id = try reader.readHash()
        let table = try reader.readSmall()
        let record = try reader.readID()
        let field = try reader.readField(allowingExistence: true)
        let a = try Side(from: &reader, origin: origin)
        let b = try Side(from: &reader, origin: origin)
        let before = try reader.readValue()
        guard let kept = Kept(rawValue: try reader.readSmall()), let status = Status(rawValue: try reader.readSmall())
        else { throw reader.unexpectedItem() }
        let verdict = try reader.readOptional { (reader) throws(CBORError) in
            try Verdict(from: &reader, origin: origin)
        }
        self.init(
            id: id, table: table, record: record, area: area, field: field, a: a, b: b, before: before, kept: kept,
            status: status, verdict: verdict)
    }
}

extension Conflict.Side {
    fileprivate init(from reader: inout CBORReader, origin: UInt64) throws(CBORError) {
        let value: Value? = try reader.readArray(2...3) == 3 ? try reader.readValue() : nil
        self.init(value: value, stamp: try reader.readStamp(origin: origin))
    }
}

extension Conflict.Verdict {
    fileprivate init(from reader: inout CBORReader, origin: UInt64) throws(CBORError) {
        _ = try reader.readArray(4...4)
        let stamp = try reader.readStamp(origin: origin)
        guard let action = Decision.Action(rawValue: try reader.readSmall()) else { throw reader.unexpectedItem() }
        let why = try reader.readOptional { (reader) throws(CBORError) in try reader.readText() }
        self.init(stamp: stamp, action: action, why: why)
    }
}
