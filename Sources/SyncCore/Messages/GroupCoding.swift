/// Groups on the wire.
///
/// `group = [number, origin, [change…]]`; all times in it are differences to `origin`, so that they are short.
/// `change = [table, id, [area, time]|null, [field, value…], [[field, value, time, base]…], existence|null, [decision…]]`
/// where empty items at the end are left out; `base = null | [time, device] | [own number, time, true]`.
extension ChangeGroup {
    /// The deterministic encoding of the group.
    package func encoded() -> [UInt8] {
        var writer = CBORWriter()
        encode(to: &writer)
        return writer.bytes
    }

    /// Reads what `encoded` made.
    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        self = try ChangeGroup(from: &reader)
        try reader.finish()
    }

    func encode(to writer: inout CBORWriter) {
        let origin = origin
        writer.array(count: 3)
        writer.unsigned(number)
        writer.unsigned(origin)
        writer.array(count: changes.count)
        for change in changes { change.encode(to: &writer, origin: origin) }
    }

    init(from reader: inout CBORReader) throws(CBORError) {
        _ = try reader.readArray(3...3)
        let number = try reader.readNumber()
        let origin = try reader.readUnsigned()
        var changes: [Change] = []
        for _ in 0..<(try reader.readArray(0...Self.largestCount)) {
            changes.append(try Change(from: &reader, origin: origin))
        }
        self.init(number: number, changes: changes)
    }

    /// Reads one that has a number of its device: they count from 1.
    init(numberedFrom reader: inout CBORReader) throws(CBORError) {
        try self.init(from: &reader)
        guard number > 0 else { throw reader.unexpectedItem() }
    }

    /// The first proposed time in the group.
    private var origin: UInt64 {
        guard let first = changes.first else { return 0 }
        return first.creation?.time ?? first.fields.first?.time ?? first.existence?.time ?? first.decisions.first?.time
            ?? 0
    }
}

extension Change {
    /// The items of an encoded change: fields with the creation's time always stand there, the rest where needed.
    private static let itemCounts = 4...7
    /// The most decisions in one change.
    private static let largestDecisionCount = 64

    func encode(to writer: inout CBORWriter, origin: UInt64) {
        let dated = fields.filter { !isPlain($0) }
        let count = !decisions.isEmpty ? 7 : existence != nil ? 6 : !dated.isEmpty ? 5 : 4
        writer.array(count: count)
        writer.unsigned(UInt64(table))
        writer.id(record)
        if let creation {
            writer.array(count: 2)
            writer.unsigned(UInt64(creation.area))
            writer.time(creation.time, origin: origin)
        } else {
            writer.null()
        }
        writer.array(count: 2 * (fields.count - dated.count))
        for field in fields where isPlain(field) {
            writer.unsigned(UInt64(field.field))
            writer.value(field.value)
        }
        if count > 4 {
            writer.array(count: dated.count)
            for field in dated { field.encode(to: &writer, origin: origin) }
        }
        if count > 5 {
            if let existence { existence.encode(to: &writer, origin: origin) } else { writer.null() }
        }
        if count > 6 {
            writer.array(count: decisions.count)
            for decision in decisions { decision.encode(to: &writer, origin: origin) }
        }
    }

    /// Whether a field was written with the creation: it shares its time and has no base.
    private func isPlain(_ field: FieldChange) -> Bool { field.base == .none && field.time == creation?.time }

    init(from reader: inout CBORReader, origin: UInt64) throws(CBORError) {
        let count = try reader.readArray(Self.itemCounts)
        let table = try reader.readSmall()
        let record = try reader.readID()
        let creation = try reader.readOptional { (reader) throws(CBORError) in
            _ = try reader.readArray(2...2)
            return Creation(area: try reader.readSmall(), time: try reader.readTime(origin: origin))
        }
        self.init(table: table, record: record, creation: creation, fields: [])
        let plainCount = try reader.readArray(0...2 * Field.largestNumber)
        guard plainCount.isMultiple(of: 2), plainCount == 0 || creation != nil else { throw reader.unexpectedItem() }
        fields.reserveCapacity(plainCount / 2)
        for _ in 0..<plainCount / 2 {
            let number = try reader.readField()
            fields.append(
                FieldChange(field: number, value: try reader.readValue(), time: creation?.time ?? origin, base: .none))
        }
        if count > 4 {
            for _ in 0..<(try reader.readArray(0...Field.largestNumber)) {
                fields.append(try FieldChange(from: &reader, origin: origin))
            }
            fields.sort { $0.field < $1.field }
        }
        if count > 5 {
            existence = try reader.readOptional { (reader) throws(CBORError) in
                try ExistenceChange(from: &reader, origin: origin)
            }
        }
        if count > 6 {
            for _ in 0..<(try reader.readArray(0...Self.largestDecisionCount)) {
                decisions.append(try Decision(from: &reader, origin: origin))
            }
        }
    }
}

