/// The text of a file as pieces of UTF-8 without a byte-order mark.
final class TextDecoding {
    private let file: InputFile
    private let encoding: TextEncoding
    private var input: [UInt8] = []
    /// Where in the file the next piece begins.
    private var place = 0
    private var isAtStart = true
    private var line = 1
    /// The bytes of a character, or of a pair of surrogates, that the last piece ended with.
    private var carried: [UInt8] = []

    /// Starts at the beginning of the file.
    ///
    /// - Parameter encoding: what `EncodingScan` found.
    init(file: InputFile, encoding: TextEncoding) {
        self.file = file
        self.encoding = encoding
    }

    /// The next piece; empty at the end.
    func read(into output: inout [UInt8]) throws(TabularError) {
        repeat {
            try file.read(into: &input, from: &place)
            let isLast = input.isEmpty
            if isAtStart, input.starts(with: encoding.mark) { input.removeFirst(encoding.mark.count) }
            isAtStart = false
            switch encoding {
            case .utf8: decodeUTF8(isLast: isLast, into: &output)
            case .windows1252: decode1252(into: &output)
            case .utf16LittleEndian: try decodeUTF16(low: 0, isLast: isLast, into: &output)
            case .utf16BigEndian: try decodeUTF16(low: 1, isLast: isLast, into: &output)
            }
            if isLast { return }
        } while output.isEmpty
    }

    // MARK: UTF-8

    /// Passes plain pieces on; a lone A0 becomes a no-break space, anything else that is broken the sign for that.
    private func decodeUTF8(isLast: Bool, into output: inout [UInt8]) {
        if file.isWholeUTF8 || (carried.isEmpty && input.allSatisfy({ $0 < 0x80 })) {
            swap(&output, &input)
            return
        }
        output.removeAll(keepingCapacity: true)
        var bytes = carried.isEmpty ? input : carried + input
        carried = isLast ? [] : Self.unfinished(bytes)
        bytes.removeLast(carried.count)
        var index = 0
        while index < bytes.count {
            let run = Self.plainRun(in: bytes.span, from: index)
            if run > index {
                output += bytes[index..<run]
                index = run
                continue
            }
            let length = Self.length(bytes, index)
            if length > 0 {
                output += bytes[index..<(index + length)]
                index += length
            } else {
                output += bytes[index] == 0xA0 ? [0xC2, 0xA0] : [0xEF, 0xBF, 0xBD]
                index += 1
            }
        }
    }

    /// Where the ASCII characters from here on end.
    private static func plainRun(in bytes: Span<UInt8>, from start: Int) -> Int {
        var end = start
        while end < bytes.count, bytes[end] < 0x80 { end += 1 }
        return end
    }

    /// The beginning of a character at the end of a piece.
    private static func unfinished(_ bytes: [UInt8]) -> [UInt8] {
        for back in 1...3 where bytes.count >= back {
            let byte = bytes[bytes.count - back]
            if byte < 0x80 { return [] }
            if byte >= 0xC0 {
                let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
                return length > back ? Array(bytes.suffix(back)) : []
            }
        }
        return []
    }

    /// How many bytes the character here takes; 0 where it is none.
    private static func length(_ bytes: [UInt8], _ index: Int) -> Int {
        let first = bytes[index]
        if first < 0x80 { return 1 }
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        guard (0xC2...0xF4).contains(first), index + length <= bytes.count else { return 0 }
        for offset in 1..<length where bytes[index + offset] & 0xC0 != 0x80 { return 0 }
        return length
    }

    // MARK: Windows-1252

    /// 0x80 to 0x9F (Unicode consortium, CP1252.TXT); undefined bytes never come here.
    private static let upper: [UInt32] = [
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,
        0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
        0x0153, 0x9D, 0x017E, 0x0178,
    ]

    private func decode1252(into output: inout [UInt8]) {
        output.removeAll(keepingCapacity: true)
        for byte in input {
            switch byte {
            case 0..<0x80: output.append(byte)
            case 0x80..<0xA0: Self.append(Self.upper[Int(byte) - 0x80], to: &output)
            default: Self.append(UInt32(byte), to: &output)
            }
        }
    }

    // MARK: UTF-16

    private func decodeUTF16(low: Int, isLast: Bool, into output: inout [UInt8]) throws(TabularError) {
        output.removeAll(keepingCapacity: true)
        let bytes = carried + input
        carried = []
        var index = 0
        while index < bytes.count {
            guard index + 1 < bytes.count else { break }
            let unit = UInt32(bytes[index + low]) | UInt32(bytes[index + 1 - low]) << 8
            if unit == 0 { throw .binary(path: file.path, line: line) }
            if unit == 0x0A { line += 1 }
            guard (0xD800...0xDFFF).contains(unit) else {
                Self.append(unit, to: &output)
                index += 2
                continue
            }
            guard index + 3 < bytes.count else { break }
            let next = UInt32(bytes[index + 2 + low]) | UInt32(bytes[index + 3 - low]) << 8
            guard unit < 0xDC00, (0xDC00...0xDFFF).contains(next) else { throw wrong() }
            Self.append(0x10000 + (unit - 0xD800) << 10 + (next - 0xDC00), to: &output)
            index += 4
        }
        carried = Array(bytes[index...])
        if isLast, !carried.isEmpty { throw wrong() }
    }

    private func wrong() -> TabularError { .notInEncoding(path: file.path, encoding: encoding, line: line) }

    private static func append(_ scalar: UInt32, to output: inout [UInt8]) {
        switch scalar {
        case 0..<0x80: output.append(UInt8(scalar))
        case 0x80..<0x800:
            output.append(0xC0 | UInt8(scalar >> 6))
            output.append(0x80 | UInt8(scalar & 0x3F))
        case 0x800..<0x10000:
            output.append(0xE0 | UInt8(scalar >> 12))
            output.append(0x80 | UInt8(scalar >> 6 & 0x3F))
            output.append(0x80 | UInt8(scalar & 0x3F))
        default:
            output.append(0xF0 | UInt8(scalar >> 18))
            output.append(0x80 | UInt8(scalar >> 12 & 0x3F))
            output.append(0x80 | UInt8(scalar >> 6 & 0x3F))
            output.append(0x80 | UInt8(scalar & 0x3F))
        }
    }
}
