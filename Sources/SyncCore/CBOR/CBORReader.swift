/// Reads CBOR items one by one from bytes, strictly: only core deterministic encoding (RFC 8949, section 4.2) passes.
///
/// Every length and count is checked against the limits and the bytes that are left before anything is allocated.
/// After an error the reader is of no more use; nothing it returned before is harmed.
package struct CBORReader {
    /// What kind of item comes next.
    package enum Kind: Hashable, Sendable {
        case unsigned, negative, bytes, text, array, map, tag, bool, null, real
    }

    let source: [UInt8]
    let limits: CBORLimits
    /// Where the next item starts.
    private(set) var offset = 0

    /// Starts before the first item.
    ///
    /// - Parameters:
    ///   - source: the bytes to read; shared, not copied.
    ///   - limits: how large items may be.
    package init(_ source: [UInt8], limits: CBORLimits = CBORLimits()) {
        self.source = source
        self.limits = limits
    }

    /// The error for an item just read or looked at that is well formed but may not stand there.
    package func unexpectedItem() -> CBORError { .notAllowed(offset: offset) }

    /// The kind of the next item.
    package func peek() throws(CBORError) -> Kind {
        guard offset < source.count else { throw .truncated(offset: offset) }
        let initial = source[offset]
        switch initial >> 5 {
        case 0: return .unsigned
        case 1: return .negative
        case 2: return .bytes
        case 3: return .text
        case 4: return .array
        case 5: return .map
        case 6: return .tag
        default:
            switch initial & 0x1F {
            case 20, 21: return .bool
            case 22: return .null
            case 25, 26, 27: return .real
            default: throw .notCanonical(offset: offset)
            }
        }
    }

    /// Whether the next item is null; false where nothing is left.
    package var isNull: Bool { offset < source.count && source[offset] == 0xF6 }

    /// Whether nothing is left to read.
    package var isAtEnd: Bool { offset == source.count }

    /// Reads a number of 0 or more.
    package mutating func readUnsigned() throws(CBORError) -> UInt64 { try readHead(0) }

    /// Reads a number with a sign; one that does not fit 64 bits is not allowed.
    package mutating func readInteger() throws(CBORError) -> Int64 {
        let start = offset
        guard start < source.count else { throw .truncated(offset: start) }
        let isNegative = source[start] >> 5 == 1
        let number = try readHead(isNegative ? 1 : 0)
        guard number <= UInt64(Int64.max) else { throw .notAllowed(offset: start) }
        return isNegative ? ~Int64(number) : Int64(number)
    }

    /// Reads a byte string.
    package mutating func readBytes() throws(CBORError) -> [UInt8] { Array(source[try readContent(2)]) }

    /// Reads a byte string of a known length; another length is not allowed.
    ///
    /// - Parameter count: bytes, 0 or more.
    package mutating func readBytes(exactly count: Int) throws(CBORError) -> [UInt8] {
        Array(source[try readContent(2, exactly: count)])
    }

    /// Reads a byte string of 16 bytes as a number in network order, without an array in between.
    package mutating func readBigEndian() throws(CBORError) -> UInt128 {
        let range = try readContent(2, exactly: 16)
        let middle = range.lowerBound + 8
        return UInt128(bigEndian(range.lowerBound..<middle)) << 64 | UInt128(bigEndian(middle..<range.upperBound))
    }

    /// Lends the content of a byte string without copying it.
    ///
    /// - Parameter body: gets the bytes, which it must not keep; what it returns or throws is passed on.
    package mutating func withBytes<Result>(
        _ body: (Span<UInt8>) throws(CBORError) -> Result
    ) throws(CBORError) -> Result {
        let range = try readContent(2)
        return try body(source.span.extracting(range))
    }

    /// Reads text that is valid UTF-8, unchanged.
    package mutating func readText() throws(CBORError) -> String {
        let start = offset
        let range = try readContent(3)
        // Most text is ASCII, which needs no check; a buffer, for a slice of an array takes the slow way through it.
        let text: String? = unsafe source.withUnsafeBufferPointer { bytes in
            let content = unsafe UnsafeBufferPointer(rebasing: bytes[range])
            return unsafe content.allSatisfy { $0 < 0x80 }
                ? String(decoding: content, as: UTF8.self) : String(validating: content, as: UTF8.self)
        }
        guard let text else { throw .invalidText(offset: start) }
        return text
    }

    /// Reads the head of an array: its number of items, each of which takes at least one of the bytes that are left.
    package mutating func readArray() throws(CBORError) -> Int { try readCount(4, smallestItemBytes: 1) }

    /// Reads the head of a map: its number of pairs, each of which takes at least two of the bytes that are left.
    package mutating func readMap() throws(CBORError) -> Int { try readCount(5, smallestItemBytes: 2) }

    /// Reads a map key that is a number of 0 or more and greater than the key before it.
    ///
    /// - Parameter previous: the key before it in this map, nil for the first.
    package mutating func readKey(after previous: UInt64?) throws(CBORError) -> UInt64 {
        let start = offset
        let key = try readUnsigned()
        if let previous, key <= previous { throw .notCanonical(offset: start) }
        return key
    }

    /// Reads false or true.
    package mutating func readBool() throws(CBORError) -> Bool {
        try expect(.bool)
        offset += 1
        return source[offset - 1] == 0xF5
    }

    /// Reads null.
    package mutating func readNull() throws(CBORError) {
        try expect(.null)
        offset += 1
    }

    /// Reads a real, which must be in its shortest form; NaN has only one.
    package mutating func readReal() throws(CBORError) -> Double {
        try expect(.real)
        let start = offset
        offset += 1
        switch source[start] & 0x1F {
        case 25:
            let bits = UInt16(truncatingIfNeeded: try readArgument(byteCount: 2))
            let number = HalfPrecision.number(bits)
            if number.isNaN && bits != HalfPrecision.notANumber { throw .notCanonical(offset: start) }
            return number
        case 26:
            let number = Double(Float(bitPattern: UInt32(truncatingIfNeeded: try readArgument(byteCount: 4))))
            if number.isNaN || HalfPrecision.bits(of: number) != nil { throw .notCanonical(offset: start) }
            return number
        default:
            let number = Double(bitPattern: try readArgument(byteCount: 8))
            if number.isNaN || Double(Float(number)) == number { throw .notCanonical(offset: start) }
            return number
        }
    }

    /// Checks that nothing follows.
    package func finish() throws(CBORError) {
        guard isAtEnd else { throw .trailingBytes(offset: offset) }
    }
}

