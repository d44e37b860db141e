/// One piece of a typed date.
enum DateToken: Hashable {
    case number(Int, digits: Int)
    /// Letters, in lower case.
    case word(String)
    /// One of `: / . - +`.
    case symbol(UInt8)

    /// The longest text that can be a date, in bytes.
    static let longestText = 100

    /// Splits a text; white space, commas, brackets and apostrophes only separate.
    static func split(_ text: String) throws(DateParseError) -> [DateToken] {
        guard text.utf8.count <= longestText else { throw .notUnderstood }
        let bytes = Array(text.lowercased().utf8)
        var tokens: [DateToken] = []
        var index = 0
        while index < bytes.count {
            let start = index
            switch bytes[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                index = end(of: UInt8(ascii: "0")...UInt8(ascii: "9"), in: bytes, from: index)
                guard let number = Digits.value(bytes[start..<index]) else { throw .notUnderstood }
                tokens.append(.number(number, digits: index - start))
            case UInt8(ascii: "a")...UInt8(ascii: "z"):
                index = end(of: UInt8(ascii: "a")...UInt8(ascii: "z"), in: bytes, from: index)
                tokens.append(.word(String(decoding: bytes[start..<index], as: UTF8.self)))
            case UInt8(ascii: "'"), UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: ","), UInt8(ascii: "("),
                UInt8(ascii: ")"):
                index += 1
            case UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"):
                tokens.append(.symbol(bytes[index]))
                index += 1
            default:
                throw .notUnderstood
            }
        }
        return tokens
    }

    private static func end(of range: ClosedRange<UInt8>, in bytes: [UInt8], from start: Int) -> Int {
        bytes[start...].firstIndex { !range.contains($0) } ?? bytes.count
    }
}