extension FieldChange {
    fileprivate func encode(to writer: inout CBORWriter, origin: UInt64) {
        writer.array(count: 4)
        writer.unsigned(UInt64(field))
        writer.value(value)
        writer.time(time, origin: origin)
        base.encode(to: &writer, origin: origin)
    }

    fileprivate init(from reader: inout CBORReader, origin: UInt64) throws(CBORError) {
        _ = try reader.readArray(4...4)
        let field = try reader.readField()
        let value = try reader.readValue()
        let time = try reader.readTime(origin: origin)
        self.init(field: field, value: value, time: time, base: try Base(from: &reader, origin: origin))
    }
}

extension ExistenceChange {
    fileprivate func encode(to writer: inout CBORWriter, origin: UInt64) {
        writer.array(count: 4)
        writer.bool(isAlive)
        writer.time(time, origin: origin)
        base.encode(to: &writer, origin: origin)
        writer.array(count: 2 * seen.count)
        for entry in seen {
            writer.unsigned(UInt64(entry.field))
            entry.base.encode(to: &writer, origin: origin)
        }
    }

    fileprivate init(from reader: inout CBORReader, origin: UInt64) throws(CBORError) {
        _ = try reader.readArray(4...4)
        let isAlive = try reader.readBool()
        let time = try reader.readTime(origin: origin)
        let base = try Base(from: &reader, origin: origin)
        let count = try reader.readArray(0...2 * Field.largestNumber)
        guard count.isMultiple(of: 2) else { throw reader.unexpectedItem() }
        var seen: [Seen] = []
        for _ in 0..<count / 2 {
            let field = try reader.readField()
            seen.append(Seen(field: field, base: try Base(from: &reader, origin: origin)))
        }
        self.init(isAlive: isAlive, time: time, base: base, seen: seen)
    }
}

extension Base {
    fileprivate func encode(to writer: inout CBORWriter, origin: UInt64) {
        switch self {
        case .none: writer.null()
        case .stamp(let stamp):
            writer.array(count: 2)
            writer.stamp(stamp, origin: origin)
        case .own(let number, let time):
            writer.array(count: 3)
            writer.unsigned(number)
            writer.time(time, origin: origin)
            writer.bool(true)
        }
    }

    fileprivate init(from reader: inout CBORReader, origin: UInt64) throws(CBORError) {
        if try reader.peek() == .null {
            try reader.readNull()
            self = .none
        } else if try reader.readArray(2...3) == 2 {
            self = .stamp(try reader.readStamp(origin: origin))
        } else {
            let number = try reader.readNumber()
            self = .own(number: number, time: try reader.readTime(origin: origin))
            guard try reader.readBool() else { throw reader.unexpectedItem() }
        }
    }
}

extension Decision {
    fileprivate func encode(to writer: inout CBORWriter, origin: UInt64) {
        writer.array(count: 4)
        writer.hash(conflict)
        writer.unsigned(UInt64(action.rawValue))
        writer.value(why.map { .text($0) } ?? .null)
        writer.time(time, origin: origin)
    }

    fileprivate init(from reader: inout CBORReader, origin: UInt64) throws(CBORError) {
        _ = try reader.readArray(4...4)
        let conflict = try reader.readHash()
        guard let action = Action(rawValue: try reader.readSmall()) else { throw reader.unexpectedItem() }
        let why = try reader.readOptional { (reader) throws(CBORError) in try reader.readText() }
        self.init(conflict: conflict, action: action, why: why, time: try reader.readTime(origin: origin))
    }
}