// MARK: Heads

extension CBORReader {
    /// The number in a head of this major type (RFC 8949, section 3), which must be in its shortest form.
    mutating func readHead(_ major: UInt8) throws(CBORError) -> UInt64 {
        let start = offset
        guard start < source.count else { throw .truncated(offset: start) }
        let initial = source[start]
        guard initial >> 5 == major else { throw .unexpected(found: try peek(), offset: start) }
        let additional = initial & 0x1F
        offset += 1
        if additional < 24 { return UInt64(additional) }
        guard additional <= 27 else { throw .notCanonical(offset: start) }
        let number = try readArgument(byteCount: 1 << Int(additional - 24))
        let smallest: UInt64 =
            switch additional {
            case 24: 24
            case 25: 0x100
            case 26: 0x1_0000
            default: 0x1_0000_0000
            }
        guard number >= smallest else { throw .notCanonical(offset: start) }
        return number
    }

    /// Where the content of a string stands, after checking that it is all there.
    mutating func readContent(_ major: UInt8) throws(CBORError) -> Range<Int> {
        let start = offset
        let number = try readHead(major)
        guard number <= UInt64(limits.lengthBytes) else { throw .tooLong(offset: start) }
        let length = Int(number)
        guard length <= source.count - offset else { throw .truncated(offset: start) }
        offset += length
        return offset - length..<offset
    }

    private func expect(_ kind: Kind) throws(CBORError) {
        let found = try peek()
        guard found == kind else { throw .unexpected(found: found, offset: offset) }
    }

    private mutating func readContent(_ major: UInt8, exactly count: Int) throws(CBORError) -> Range<Int> {
        let start = offset
        let range = try readContent(major)
        guard range.count == count else { throw .notAllowed(offset: start) }
        return range
    }

    private mutating func readCount(_ major: UInt8, smallestItemBytes: Int) throws(CBORError) -> Int {
        let start = offset
        let number = try readHead(major)
        guard number <= UInt64(limits.count) else { throw .tooMany(offset: start) }
        let count = Int(number)
        guard count <= (source.count - offset) / smallestItemBytes else { throw .truncated(offset: start) }
        return count
    }

    private mutating func readArgument(byteCount: Int) throws(CBORError) -> UInt64 {
        let start = offset
        guard byteCount <= source.count - start else { throw .truncated(offset: start - 1) }
        offset += byteCount
        return bigEndian(start..<start + byteCount)
    }

    /// Up to 8 bytes in network order as a number.
    private func bigEndian(_ range: Range<Int>) -> UInt64 {
        var number: UInt64 = 0
        for index in range { number = number << 8 | UInt64(source[index]) }
        return number
    }
}
