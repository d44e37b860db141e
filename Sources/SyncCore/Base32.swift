/// Bytes as letters that are hard to confuse, for codes that people copy by hand: the alphabet of ids.
///
/// Dashes after every fifth letter help the eye and are ignored when a text is read.
package enum Base32 {
    private static let groupLetters = 5

    /// The letters of some bytes, in lower case, with a dash after every fifth.
    package static func grouped(_ bytes: [UInt8]) -> String {
        var text = ""
        for (index, letter) in letters(of: bytes).enumerated() {
            if index > 0, index % groupLetters == 0 { text.append("-") }
            text.unicodeScalars.append(Unicode.Scalar(letter))
        }
        return text
    }

    /// A text as it counts: in lower case, without spaces, line breaks and dashes.
    package static func folded(_ text: String) -> [UInt8] {
        text.utf8.compactMap { byte in
            switch byte {
            case UInt8(ascii: "-"), UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): nil
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte + 32
            default: byte
            }
        }
    }

    /// The bytes of folded letters; nil for a wrong letter, a letter too many, or padding that is not zero.
    package static func bytes(of letters: some Collection<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var (buffer, bits) = (UInt32(0), UInt32(0))
        for letter in letters {
            guard let digit = RecordID.alphabet.firstIndex(of: letter) else { return nil }
            buffer = buffer << 5 | UInt32(digit)
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> bits))
            }
        }
        guard bits < 5, buffer & (1 << bits - 1) == 0 else { return nil }
        return bytes
    }

    private static func letters(of bytes: [UInt8]) -> [UInt8] {
        var letters: [UInt8] = []
        var (buffer, bits) = (UInt32(0), UInt32(0))
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                letters.append(RecordID.alphabet[Int(buffer >> bits & 0x1F)])
            }
        }
        if bits > 0 { letters.append(RecordID.alphabet[Int(buffer << (5 - bits) & 0x1F)]) }
        return letters
    }
}
