/// The dictionary that ships with this version of the protocol: what messages of the line have in common, and words that
/// people write often, trained on made-up text alone.
///
/// Both sides must have the same bytes: whoever trains it anew gives the coding another name.
package enum WireDictionary {
    /// How hard messages are compressed with it: they are small, and lines are slow.
    package static let level = 9

    /// Prepared at the first use.
    package static let shared = Result { () throws(CompressionError) in
        try CompressionDictionary(bytes: bytes, level: level)
    }

    /// The same for a sender that has no time to press hard; whoever reads a message needs not know.
    package static let quick = Result { () throws(CompressionError) in try CompressionDictionary(bytes: bytes) }

    /// The dictionary as zstd takes it, at most 32 KiB.
    package static var bytes: [UInt8] { decode(encoded) }

    /// Reads base 64 (RFC 4648); line breaks do not count.
    private static func decode(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count * 3 / 4)
        var (bits, count) = (UInt32(0), 0)
        for letter in text.utf8 {
            guard let value = value(of: letter) else { continue }
            bits = bits << 6 | UInt32(value)
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
        return bytes
    }

    private static func value(of letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): letter - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): letter - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): letter - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
