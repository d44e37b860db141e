/// What the row of a file said that a record was imported from, in numbers: enough to tell whether a later row says something else,
/// and in which fields.
///
/// What differs gives other numbers in all but one of sixteen million cases.
package struct ImportedRow: Hashable, Sendable {
    /// The content where an import wrote the record and no row of a spreadsheet said so: an export of ours did.
    package static let untold: UInt64 = 0
    /// The content of what no row says as a whole.
    package static let ofNoRow: UInt64 = 1
    /// The bytes of a field: its number, and three of what it said. These three are zero where the file's words were left out, as
    /// somebody else had written there.
    private static let fieldBytes = 4
    private static let hashBits: UInt32 = 0xFF_FFFF

    /// A number for the whole row.
    package var content: UInt64
    /// Four bytes for each field in which the row said anything; none where only the whole row is known, as in what versions
    /// before kept.
    package private(set) var cells: [UInt8]

    package init(content: UInt64, cells: [UInt8] = []) {
        self.content = content
        self.cells = cells
    }

    /// What a row with these values says.
    package init(content: UInt64, values: [(field: Int, value: Value)]) {
        self.content = content
        var cells = [UInt8](repeating: 0, count: values.count * Self.fieldBytes)
        var used = 0
        for index in values.indices {
            guard let hash = Self.hash(values[index].value) else { continue }
            cells[used] = UInt8(truncatingIfNeeded: values[index].field)
            cells[used + 1] = UInt8(truncatingIfNeeded: hash >> 16)
            cells[used + 2] = UInt8(truncatingIfNeeded: hash >> 8)
            cells[used + 3] = UInt8(truncatingIfNeeded: hash)
            used += Self.fieldBytes
        }
        cells.removeLast(cells.count - used)
        self.cells = cells
    }

    /// Those of some fields in which these values say something else than the row did.
    package func changed(_ values: [(field: Int, value: Value)]) -> FieldMask {
        var changed = FieldMask()
        for (field, value) in values where hash(of: field) != Self.hash(value) { changed.insert(field) }
        return changed
    }

    /// Whether what the row said in a field was left out, as somebody else had written there.
    package func leftOut(_ field: Int) -> Bool { hash(of: field) == 0 }

    /// Notes what the row says in a field.
    package mutating func set(_ field: Int, _ value: Value) { set(field, hash: Self.hash(value)) }

    /// Notes that what the row says in a field was left out.
    package mutating func leaveOut(_ field: Int) { set(field, hash: 0) }

    /// Takes over some fields from another row.
    package mutating func take(_ fields: FieldMask, from other: ImportedRow) {
        for field in 1...Field.largestNumber where fields.contains(field) { set(field, hash: other.hash(of: field)) }
    }

    // MARK: Bytes

    private static func append(_ field: Int, _ hash: UInt32, to cells: inout [UInt8]) {
        cells.append(UInt8(truncatingIfNeeded: field))
        for shift in [16, 8, 0] as [UInt32] { cells.append(UInt8(truncatingIfNeeded: hash >> shift)) }
    }

    private func place(of field: Int) -> Int? {
        stride(from: 0, to: cells.count - Self.fieldBytes + 1, by: Self.fieldBytes).first { Int(cells[$0]) == field }
    }

    private func hash(of field: Int) -> UInt32? {
        guard let place = place(of: field) else { return nil }
        return cells[place + 1..<place + Self.fieldBytes].reduce(0) { $0 << 8 | UInt32($1) }
    }

    private mutating func set(_ field: Int, hash: UInt32?) {
        if let place = place(of: field) { cells.removeSubrange(place..<place + Self.fieldBytes) }
        if let hash { Self.append(field, hash, to: &cells) }
    }

    /// 24 bits of what a value says, never zero; nil for an empty cell. Eight bytes at a time, for all cells of all rows come by.
    private static func hash(_ value: Value) -> UInt32? {
        switch value {
        case .null: return nil
        case .integer(let number): return folded(mixed(UInt64(bitPattern: number), with: 1))
        case .real(let number): return folded(mixed(number.bitPattern, with: 2))
        case .text(var text): return text.withUTF8 { unsafe hash(UnsafeRawBufferPointer($0)) }
        case .blob(let bytes): return unsafe bytes.withUnsafeBytes { unsafe hash($0) }
        }
    }

    private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let count = bytes.count
        var hash = UInt64(count)
        var offset = 0
        while offset + 8 <= count {
            let word = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            hash = mixed(UInt64(littleEndian: word), with: hash)
            offset += 8
        }
        var last: UInt64 = 0
        while offset < count {
            last = last << 8 | UInt64(unsafe bytes[offset])
            offset += 1
        }
        return folded(mixed(last, with: hash))
    }

    /// One step of multiplying and shifting; the odd number is 2⁶⁴ over the golden ratio (Knuth, TAOCP 6.4).
    private static func mixed(_ word: UInt64, with hash: UInt64) -> UInt64 {
        let product = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
        return product ^ product >> 32
    }

    private static func folded(_ hash: UInt64) -> UInt32 {
        let folded = UInt32(truncatingIfNeeded: mixed(hash, with: 0)) & hashBits
        return folded == 0 ? 1 : folded
    }
}
