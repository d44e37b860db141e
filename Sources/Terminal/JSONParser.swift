/// What is wrong with a JSON text, and at which byte, counted from 0.
package struct JSONError: Error, Equatable, Sendable {
    /// The kinds of mistake.
    package enum Problem: Equatable, Sendable {
        /// Longer than the limit in bytes.
        case tooLong(limitBytes: Int)
        /// Arrays and objects lie deeper than the limit.
        case tooDeep(limit: Int)
        /// The text ends too early.
        case unexpectedEnd
        /// A byte that can't stand here.
        case unexpectedByte
        /// Not UTF-8.
        case notUTF8
        /// An escape that JSON does not know, or half of a surrogate pair.
        case wrongEscape
        /// A number too large to hold.
        case numberOutOfRange
        /// A name that its object already has.
        case repeatedName
    }

    /// What is wrong.
    package let problem: Problem
    /// Where, in bytes from the start.
    package let offset: Int
}

/// Reads JSON strictly as RFC 8259 has it: one value, no comments, no trailing commas, no name twice in an object.
package struct JSONParser {
    /// The longest text in bytes unless another limit is asked for.
    package static let maximumBytes = 64 << 20
    /// How deep arrays and objects may lie in each other unless another limit is asked for.
    package static let maximumDepth = 64

    private let bytes: [UInt8]
    private let depthLimit: Int
    private var offset = 0

    private init(bytes: [UInt8], depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    /// Reads one value that fills the whole text; the limits are in bytes and in levels.
    package static func parse(
        _ bytes: [UInt8], maximumBytes: Int = maximumBytes, maximumDepth: Int = maximumDepth
    ) throws(JSONError) -> JSONValue {
        guard bytes.count <= maximumBytes else {
            throw JSONError(problem: .tooLong(limitBytes: maximumBytes), offset: maximumBytes)
        }
        var parser = JSONParser(bytes: bytes, depthLimit: maximumDepth)
        parser.skipSpace()
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.offset == bytes.count else { throw parser.error(.unexpectedByte) }
        return value
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        switch try peek() {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
        try enter(depth)
        var values: [JSONValue] = []
        if try takes(UInt8(ascii: "]")) { return .array(values) }
        while true {
            values.append(try value(depth: depth))
            if try ends(with: UInt8(ascii: "]")) { return .array(values) }
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        try enter(depth)
        var members: [JSONValue.Member] = []
        var names: Set<[UInt8]> = []
        if try takes(UInt8(ascii: "}")) { return .object(members) }
        while true {
            let start = offset
            let name = try string()
            // By bytes: Swift's own equality would join names that differ only in Unicode form.
            guard names.insert(Array(name.utf8)).inserted else {
                throw JSONError(problem: .repeatedName, offset: start)
            }
            skipSpace()
            try expect(UInt8(ascii: ":"))
            skipSpace()
            members.append(JSONValue.Member(name, try value(depth: depth)))
            if try ends(with: UInt8(ascii: "}")) { return .object(members) }
        }
    }

    private mutating func enter(_ depth: Int) throws(JSONError) {
        guard depth <= depthLimit else { throw error(.tooDeep(limit: depthLimit)) }
        offset += 1
        skipSpace()
    }

    /// Reads what follows an element: the end of its container, or a comma and the start of the next element.
    private mutating func ends(with end: UInt8) throws(JSONError) -> Bool {
        skipSpace()
        if try takes(end) { return true }
        try expect(UInt8(ascii: ","))
        skipSpace()
        return false
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for byte in word.utf8 {
            try expect(byte)
        }
        return value
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = offset
        if current == UInt8(ascii: "-") { offset += 1 }
        if try !takes(UInt8(ascii: "0")) { try digits() }
        var isInteger = true
        if current == UInt8(ascii: ".") {
            isInteger = false
            offset += 1
            try digits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isInteger = false
            offset += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { offset += 1 }
            try digits()
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isInteger {
            if let number = Int64(text) { return .integer(number) }
        } else if let number = Double(text), number.isFinite {
            return .real(number)
        }
        throw JSONError(problem: .numberOutOfRange, offset: start)
    }

    private mutating func digits() throws(JSONError) {
        guard try isDigit(peek()) else { throw error(.unexpectedByte) }
        while let byte = current, isDigit(byte) {
            offset += 1
        }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    // MARK: Strings

    private mutating func string() throws(JSONError) -> String {
        let start = offset
        try expect(UInt8(ascii: "\""))
        var content: [UInt8] = []
        while true {
            let byte = try peek()
            guard byte >= 0x20 else { throw error(.unexpectedByte) }
            offset += 1
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") {
                content += try escape()
            } else {
                content.append(byte)
            }
        }
        guard let text = String(validating: content, as: UTF8.self) else {
            throw JSONError(problem: .notUTF8, offset: start)
        }
        return text
    }

    private mutating func escape() throws(JSONError) -> [UInt8] {
        let byte = try peek()
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return try unicodeEscape()
        default:
            offset -= 1
            throw error(.wrongEscape)
        }
    }

    private mutating func unicodeEscape() throws(JSONError) -> [UInt8] {
        let start = offset
        var code = try fourDigits()
        if (0xD800...0xDBFF).contains(code), current == UInt8(ascii: "\\") {
            offset += 1
            try expect(UInt8(ascii: "u"))
            let low = try fourDigits()
            guard (0xDC00...0xDFFF).contains(low) else { throw JSONError(problem: .wrongEscape, offset: start) }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw JSONError(problem: .wrongEscape, offset: start) }
        return Array(String(Character(scalar)).utf8)
    }

    private mutating func fourDigits() throws(JSONError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(try peek())).hexDigitValue else { throw error(.wrongEscape) }
            code = code << 4 | UInt32(digit)
            offset += 1
        }
        return code
    }

    // MARK: Bytes

    private var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private func peek() throws(JSONError) -> UInt8 {
        guard let current else { throw error(.unexpectedEnd) }
        return current
    }

    private mutating func takes(_ byte: UInt8) throws(JSONError) -> Bool {
        guard try peek() == byte else { return false }
        offset += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(JSONError) {
        guard try takes(byte) else { throw error(.unexpectedByte) }
    }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            offset += 1
        }
    }

    private func error(_ problem: JSONError.Problem) -> JSONError {
        JSONError(problem: problem, offset: offset)
    }
}
