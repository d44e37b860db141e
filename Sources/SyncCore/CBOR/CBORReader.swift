/// How large what is decoded may be; checked before anything is allocated.
package struct CBORLimits: Sendable {
    /// The most nested arrays and maps that `skip` follows.
    package var depth: Int
    /// The most bytes in one text or byte string.
    package var lengthBytes: Int

    package init(depth: Int = 16, lengthBytes: Int = 4 << 20) {
        self.depth = depth
        self.lengthBytes = lengthBytes
    }
}

/// Why bytes are not the expected CBOR; each with the offset in bytes.
package enum CBORError: Error, Hashable {
    case truncated(offset: Int)
    /// Not in core deterministic encoding: a longer head than needed, an indefinite length, a reserved head.
    case notCanonical(offset: Int)
    /// Well formed, but not what should stand there.
    case unexpected(offset: Int)
    case tooLong(offset: Int)
    case tooDeep(offset: Int)
    case invalidText(offset: Int)
    case trailingBytes(offset: Int)
}

/// Reads CBOR items one by one from bytes, strictly: only core deterministic encoding (RFC 8949, section 4.2) passes.
package struct CBORReader {
    /// What kind of item comes next.
    package enum Kind: Sendable {
        case unsigned, negative, bytes, text, array, map, tag, bool, null, real
    }

    private let source: [UInt8]
    private let limits: CBORLimits
    private(set) var offset = 0

    package init(_ source: [UInt8], limits: CBORLimits = CBORLimits()) {
        self.source = source
        self.limits = limits
    }

    /// The error for a well-formed item that should not stand here.
    package func unexpectedItem() -> CBORError { .unexpected(offset: offset) }

    /// The kind of the next item.
    package func peek() throws(CBORError) -> Kind {
        guard offset < source.count else { throw .truncated(offset: offset) }
        switch source[offset] >> 5 {
        case 0: return .unsigned
        case 1: return .negative
        case 2: return .bytes
        case 3: return .text
        case 4: return .array
        case 5: return .map
        case 6: return .tag
        default:
            switch source[offset] & 0x1F {
            case 20, 21: return .bool
            case 22: return .null
            case 25, 26, 27: return .real
            default: throw .notCanonical(offset: offset)
            }
        }
    }

    package mutating func readUnsigned() throws(CBORError) -> UInt64 { try head(0) }

    package mutating func readInteger() throws(CBORError) -> Int64 {
        let start = offset
        guard offset < source.count else { throw .truncated(offset: offset) }
        let isNegative = source[offset] >> 5 == 1
        let number = try head(isNegative ? 1 : 0)
        guard number <= UInt64(Int64.max) else { throw .unexpected(offset: start) }
        return isNegative ? ~Int64(number) : Int64(number)
    }

    package mutating func readBytes() throws(CBORError) -> [UInt8] {
        let range = try content(2)
        return Array(source[range])
    }

    package mutating func readBytes(exactly count: Int) throws(CBORError) -> [UInt8] {
        let start = offset
        let range = try content(2)
        guard range.count == count else { throw .unexpected(offset: start) }
        return Array(source[range])
    }

    /// Text that is valid UTF-8, unchanged.
    package mutating func readText() throws(CBORError) -> String {
        let start = offset
        let range = try content(3)
        guard let text = String(validating: source[range], as: UTF8.self) else { throw .invalidText(offset: start) }
        return text
    }

    /// The number of items in an array; each takes at least one of the bytes that are left.
    package mutating func readArray() throws(CBORError) -> Int { try count(4, minimumItemBytes: 1) }

    /// The number of pairs in a map.
    package mutating func readMap() throws(CBORError) -> Int { try count(5, minimumItemBytes: 2) }

    package mutating func readBool() throws(CBORError) -> Bool {
        guard try peek() == .bool else { throw .unexpected(offset: offset) }
        offset += 1
        return source[offset - 1] == 0xF5
    }

    package mutating func readNull() throws(CBORError) {
        guard try peek() == .null else { throw .unexpected(offset: offset) }
        offset += 1
    }

    /// A real, which must be in its shortest form.
    package mutating func readReal() throws(CBORError) -> Double {
        let start = offset
        guard try peek() == .real else { throw .unexpected(offset: offset) }
        offset += 1
        switch source[start] & 0x1F {
        case 25:
            let bits = UInt16(truncatingIfNeeded: try argument(byteCount: 2))
            let number = HalfPrecision.number(bits)
            if number.isNaN && bits != 0x7E00 { throw .notCanonical(offset: start) }
            return number
        case 26:
            let number = Double(Float(bitPattern: UInt32(truncatingIfNeeded: try argument(byteCount: 4))))
            if number.isNaN || HalfPrecision.bits(of: number) != nil { throw .notCanonical(offset: start) }
            return number
        default:
            let number = Double(bitPattern: try argument(byteCount: 8))
            if number.isNaN || Double(Float(number)) == number { throw .notCanonical(offset: start) }
            return number
        }
    }

    /// Passes over one item with everything in it.
    package mutating func skip() throws(CBORError) { try skip(depth: 0) }

    /// One item as it stands, to keep what is not known.
    package mutating func readItem() throws(CBORError) -> [UInt8] {
        let start = offset
        try skip()
        return Array(source[start..<offset])
    }

    /// Checks that nothing follows.
    package func finish() throws(CBORError) {
        guard offset == source.count else { throw .trailingBytes(offset: offset) }
    }

    // MARK: Heads

    private mutating func skip(depth: Int) throws(CBORError) {
        guard depth <= limits.depth else { throw .tooDeep(offset: offset) }
        switch try peek() {
        case .unsigned: _ = try head(0)
        case .negative: _ = try head(1)
        case .bytes: _ = try content(2)
        case .text: _ = try readText()
        case .array: for _ in 0..<(try readArray()) { try skip(depth: depth + 1) }
        case .map: for _ in 0..<2 * (try readMap()) { try skip(depth: depth + 1) }
        case .tag:
            _ = try head(6)
            try skip(depth: depth + 1)
        case .bool: _ = try readBool()
        case .null: try readNull()
        case .real: _ = try readReal()
        }
    }

    private mutating func count(_ major: UInt8, minimumItemBytes: Int) throws(CBORError) -> Int {
        let start = offset
        let number = try head(major)
        guard number <= UInt64((source.count - offset) / minimumItemBytes) else { throw .truncated(offset: start) }
        return Int(number)
    }

    private mutating func content(_ major: UInt8) throws(CBORError) -> Range<Int> {
        let start = offset
        let number = try head(major)
        guard number <= UInt64(limits.lengthBytes) else { throw .tooLong(offset: start) }
        let length = Int(number)
        guard length <= source.count - offset else { throw .truncated(offset: start) }
        offset += length
        return offset - length..<offset
    }

    private mutating func head(_ major: UInt8) throws(CBORError) -> UInt64 {
        let start = offset
        guard offset < source.count else { throw .truncated(offset: offset) }
        let initial = source[offset]
        guard initial >> 5 == major else { throw .unexpected(offset: offset) }
        offset += 1
        let additional = initial & 0x1F
        if additional < 24 { return UInt64(additional) }
        guard additional <= 27 else { throw .notCanonical(offset: start) }
        let number = try argument(byteCount: 1 << Int(additional - 24))
        let smallest: UInt64
        switch additional {
        case 24: smallest = 24
        case 25: smallest = 0x100
        case 26: smallest = 0x1_0000
        default: smallest = 0x1_0000_0000
        }
        guard number >= smallest else { throw .notCanonical(offset: start) }
        return number
    }

    private mutating func argument(byteCount: Int) throws(CBORError) -> UInt64 {
        guard byteCount <= source.count - offset else { throw .truncated(offset: offset) }
        var number: UInt64 = 0
        for index in offset..<offset + byteCount { number = number << 8 | UInt64(source[index]) }
        offset += byteCount
        return number
    }
}
