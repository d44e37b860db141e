/// The identity of a record: a UUID of version 7 (RFC 9562), made on the device that creates the record.
public struct RecordID: Hashable, Comparable, Sendable {
    /// The first eight bytes, big-endian: 48 bits of milliseconds, version, 12 random bits.
    public let high: UInt64
    /// The last eight bytes, big-endian: variant and 62 random bits.
    public let low: UInt64

    /// Makes an id from its two halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Makes a UUIDv7 from a time in milliseconds since 1970 and 74 random bits.
    public init(milliseconds: Int64, random: (UInt64, UInt64)) {
        let clamped = UInt64(min(max(milliseconds, 0), StampTime.largestMilliseconds))
        high = clamped << 16 | 0x7000 | (random.0 & 0x0FFF)
        low = 0x8000_0000_0000_0000 | (random.1 & 0x3FFF_FFFF_FFFF_FFFF)
    }

    /// What the clock of its device showed when it was made, in milliseconds since 1970; 0 for an id made of a hash.
    public var milliseconds: Int64 { Int64(high >> 16) }

    /// Makes an id from 16 bytes, or nil where the count differs.
    @inlinable public init?(bytes: some Collection<UInt8>) {
        // Inlined, for reading any collection without knowing which costs more than reading the rest of a record.
        guard bytes.count == 16 else { return nil }
        var value: UInt128 = 0
        for byte in bytes { value = value << 8 | UInt128(byte) }
        self.init(value)
    }

    /// Makes an id from its 16 bytes as a number in network order.
    @inlinable public init(_ number: UInt128) {
        self.init(high: UInt64(truncatingIfNeeded: number >> 64), low: UInt64(truncatingIfNeeded: number))
    }

    /// The 16 bytes as a number in network order.
    @inlinable public var number: UInt128 { UInt128(high) << 64 | UInt128(low) }

    /// The 16 bytes in network order.
    public var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 16)
        for index in 0..<8 {
            bytes[index] = UInt8(truncatingIfNeeded: high >> UInt64(56 - 8 * index))
            bytes[index + 8] = UInt8(truncatingIfNeeded: low >> UInt64(56 - 8 * index))
        }
        return bytes
    }

    /// Orders by bytes, so by the device time of creation first.
    @inlinable public static func < (left: RecordID, right: RecordID) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }
}

/// The text form of ids: base 32 in lower case without `0 o 1 l`, the random bits first, 26 letters.
///
/// With the random part first a few letters tell two records apart that were made in the same minute.
extension RecordID: CustomStringConvertible {
    /// The 32 letters, in the order of their value.
    public static let alphabet: [UInt8] = Array("abcdefghijkmnpqrstuvwxyz23456789".utf8)
    /// How many letters the whole id takes.
    public static let textLength = 26

    /// All 128 bits, the 62 random bits of the low half first, then the 12 of the high half, time, version, variant.
    var shuffled: UInt128 {
        let random62 = UInt128(low & 0x3FFF_FFFF_FFFF_FFFF)
        let random12 = UInt128(high & 0x0FFF)
        let time = UInt128(high >> 16)
        let fixed = UInt128((high >> 12 & 0xF) << 2 | low >> 62)
        return random62 << 66 | random12 << 54 | time << 6 | fixed
    }

    /// The text form: 26 letters.
    public var description: String {
        var rest = shuffled
        var letters = [UInt8](repeating: 0, count: Self.textLength)
        letters[Self.textLength - 1] = Self.alphabet[Int(rest & 0x7) << 2]
        rest >>= 3
        for index in stride(from: Self.textLength - 2, through: 0, by: -1) {
            letters[index] = Self.alphabet[Int(rest & 0x1F)]
            rest >>= 5
        }
        return String(decoding: letters, as: UTF8.self)
    }

    /// Reads the text form; nil where a letter or the length is wrong.
    public init?(_ text: String) {
        guard text.utf8.count == Self.textLength else { return nil }
        var value: UInt128 = 0
        for (index, letter) in text.utf8.enumerated() {
            guard let digit = Self.alphabet.firstIndex(of: letter) else { return nil }
            if index < Self.textLength - 1 {
                value = value << 5 | UInt128(digit)
            } else {
                guard digit & 3 == 0 else { return nil }
                value = value << 3 | UInt128(digit >> 2)
            }
        }
        let random62 = UInt64(truncatingIfNeeded: value >> 66)
        let random12 = UInt64(truncatingIfNeeded: value >> 54) & 0x0FFF
        let time = UInt64(truncatingIfNeeded: value >> 6) & 0xFFFF_FFFF_FFFF
        let fixed = UInt64(truncatingIfNeeded: value) & 0x3F
        self.init(high: time << 16 | (fixed >> 2) << 12 | random12, low: (fixed & 3) << 62 | random62)
    }
}
