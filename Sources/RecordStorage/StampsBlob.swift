package import SyncCore

/// The stamps of a row's fields as a compact blob, empty while all fields share the stamp of the creation.
///
/// One entry for each field that was written later: number, flags (1: a base follows; for existence 2: alive), time
/// and device, then base time and device. Existence has the number 0 and ends with a count and what a delete had seen.
package enum StampsBlob {
    private static let hasBase: UInt8 = 1
    private static let isAlive: UInt8 = 2

    /// The blob for a record.
    package static func encode(_ state: RecordState) -> [UInt8] {
        var bytes: [UInt8] = []
        for field in state.fields where field.stamp != state.created || field.base != nil {
            bytes.append(UInt8(truncatingIfNeeded: field.number))
            bytes.append(field.base == nil ? 0 : hasBase)
            field.stamp.append(to: &bytes)
            field.base?.append(to: &bytes)
        }
        if let existence = state.existence {
            bytes.append(0)
            bytes.append((existence.base == nil ? 0 : hasBase) | (existence.isAlive ? isAlive : 0))
            existence.stamp.append(to: &bytes)
            existence.base?.append(to: &bytes)
            bytes.append(UInt8(truncatingIfNeeded: existence.seen.count))
            for seen in existence.seen {
                bytes.append(UInt8(truncatingIfNeeded: seen.field))
                seen.stamp.append(to: &bytes)
            }
        }
        return bytes
    }

    /// Lays the stamps of a blob over a record whose fields all bear the stamp of the creation.
    package static func decode(_ bytes: [UInt8], into state: inout RecordState) throws(RecordStorageError) {
        var reader = BlobReader(bytes)
        while !reader.isAtEnd {
            let number = Int(try reader.byte())
            let flags = try reader.byte()
            let stamp = try reader.stamp()
            let base = flags & hasBase != 0 ? try reader.stamp() : nil
            if number == Field.existence {
                var seen: [ExistenceState.Seen] = []
                for _ in 0..<(try reader.byte()) {
                    let field = Int(try reader.byte())
                    seen.append(ExistenceState.Seen(field: field, stamp: try reader.stamp()))
                }
                state.existence = ExistenceState(isAlive: flags & isAlive != 0, stamp: stamp, base: base, seen: seen)
            } else {
                let value = state.field(number).value
                state.set(FieldState(number: number, value: value, stamp: stamp, base: base))
            }
        }
    }
}

/// Fields that this version does not know, as a blob in their row.
package enum MoreBlob {
    /// One entry for each field with a value: number, then the encoded value; empty where there is none.
    package static func encode(_ fields: [FieldState]) -> [UInt8] {
        if fields.isEmpty { return [] }
        return ValueListCoding.encode(fields.map { ($0.number, $0.value) })
    }

    /// Reads what `encode` made.
    package static func decode(_ bytes: [UInt8]) throws(RecordStorageError) -> [(Int, Value)] {
        do throws(CBORError) {
            return try ValueListCoding.decode(bytes)
        } catch {
            throw RecordStorageError.damagedRow
        }
    }
}

/// Reads a blob from front to back; running over its end is an error.
struct BlobReader {
    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { index == bytes.count }

    mutating func byte() throws(RecordStorageError) -> UInt8 {
        guard index < bytes.count else { throw .damagedRow }
        index += 1
        return bytes[index - 1]
    }

    mutating func stamp() throws(RecordStorageError) -> Stamp {
        let time = try number(byteCount: 8)
        return Stamp(time: time, device: UInt32(truncatingIfNeeded: try number(byteCount: 4)))
    }

    private mutating func number(byteCount: Int) throws(RecordStorageError) -> UInt64 {
        guard index + byteCount <= bytes.count else { throw .damagedRow }
        defer { index += byteCount }
        return bytes[index..<index + byteCount].reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// What can be wrong with stored rows beside what the database itself reports.
package enum RecordStorageError: Error, Equatable, CustomStringConvertible {
    /// A row holds bytes that this program did not write.
    case damagedRow
    /// A file that was to be made is there already.
    case fileExists(path: String)
    /// A file that was made could not be given its name, with the system's error number.
    case fileNotNamed(path: String, code: Int32)

    package var description: String {
        switch self {
        case .damagedRow:
            "A record in this database is damaged. Nothing was changed. Restore a backup, or fetch the data again."
        case .fileExists(let path):
            "There is something named \(path) already. Nothing was written. Name another file, or move that one away."
        case .fileNotNamed(let path, let code):
            "\(path) could not be made (system error \(code)). Nothing is left of it. Name another file."
        }
    }
}
