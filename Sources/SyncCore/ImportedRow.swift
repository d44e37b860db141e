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
        var cells: [UInt8] = []
        cells.reserveCapacity(values.count * Self.fieldBytes)
        for (field, value) in values {
            guard let hash = Self.hash(value) else { continue }
            Self.append(field, hash, to: &cells)
        }
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

    /// FNV-1a (draft-eastlake-fnv), folded, never zero; nil for an empty cell.
    private static func hash(_ value: Value) -> UInt32? {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        func add(_ number: UInt64) {
            for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: number >> UInt64(shift))) }
        }
        switch value {
        case .null: return nil
        case .integer(let number): add(UInt64(bitPattern: number))
        case .real(let number): add(number.bitPattern)
        case .text(let text): for byte in text.utf8 { add(byte) }
        case .blob(let bytes): for byte in bytes { add(byte) }
        }
        let folded = UInt32(truncatingIfNeeded: hash ^ hash >> 24 ^ hash >> 48) & hashBits
        return folded == 0 ? 1 : folded
    }
}
