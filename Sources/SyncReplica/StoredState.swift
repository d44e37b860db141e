import SyncCore

/// The bytes of a record's state in the table `shadow`, as CBOR:
/// `[area, created time, created device, living, [field, value, time, device…], null | [alive, time, device]]`.
enum StoredState {
    static func encode(_ state: RecordState) -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 6)
        writer.unsigned(UInt64(state.area))
        writer.unsigned(state.created.time)
        writer.unsigned(UInt64(state.created.device))
        writer.bool(state.isLiving)
        writer.array(count: 4 * state.fields.count)
        for field in state.fields {
            writer.unsigned(UInt64(field.number))
            append(field.value, to: &writer)
            writer.unsigned(field.stamp.time)
            writer.unsigned(UInt64(field.stamp.device))
        }
        if let existence = state.existence {
            writer.array(count: 3)
            writer.bool(existence.isAlive)
            writer.unsigned(existence.stamp.time)
            writer.unsigned(UInt64(existence.stamp.device))
        } else {
            writer.null()
        }
        return writer.bytes
    }

    static func decode(_ bytes: [UInt8], table: Int, id: RecordID) throws -> RecordState {
        var reader = CBORReader(bytes)
        guard try reader.readArray() == 6 else { throw ReplicaError.damaged("a stored state") }
        let area = Int(clamping: try reader.readUnsigned())
        let created = try stamp(&reader)
        let isLiving = try reader.readBool()
        let count = try reader.readArray() / 4
        var fields: [FieldState] = []
        fields.reserveCapacity(count)
        for _ in 0..<count {
            let number = Int(clamping: try reader.readUnsigned())
            let value = try value(&reader)
            fields.append(FieldState(number: number, value: value, stamp: try stamp(&reader)))
        }
        var existence: ExistenceState?
        if try reader.peek() == .null {
            try reader.readNull()
        } else {
            guard try reader.readArray() == 3 else { throw ReplicaError.damaged("a stored state") }
            let isAlive = try reader.readBool()
            existence = ExistenceState(isAlive: isAlive, stamp: try stamp(&reader), base: nil, seen: [])
        }
        try reader.finish()
        return RecordState(
            table: table, id: id, area: area, created: created, fields: fields, existence: existence,
            isLiving: isLiving)
    }

    /// Any value as one CBOR item.
    static func append(_ value: Value, to writer: inout CBORWriter) {
        switch value {
        case .null: writer.null()
        case .integer(let number): writer.integer(number)
        case .real(let number): writer.real(number)
        case .text(let text): writer.text(text)
        case .blob(let bytes): writer.bytes(bytes)
        }
    }

    /// Reads what `append` wrote.
    static func value(_ reader: inout CBORReader) throws -> Value {
        switch try reader.peek() {
        case .null:
            try reader.readNull()
            return .null
        case .unsigned, .negative: return .integer(try reader.readInteger())
        case .real: return .real(try reader.readReal())
        case .text: return .text(try reader.readText())
        case .bytes: return .blob(try reader.readBytes())
        default: throw ReplicaError.damaged("a stored value")
        }
    }

    private static func stamp(_ reader: inout CBORReader) throws -> Stamp {
        let time = try reader.readUnsigned()
        return Stamp(time: time, device: UInt32(truncatingIfNeeded: try reader.readUnsigned()))
    }
}
