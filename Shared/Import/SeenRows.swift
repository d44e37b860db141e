/// Which rows of a file were seen, in 20 bytes a row: enough to tell a row again, and whether it says the same.
struct SeenRows {
    /// A row that was seen before.
    struct Row: Hashable {
        var line: Int
        /// A number for what the row says.
        var content: UInt64
    }

    private var keys: [UInt64]
    private var contents: [UInt64]
    private var lines: [UInt32]

    /// - Parameter count: the most rows that will be noted.
    init(count: Int) {
        let slots = count + count / 3 + 8
        keys = [UInt64](repeating: 0, count: slots)
        contents = [UInt64](repeating: 0, count: slots)
        lines = [UInt32](repeating: 0, count: slots)
    }

    /// The row that was noted under a key, or nil.
    func row(_ key: UInt64) -> Row? {
        let slot = slot(of: key)
        return lines[slot] == 0 ? nil : Row(line: Int(lines[slot]), content: contents[slot])
    }

    /// Notes a row under a key, or replaces what was noted there.
    mutating func note(_ key: UInt64, _ row: Row) {
        let slot = slot(of: key)
        keys[slot] = key
        contents[slot] = row.content
        lines[slot] = UInt32(clamping: row.line)
    }

    /// The slot of a key: its own, or the free one where it belongs. A quarter of all slots is always free.
    private func slot(of key: UInt64) -> Int {
        var slot = Int(truncatingIfNeeded: key.multipliedFullWidth(by: UInt64(keys.count)).high)
        while lines[slot] != 0, keys[slot] != key { slot = slot + 1 == keys.count ? 0 : slot + 1 }
        return slot
    }
}
