/// How values, stamps and ids stand on the wire. See docs/protocol.md.
extension CBORWriter {
    /// Appends a value as one item.
    package mutating func value(_ value: Value) {
        switch value {
        case .null: null()
        case .integer(let number): integer(number)
        case .real(let number): real(number)
        case .text(let content): text(content)
        case .blob(let content): bytes(content)
        }
    }

    mutating func id(_ id: RecordID) { bytes(bigEndian: id.number) }

    /// A packed time as its difference to `origin`, modulo 2^64.
    mutating func time(_ time: UInt64, origin: UInt64) { integer(Int64(bitPattern: time &- origin)) }

    /// A stamp as two items: time less `origin`, device.
    mutating func stamp(_ stamp: Stamp, origin: UInt64) {
        time(stamp.time, origin: origin)
        unsigned(UInt64(stamp.device))
    }

    mutating func hash(_ hash: UInt128) { bytes(bigEndian: hash) }
}

extension CBORReader {
    mutating func readValue() throws(CBORError) -> Value {
        switch try peek() {
        case .null:
            try readNull()
            return .null
        case .unsigned, .negative: return .integer(try readInteger())
        case .real: return .real(try readReal())
        case .text: return .text(try readText())
        case .bytes: return .blob(try readBytes())
        default: throw unexpectedItem()
        }
    }

    mutating func readID() throws(CBORError) -> RecordID { RecordID(try readBigEndian()) }

    mutating func readTime(origin: UInt64) throws(CBORError) -> UInt64 {
        origin &+ UInt64(bitPattern: try readInteger())
    }

    mutating func readStamp(origin: UInt64) throws(CBORError) -> Stamp {
        let time = try readTime(origin: origin)
        return Stamp(time: time, device: try readUInt32())
    }

    mutating func readHash() throws(CBORError) -> UInt128 { try readBigEndian() }

    mutating func readUInt32() throws(CBORError) -> UInt32 {
        guard let number = UInt32(exactly: try readUnsigned()) else { throw unexpectedItem() }
        return number
    }

    /// A number that counts up, such as of a group, a sequence or a line: far from where adding 1 to it would fail.
    mutating func readNumber() throws(CBORError) -> UInt64 {
        let number = try readUnsigned()
        guard number <= Self.largestNumber else { throw unexpectedItem() }
        return number
    }

    /// No honest count comes near it.
    private static var largestNumber: UInt64 { 1 << 53 }

    /// An unsigned number that fits a small integer, such as a table, an area or a count.
    mutating func readSmall(limit: Int = Int(Int32.max)) throws(CBORError) -> Int {
        let number = try readUnsigned()
        guard number <= UInt64(limit) else { throw unexpectedItem() }
        return Int(number)
    }

    /// The count of an array that must have one of these counts.
    mutating func readArray(_ counts: ClosedRange<Int>) throws(CBORError) -> Int {
        let count = try readArray()
        guard counts.contains(count) else { throw unexpectedItem() }
        return count
    }

    /// A field number; `Field.existence` only where it is allowed.
    mutating func readField(allowingExistence: Bool = false) throws(CBORError) -> Int {
        let number = try readSmall(limit: Field.largestNumber)
        guard number > Field.existence || allowingExistence else { throw unexpectedItem() }
        return number
    }

    mutating func readOptional<T>(_ read: (inout CBORReader) throws(CBORError) -> T) throws(CBORError) -> T? {
        if try peek() == .null {
            try readNull()
            return nil
        }
        return try read(&self)
    }
}

extension UInt128 {
    /// The 16 bytes in network order.
    package var bigEndianBytes: [UInt8] {
        (0..<16).map { UInt8(truncatingIfNeeded: self >> UInt128(120 - 8 * $0)) }
    }

    /// Reads bytes in network order.
    package init(bigEndianBytes bytes: some Sequence<UInt8>) {
        self = bytes.reduce(0) { $0 << 8 | UInt128($1) }
    }
}
