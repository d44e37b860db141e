/// How the characters of a file are written as bytes.
package enum TextEncoding: String, CaseIterable, Hashable, Sendable {
    /// UTF-8 (RFC 3629), with or without a byte-order mark.
    case utf8 = "utf-8"
    /// UTF-16, low byte first.
    case utf16LittleEndian = "utf-16le"
    /// UTF-16, high byte first.
    case utf16BigEndian = "utf-16be"
    /// Windows code page 1252, as older spreadsheets write it.
    case windows1252 = "windows-1252"

    /// The words by which an encoding is asked for.
    package static let words = allCases.map(\.rawValue)

    /// The encoding with this word; capitals and hyphens do not count, so that `UTF8` is found.
    package init?(named word: String) {
        func key(_ text: String) -> String { text.lowercased().filter { $0 != "-" && $0 != "_" } }
        guard let found = Self.allCases.first(where: { key($0.rawValue) == key(word) }) else { return nil }
        self = found
    }

    /// The name as people read it.
    package var name: String {
        switch self {
        case .utf8: "UTF-8"
        case .utf16LittleEndian: "UTF-16 (little-endian)"
        case .utf16BigEndian: "UTF-16 (big-endian)"
        case .windows1252: "Windows-1252"
        }
    }

    /// The byte-order mark at the start of a file.
    var mark: [UInt8] {
        switch self {
        case .utf8: [0xEF, 0xBB, 0xBF]
        case .utf16LittleEndian: [0xFF, 0xFE]
        case .utf16BigEndian: [0xFE, 0xFF]
        case .windows1252: []
        }
    }

    /// The encoding that the first bytes give away: a byte-order mark, or the zero bytes of UTF-16.
    static func ofStart(_ bytes: [UInt8]) -> TextEncoding? {
        for encoding in [TextEncoding.utf8, .utf16LittleEndian, .utf16BigEndian]
        where bytes.starts(with: encoding.mark) { return encoding }
        let pairs = bytes.count / 2
        guard pairs > 0 else { return nil }
        var zeros = (even: 0, odd: 0)
        for index in 0..<(2 * pairs) where bytes[index] == 0 {
            if index & 1 == 0 { zeros.even += 1 } else { zeros.odd += 1 }
        }
        // Text in Latin letters has a zero in nearly every pair, always on the same side.
        if zeros.odd * 2 > pairs, zeros.even * 20 < pairs { return .utf16LittleEndian }
        if zeros.even * 2 > pairs, zeros.odd * 20 < pairs { return .utf16BigEndian }
        return nil
    }
}
