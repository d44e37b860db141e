/// Which areas of the directory somebody with lived experience has as their own, part 24 of the reply that brings it:
/// `[area…]`, ascending. A device that knows it does not let a record that is about nobody go there unasked.
extension MessageParts {
    private static let largestAreaCount = 100_000

    /// These parts beside a directory, with what the directory itself has no place for.
    func beside(_ directory: Directory?) -> MessageParts {
        let areas = (directory?.areas.filter(\.isOfMember).map(\.number) ?? []).sorted()
        guard !areas.isEmpty else { return self }
        var writer = CBORWriter()
        writer.array(count: areas.count)
        for area in areas { writer.unsigned(UInt64(area)) }
        var parts = self
        parts[.membersAreas] = writer.bytes
        return parts
    }

    /// Moves what `beside` added back into the directory.
    mutating func complete(_ directory: inout Directory?) throws(CBORError) {
        guard let part = self[.membersAreas] else { return }
        var reader = CBORReader(part)
        guard var marked = directory else { throw reader.unexpectedItem() }
        var last = -1
        for _ in 0..<(try reader.readArray(1...Self.largestAreaCount)) {
            let area = try reader.readSmall()
            guard area > last, let index = marked.areas.firstIndex(where: { $0.number == area }) else {
                throw reader.unexpectedItem()
            }
            marked.areas[index].isOfMember = true
            last = area
        }
        try reader.finish()
        self[.membersAreas] = nil
        directory = marked
    }
}
