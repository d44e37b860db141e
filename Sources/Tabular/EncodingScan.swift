/// Finds out how a whole file is encoded, before anything of it is believed.
///
/// A byte-order mark or the zero bytes of UTF-16 decide. Else a file that is UTF-8 throughout is UTF-8, and one without
/// a single character of two or more bytes in UTF-8 is Windows-1252. A file with both is refused, with one exception:
/// a lone byte A0, the no-break space that spreadsheets leave behind in UTF-8, is read as that space.
struct EncodingScan {
    /// How many bytes at the start are looked at for UTF-16.
    private static let startBytes = 4_096
    /// The bytes that Windows-1252 leaves undefined.
    private static let undefined1252: Set<UInt8> = [0x81, 0x8D, 0x8F, 0x90, 0x9D]
    private static let noBreakSpace: UInt8 = 0xA0

    private let path: String
    private var line = 1
    /// How many carriage returns stand without a line feed: in some files they alone end lines.
    private var returnCount = 0
    /// Bytes of a character of UTF-8 that are still to come, and the bounds of the next one.
    private var expected = 0
    private var bounds: ClosedRange<UInt8> = 0x80...0xBF
    private var started: [UInt8] = []
    private var firstUTF8: Int?
    private var firstOther: Int?
    /// Whether a byte A0 stands by itself.
    private var hasLooseSpace = false
    private var firstUndefined: Int?

    private init(path: String) { self.path = path }

    /// Reads the file from the start and names its encoding.
    ///
    /// - Parameter asked: the encoding that the user named; then the file is only checked to be in it.
    static func encoding(of file: InputFile, asked: TextEncoding?) throws(TabularError) -> TextEncoding {
        var place = 0
        var piece: [UInt8] = []
        try file.read(into: &piece, from: &place)
        guard !piece.isEmpty else { throw .empty(path: file.path) }
        if piece.starts(with: [0x50, 0x4B, 3, 4]) || piece.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) {
            throw .spreadsheet(path: file.path)
        }
        let start = TextEncoding.ofStart(Array(piece.prefix(startBytes)))
        switch asked ?? start {
        case .utf16LittleEndian?: return .utf16LittleEndian
        case .utf16BigEndian?: return .utf16BigEndian
        default: break
        }
        var scan = EncodingScan(path: file.path)
        while !piece.isEmpty {
            try scan.take(piece)
            try file.read(into: &piece, from: &place)
        }
        scan.endCharacter()
        let verdict = try scan.verdict(asked: asked ?? start)
        file.largestLineCount = scan.line + scan.returnCount
        file.isWholeUTF8 = verdict == .utf8 && !scan.hasLooseSpace
        return verdict
    }

    private func verdict(asked: TextEncoding?) throws(TabularError) -> TextEncoding {
        switch asked {
        case .windows1252?:
            if let firstUndefined { throw .notInEncoding(path: path, encoding: .windows1252, line: firstUndefined) }
            return .windows1252
        case .utf8?:
            if let firstOther { throw .notInEncoding(path: path, encoding: .utf8, line: firstOther) }
            return .utf8
        default:
            guard let firstOther else { return .utf8 }
            if let firstUTF8 { throw .mixedEncodings(path: path, line: firstUTF8, otherLine: firstOther) }
            if let firstUndefined { throw .notInEncoding(path: path, encoding: .windows1252, line: firstUndefined) }
            return .windows1252
        }
    }

    private mutating func take(_ piece: [UInt8]) throws(TabularError) {
        for (index, byte) in piece.enumerated() {
            if byte < 0x80 {
                if expected > 0 { endCharacter() }
                if byte <= 0x0D { try takeControl(byte, at: index, of: piece) }
            } else {
                takeHigh(byte)
            }
        }
    }

    private mutating func takeControl(_ byte: UInt8, at index: Int, of piece: [UInt8]) throws(TabularError) {
        switch byte {
        case 0x0A:
            line += 1
            if index > 0, piece[index - 1] == 0x0D { returnCount -= 1 }
        case 0x0D: returnCount += 1
        case 0: throw .binary(path: path, line: line)
        default: break
        }
    }

    private mutating func takeHigh(_ byte: UInt8) {
        if Self.undefined1252.contains(byte), firstUndefined == nil { firstUndefined = line }
        if expected > 0 {
            if bounds.contains(byte) {
                started.append(byte)
                bounds = 0x80...0xBF
                expected -= 1
                guard expected == 0 else { return }
                started.removeAll(keepingCapacity: true)
                if firstUTF8 == nil { firstUTF8 = line }
                return
            }
            endCharacter()
        }
        begin(byte)
    }

    /// The first byte of a character: how many follow, and what the second may be (RFC 3629 section 4).
    private mutating func begin(_ byte: UInt8) {
        bounds = 0x80...0xBF
        switch byte {
        case 0xC2...0xDF: expected = 1
        case 0xE0: (expected, bounds) = (2, 0xA0...0xBF)
        case 0xED: (expected, bounds) = (2, 0x80...0x9F)
        case 0xE1...0xEF: expected = 2
        case 0xF0: (expected, bounds) = (3, 0x90...0xBF)
        case 0xF1...0xF3: expected = 3
        case 0xF4: (expected, bounds) = (3, 0x80...0x8F)
        default:
            note(byte)
            return
        }
        started.append(byte)
    }

    /// A character that ended too early is none of UTF-8: its bytes stand by themselves.
    private mutating func endCharacter() {
        for byte in started { note(byte) }
        started.removeAll(keepingCapacity: true)
        expected = 0
    }

    private mutating func note(_ byte: UInt8) {
        if byte == Self.noBreakSpace { return hasLooseSpace = true }
        if firstOther == nil { firstOther = line }
    }
}
