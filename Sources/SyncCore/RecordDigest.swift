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
        scratch.removeAll(keepingCapacity: true)
        append(record.id.high, to: &scratch)
        append(record.id.low, to: &scratch)
        record.created.append(to: &scratch)
        for field in record.fields where field.value != .null || field.stamp != record.created {
            scratch.append(UInt8(truncatingIfNeeded: field.number))
            field.stamp.append(to: &scratch)
            append(field.value, to: &scratch)
        }
        if let existence = record.existence {
            scratch.append(0)
            existence.stamp.append(to: &scratch)
            scratch.append(existence.isAlive ? 1 : 0)
        }
        return hash(scratch)
    }

    private static func append(_ value: Value, to bytes: inout [UInt8]) {
        #if PlantedBugs
            if PlantedBug.isChosen(.digestWithoutValues) { return }
        #endif
        switch value {
        case .null: bytes.append(0)
        case .integer(let number):
            bytes.append(1)
            append(UInt64(bitPattern: number), to: &bytes)
        case .real(let number):
            bytes.append(2)
            append(number.bitPattern, to: &bytes)
        case .text(let text):
            bytes.append(3)
            append(UInt64(text.utf8.count), to: &bytes)
            bytes.append(contentsOf: text.utf8)
        case .blob(let content):
            bytes.append(4)
            append(UInt64(content.count), to: &bytes)
            bytes.append(contentsOf: content)
        }
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
