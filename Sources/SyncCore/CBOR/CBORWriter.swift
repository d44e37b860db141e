/// Appends CBOR items in core deterministic encoding (RFC 8949, section 4.2): shortest heads, definite lengths.
///
/// The caller keeps counts and items in step, and map keys in ascending order of their encodings.
package struct CBORWriter {
    /// What was written so far.
    package private(set) var bytes: [UInt8] = []

    /// Starts without any bytes.
    ///
    /// - Parameter capacity: how many bytes to reserve, 0 or more.
    package init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    /// Appends a number of 0 or more.
    package mutating func unsigned(_ number: UInt64) { head(0, number) }

    /// Appends a number with a sign.
    package mutating func integer(_ number: Int64) {
        if number >= 0 { head(0, UInt64(number)) } else { head(1, UInt64(bitPattern: ~number)) }
    }

    /// Appends a byte string.
    ///
    /// - Parameter content: an array, a slice or a raw buffer; one that lies in one piece is copied at once.
    package mutating func bytes(_ content: some Collection<UInt8>) {
        head(2, UInt64(content.count))
        bytes.append(contentsOf: content)
    }

    /// Appends a byte string of 16 bytes: a number in network order, without an array in between.
    package mutating func bytes(bigEndian number: UInt128) {
        head(2, 16)
        unsafe withUnsafeBytes(of: number.bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    /// Appends text as UTF-8, not normalised.
    package mutating func text(_ content: String) {
        let utf8 = content.utf8
        head(3, UInt64(utf8.count))
        bytes.append(contentsOf: utf8)
    }

    /// Appends the head of an array; that many items must follow.
    ///
    /// - Parameter count: items, 0 or more.
    package mutating func array(count: Int) { head(4, UInt64(count)) }

    /// Appends the head of a map; that many keys, each with its value, must follow.
    ///
    /// - Parameter count: pairs, 0 or more.
    package mutating func map(count: Int) { head(5, UInt64(count)) }

    /// Appends false or true.
    package mutating func bool(_ value: Bool) { bytes.append(value ? 0xF5 : 0xF4) }

    /// Appends null.
    package mutating func null() { bytes.append(0xF6) }

    /// Appends a real in the shortest of half, single and double precision that keeps its value; every NaN alike.
    package mutating func real(_ number: Double) {
        if number.isNaN {
            long(0xF9, UInt64(HalfPrecision.notANumber), byteCount: 2)
        } else if let half = HalfPrecision.bits(of: number) {
            long(0xF9, UInt64(half), byteCount: 2)
        } else if Double(Float(number)) == number {
            long(0xFA, UInt64(Float(number).bitPattern), byteCount: 4)
        } else {
            long(0xFB, number.bitPattern, byteCount: 8)
        }
    }

    /// Appends one item that is already encoded, such as one that `CBORReader.readItem` kept.
    package mutating func item(_ encoded: some Collection<UInt8>) { bytes.append(contentsOf: encoded) }

    private mutating func head(_ major: UInt8, _ number: UInt64) {
        let top = major << 5
        if number < 24 {
            bytes.append(top | UInt8(truncatingIfNeeded: number))
        } else if number <= 0xFF {
            long(top | 24, number, byteCount: 1)
        } else if number <= 0xFFFF {
            long(top | 25, number, byteCount: 2)
        } else if number <= 0xFFFF_FFFF {
            long(top | 26, number, byteCount: 4)
        } else {
            long(top | 27, number, byteCount: 8)
        }
    }

    private mutating func long(_ initial: UInt8, _ number: UInt64, byteCount: Int) {
        bytes.append(initial)
        tail(number, byteCount: byteCount)
    }

    /// The lowest bytes of a number in network order.
    private mutating func tail(_ number: UInt64, byteCount: Int) {
        if byteCount == 1 { return bytes.append(UInt8(truncatingIfNeeded: number)) }
        unsafe withUnsafeBytes(of: number.bigEndian) {
            unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0.suffix(byteCount)))
        }
    }
}
