/// Appends CBOR items in core deterministic encoding (RFC 8949, section 4.2): shortest heads, definite lengths.
///
/// The caller keeps counts and items in step, and map keys in order.
package struct CBORWriter {
    /// What was written so far.
    package private(set) var bytes: [UInt8] = []

    /// - Parameter capacity: how many bytes to reserve.
    package init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    package mutating func unsigned(_ number: UInt64) { head(0, number) }

    package mutating func integer(_ number: Int64) {
        if number >= 0 { head(0, UInt64(number)) } else { head(1, UInt64(bitPattern: ~number)) }
    }

    package mutating func bytes(_ content: some Collection<UInt8>) {
        head(2, UInt64(content.count))
        bytes.append(contentsOf: content)
    }

    /// Text as UTF-8, not normalised.
    package mutating func text(_ content: String) {
        let utf8 = content.utf8
        head(3, UInt64(utf8.count))
        bytes.append(contentsOf: utf8)
    }

    package mutating func array(count: Int) { head(4, UInt64(count)) }

    package mutating func map(count: Int) { head(5, UInt64(count)) }

    package mutating func bool(_ value: Bool) { bytes.append(value ? 0xF5 : 0xF4) }

    package mutating func null() { bytes.append(0xF6) }

    /// A real in the shortest of half, single and double precision that keeps its value.
    package mutating func real(_ number: Double) {
        if number.isNaN {
            append(0xF9, 0x7E00, byteCount: 2)
        } else if let half = HalfPrecision.bits(of: number) {
            append(0xF9, UInt64(half), byteCount: 2)
        } else if Double(Float(number)) == number {
            append(0xFA, UInt64(Float(number).bitPattern), byteCount: 4)
        } else {
            append(0xFB, number.bitPattern, byteCount: 8)
        }
    }

    private mutating func head(_ major: UInt8, _ number: UInt64) {
        let top = major << 5
        if number < 24 {
            bytes.append(top | UInt8(number))
        } else if number <= 0xFF {
            append(top | 24, number, byteCount: 1)
        } else if number <= 0xFFFF {
            append(top | 25, number, byteCount: 2)
        } else if number <= 0xFFFF_FFFF {
            append(top | 26, number, byteCount: 4)
        } else {
            append(top | 27, number, byteCount: 8)
        }
    }

    private mutating func append(_ initial: UInt8, _ number: UInt64, byteCount: Int) {
        bytes.append(initial)
        for shift in stride(from: 8 * (byteCount - 1), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
        }
    }
}

/// IEEE 754 half precision, which Swift does not have on every platform.
enum HalfPrecision {
    /// The bits of a number that half precision holds exactly, or nil.
    static func bits(of number: Double) -> UInt16? {
        let sign: UInt16 = number.sign == .minus ? 0x8000 : 0
        if number == 0 { return sign }
        if number.isInfinite { return sign | 0x7C00 }
        let exponent = number.exponent
        guard (-24...15).contains(exponent) else { return nil }
        // A half has 10 bits of fraction; below 2^-14 it has fewer.
        let bitCount = exponent >= -14 ? 10 : 24 + Int(exponent)
        let fraction = number.significandBitPattern
        let dropped = 52 - bitCount
        guard fraction & ((1 << UInt64(dropped)) - 1) == 0 else { return nil }
        let kept = UInt16(fraction >> UInt64(dropped))
        if exponent >= -14 { return sign | UInt16(exponent + 15) << 10 | kept }
        return sign | 1 << UInt16(bitCount) | kept
    }

    /// The number that 16 bits stand for.
    static func number(_ bits: UInt16) -> Double {
        let exponent = Int(bits >> 10 & 0x1F)
        let fraction = Double(bits & 0x3FF)
        let magnitude: Double
        switch exponent {
        case 0: magnitude = fraction / 16_777_216
        case 31: magnitude = fraction == 0 ? .infinity : .nan
        default:
            magnitude = (1 + fraction / 1_024) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
        }
        return bits & 0x8000 == 0 ? magnitude : -magnitude
    }
}
