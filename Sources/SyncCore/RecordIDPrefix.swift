/// The beginning of the text form of an id, read once to be looked for among many ids.
package struct RecordIDPrefix: Sendable {
    private let value: UInt128
    private let mask: UInt128

    /// Reads the first letters of an id, as they are written in it; nil where one can't stand in an id, or there are more
    /// than an id has.
    package init?(_ text: String) {
        guard text.utf8.count <= RecordID.textLength else { return nil }
        var (value, bits) = (UInt128(0), 128)
        for letter in text.utf8 {
            guard let digit = RecordID.alphabet.firstIndex(of: letter) else { return nil }
            bits -= 5
            if bits >= 0 {
                value |= UInt128(digit) << UInt128(bits)
            } else {
                // The last letter stands for three bits only.
                guard digit & 3 == 0 else { return nil }
                (value, bits) = (value | UInt128(digit >> 2), 0)
            }
        }
        self.value = value
        mask = bits == 128 ? 0 : UInt128.max << UInt128(bits)
    }

    /// Whether the text form of an id begins so.
    package func begins(_ id: RecordID) -> Bool { id.shuffled & mask == value }
}

extension RecordID {
    /// The first letters of the text form; at most 25.
    package func prefix(letterCount: Int) -> String {
        var rest = shuffled
        var letters: [UInt8] = []
        letters.reserveCapacity(letterCount)
        for _ in 0..<min(letterCount, Self.textLength - 1) {
            letters.append(Self.alphabet[Int(rest >> 123)])
            rest <<= 5
        }
        return String(decoding: letters, as: UTF8.self)
    }
}
