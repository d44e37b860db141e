import CSodium

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
        let (text, variant) = (Array(text.utf8CString), Int32(sodium_base64_VARIANT_ORIGINAL))
        var bytes = [UInt8](repeating: 0, count: text.count * 3 / 4)
        var count = 0
        let code = unsafe sodium_base642bin(
            &bytes, bytes.count, text, text.count - 1, "\n", &count, nil, variant)
        precondition(code == 0, "The dictionary in this program is not base 64.")
        return Array(bytes.prefix(count))
    }
}
