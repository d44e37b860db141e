/// A hash of all that happened in a run: the same for a seed every time, in every process.
struct Trace {
    private(set) var hash: UInt64 = 0x6B69_7468

    mutating func add(_ number: UInt64) { hash = Dice.mix(hash ^ number) &+ 0x9E37_79B9_7F4A_7C15 }

    mutating func add(_ bytes: [UInt8]) {
        add(UInt64(bytes.count))
        unsafe bytes.withUnsafeBytes { raw in
            var offset = 0
            while offset + 8 <= raw.count {
                add(unsafe raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                offset += 8
            }
            var rest: UInt64 = 0
            while offset < raw.count {
                rest = unsafe rest << 8 | UInt64(raw[offset])
                offset += 1
            }
            add(rest)
        }
    }
}
