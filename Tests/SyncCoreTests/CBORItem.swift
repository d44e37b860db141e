import SyncCore

/// A tree of CBOR items, for tests that look at whole messages; what ships reads and writes item by item.
indirect enum CBORItem: Equatable {
    case unsigned(UInt64)
    case negative(Int64)
    case bytes([UInt8])
    case text(String)
    case array([CBORItem])
    case map([[CBORItem]])
    case bool(Bool)
    case null
    case real(bits: UInt64)

    /// Reads one item by the typed reads; tags and numbers below `Int64.min` are refused.
    init(from reader: inout CBORReader) throws(CBORError) {
        switch try reader.peek() {
        case .unsigned: self = .unsigned(try reader.readUnsigned())
        case .negative: self = .negative(try reader.readInteger())
        case .bytes: self = .bytes(try reader.readBytes())
        case .text: self = .text(try reader.readText())
        case .bool: self = .bool(try reader.readBool())
        case .real: self = .real(bits: try reader.readReal().bitPattern)
        case .null:
            try reader.readNull()
            self = .null
        case .array:
            var items: [CBORItem] = []
            for _ in 0..<(try reader.readArray()) { items.append(try CBORItem(from: &reader)) }
            self = .array(items)
        case .map:
            var pairs: [[CBORItem]] = []
            for _ in 0..<(try reader.readMap()) {
                pairs.append([try CBORItem(from: &reader), try CBORItem(from: &reader)])
            }
            self = .map(pairs)
        case .tag: throw reader.unexpectedItem()
        }
    }

    /// Reads the only item of some bytes.
    init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        self = try CBORItem(from: &reader)
        try reader.finish()
    }

    func encode(to writer: inout CBORWriter) {
        switch self {
        case .unsigned(let number): writer.unsigned(number)
        case .negative(let number): writer.integer(number)
        case .bytes(let content): writer.bytes(content)
        case .text(let content): writer.text(content)
        case .bool(let value): writer.bool(value)
        case .null: writer.null()
        case .real(let bits): writer.real(Double(bitPattern: bits))
        case .array(let items):
            writer.array(count: items.count)
            for item in items { item.encode(to: &writer) }
        case .map(let pairs):
            writer.map(count: pairs.count)
            for item in pairs.joined() { item.encode(to: &writer) }
        }
    }

    var encoded: [UInt8] {
        var writer = CBORWriter()
        encode(to: &writer)
        return writer.bytes
    }

    static func real(_ number: Double) -> CBORItem { .real(bits: number.bitPattern) }
}

extension CBORItem: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    init(integerLiteral number: Int64) {
        self = number < 0 ? .negative(number) : .unsigned(UInt64(number))
    }

    init(stringLiteral text: String) { self = .text(text) }
}

/// Bytes from hexadecimal digits.
func bytes(hex: String) -> [UInt8] {
    let digits = hex.filter { $0 != " " }.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// The error that reading throws, or nil where it does not.
func readingError(
    _ bytes: [UInt8], limits: CBORLimits = CBORLimits(), _ read: (inout CBORReader) throws(CBORError) -> Void
) -> CBORError? {
    var reader = CBORReader(bytes, limits: limits)
    do throws(CBORError) {
        try read(&reader)
        return nil
    } catch {
        return error
    }
}
