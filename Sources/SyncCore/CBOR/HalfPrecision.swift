/// Numbers in half precision (IEEE 754 binary16), for which Swift has no type on every platform.
enum HalfPrecision {
    /// The one form of NaN that deterministic encoding allows.
    static let notANumber: UInt16 = 0x7E00

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
