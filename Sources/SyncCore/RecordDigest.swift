/// A 128-bit hash function that the engine is given: BLAKE2b with 16 bytes of output (RFC 7693), big-endian.
///
/// SyncCore is pure and brings none of its own.
package struct Hash128: Sendable {
    private let function: @Sendable ([UInt8]) -> UInt128

    package init(_ function: @escaping @Sendable ([UInt8]) -> UInt128) { self.function = function }

    package func callAsFunction(_ bytes: [UInt8]) -> UInt128 { function(bytes) }
}

/// The order-free digest of an area: the sum, modulo 2^128, of one hash for each living record.
package enum RecordDigest {
    /// The hash of one record; 0 for a deleted one, so that it does not count.
    ///
    /// The hashed bytes: 16 of the id, the stamp of the creation, then by ascending number each field that holds a
    /// value or was written after the creation (number, stamp, type, length, content), and last the restore, if any.
    /// - Parameter scratch: reused between calls, so that nothing is allocated for each record.
    package static func hash(of record: RecordState, hash: Hash128, scratch: inout [UInt8]) -> UInt128 {
        guard record.isLiving else { return 0 }
        var count = idBytes + stampBytes + (record.existence == nil ? 0 : 2 + stampBytes)
        for field in record.fields where isCounted(field, in: record) { count += 1 + stampBytes + counted(field.value) }
        scratch.fill(count: count) { bytes in
            bytes.append(record.id.high)
            bytes.append(record.id.low)
            bytes.append(record.created)
            for field in record.fields where isCounted(field, in: record) {
                append(field.value, UInt8(truncatingIfNeeded: field.number), field.stamp, to: &bytes)
            }
            if let existence = record.existence {
                bytes.append(UInt8(0))
                bytes.append(existence.stamp)
                bytes.append(UInt8(existence.isAlive ? 1 : 0))
            }
        }
        return hash(scratch)
    }

    /// The hash of the record that a change makes, should it come into force with the time that it proposes; nil where the
    /// change does more than make a record.
    package static func hash(ofNew change: Change, device: UInt32, hash: Hash128, scratch: inout [UInt8]) -> UInt128? {
        guard let creation = change.creation, change.existence == nil, change.decisions.isEmpty else { return nil }
        var count = idBytes + stampBytes
        for field in change.fields {
            guard field.base == .none, field.time == creation.time, !field.value.isNull else { return nil }
            count += 1 + stampBytes + counted(field.value)
        }
        let stamp = Stamp(time: creation.time, device: device)
        scratch.fill(count: count) { bytes in
            bytes.append(change.record.high)
            bytes.append(change.record.low)
            bytes.append(stamp)
            for field in change.fields {
                append(field.value, UInt8(truncatingIfNeeded: field.field), stamp, to: &bytes)
            }
        }
        return hash(scratch)
    }

    private static let idBytes = 16
    private static let stampBytes = 12

    private static func isCounted(_ field: FieldState, in record: RecordState) -> Bool {
        !field.value.isNull || field.stamp != record.created
    }

    /// How many bytes of the hashed ones are the value's.
    private static func counted(_ value: Value) -> Int {
        #if PlantedBugs
            if PlantedBug.isChosen(.digestWithoutValues) { return 0 }
        #endif
        return value.filledBytes
    }

    private static func append(_ value: Value, _ number: UInt8, _ stamp: Stamp, to bytes: inout ByteFiller) {
        #if PlantedBugs
            if PlantedBug.isChosen(.digestWithoutValues) {
                bytes.append(number)
                return bytes.append(stamp)
            }
        #endif
        bytes.append(field: number, stamp, value)
    }

    fileprivate static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        unsafe withUnsafeBytes(of: number.bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }
}

extension Stamp {
    /// Appends eight bytes of time and four of device, big-endian.
    package func append(to bytes: inout [UInt8]) {
        RecordDigest.append(time, to: &bytes)
        unsafe withUnsafeBytes(of: device.bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }
}
