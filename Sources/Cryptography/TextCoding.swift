import CSodium

/// Lower-case hexadecimal, coded in constant time.
package enum Hex {
    /// Two characters for each byte.
    package static func encode(_ bytes: [UInt8]) -> String {
        var text = [CChar](repeating: 0, count: bytes.count * 2 + 1)
        _ = unsafe sodium_bin2hex(&text, text.count, bytes, bytes.count)
        return TextCoding.string(text)
    }

    /// The bytes of a text with two hexadecimal digits for each, in either case.
    ///
    /// - Throws: `CryptographyError.malformedText` for any other character or an odd number of digits.
    package static func decode(_ text: String) throws(CryptographyError) -> [UInt8] {
        try unsafe TextCoding.decode(text, coding: "hexadecimal") { target, capacity, source, length, end in
            unsafe sodium_hex2bin(target, capacity, source, text.utf8.count, nil, length, end)
        }
    }
}

/// Base 64 for addresses and file names, without padding (RFC 4648, section 5), coded in constant time.
package enum Base64URL {
    private static let variant = Int32(sodium_base64_VARIANT_URLSAFE_NO_PADDING)

    /// Four characters for three bytes.
    package static func encode(_ bytes: [UInt8]) -> String {
        var text = [CChar](repeating: 0, count: sodium_base64_encoded_len(bytes.count, variant))
        _ = unsafe sodium_bin2base64(&text, text.count, bytes, bytes.count, variant)
        return TextCoding.string(text)
    }

    /// The bytes of a text without padding or white space.
    ///
    /// - Throws: `CryptographyError.malformedText` for anything else, also where unused bits at the end are not zero.
    package static func decode(_ text: String) throws(CryptographyError) -> [UInt8] {
        try unsafe TextCoding.decode(text, coding: "base 64") { target, capacity, source, length, end in
            unsafe sodium_base642bin(
                target, capacity, source, text.utf8.count, nil, length, end, variant)
        }
    }
}

/// What both codings share.
private enum TextCoding {
    typealias Decoder = (
        UnsafeMutablePointer<UInt8>, Int, UnsafePointer<CChar>, UnsafeMutablePointer<Int>,
        UnsafeMutablePointer<UnsafePointer<CChar>?>
    ) -> Int32

    /// The text before the NUL at the end.
    static func string(_ characters: [CChar]) -> String {
        String(decoding: characters.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Decodes a whole text, and accepts nothing behind it.
    static func decode(_ text: String, coding: String, _ decoder: Decoder) throws(CryptographyError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: text.utf8.count)
        guard !bytes.isEmpty else { return [] }
        var length = 0
        let isWhole = unsafe text.withCString { source in
            var end: UnsafePointer<CChar>?
            let code = unsafe decoder(&bytes, bytes.count, source, &length, &end)
            return unsafe code == 0 && end == source + bytes.count
        }
        guard isWhole else { throw CryptographyError.malformedText(coding: coding) }
        return [UInt8](bytes.prefix(length))
    }
}
