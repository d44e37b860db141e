import SyncCore
import Testing

/// What is not in core deterministic encoding, not of the expected kind or beyond a limit is refused.
@Suite("CBOR strictness") struct CBORStrictnessTests {
    @Test(
        "What is not deterministic is refused where it stands, read or skipped",
        arguments: [
            "1800", "1817", "190017", "1900ff", "1a0000ffff", "1b00000000ffffffff",  // numbers longer than needed
            "3800", "3900ff", "3a0000ffff", "3b00000000ffffffff",
            "580101", "59000101", "780161", "790001 61", "980101", "b8010102", "d80601",  // lengths longer than needed
            "5f420102ff", "7f6161ff", "9f01ff", "bf0102ff", "ff",  // indefinite lengths
            "1c", "1d", "1e", "1f", "3c", "5c", "7d", "9e", "bc", "dc",  // reserved heads
            "f7", "e0", "f0", "f820", "f8ff", "fc", "fd", "fe",  // simple values but false, true, null
            "fa3fc00000", "fb3ff8000000000000", "fa7f800000", "fb7ff0000000000000",  // reals longer than needed
            "fb40f86a0000000000", "fa80000000", "fb0000000000000000", "fa33800000",
            "f97e01", "f9fe00", "fa7fc00000", "fb7ff8000000000000", "f97c01",  // other NaNs
        ])
    func notDeterministic(hex: String) throws {
        let encoded = bytes(hex: hex)
        #expect(readingError(encoded) { reader throws(CBORError) in try reader.skip() } == .notCanonical(offset: 0))
        if encoded[0] >> 5 != 6 {
            #expect(throws: CBORError.notCanonical(offset: 0)) { try CBORItem(decoding: encoded) }
        }
        let nested = [0x82, 0x01] + encoded
        #expect(readingError(nested) { reader throws(CBORError) in try reader.skip() } == .notCanonical(offset: 2))
    }

    @Test(
        "Map keys must ascend, in their encoded form",
        arguments: [
            ("a2 02 00 01 00", 3), ("a2 01 00 01 00", 3), ("a2 6161 00 05 00", 4), ("a2 626161 00 617a 00", 5),
            ("a2 20 00 1818 00", 3), ("81 a3 01 00 03 00 02 00", 6),
        ])
    func unsortedKeys(hex: String, offset: Int) {
        let error = readingError(bytes(hex: hex)) { reader throws(CBORError) in try reader.skip() }
        #expect(error == .notCanonical(offset: offset))
    }

    @Test("Keys read one by one must ascend")
    func ascendingKeys() throws {
        var reader = CBORReader(bytes(hex: "01 05 05"))
        #expect(try reader.readKey(after: nil) == 1)
        #expect(try reader.readKey(after: 1) == 5)
        #expect(throws: CBORError.notCanonical(offset: 2)) { try reader.readKey(after: 5) }
    }

    @Test("Each typed read refuses every other kind and names what it found")
    func otherKinds() {
        let samples: [(CBORReader.Kind, [UInt8])] = [
            (.unsigned, [0x00]), (.negative, [0x20]), (.bytes, [0x40]), (.text, [0x60]), (.array, [0x80]),
            (.map, [0xA0]), (.tag, [0xC0, 0x00]), (.bool, [0xF5]), (.null, [0xF6]), (.real, [0xF9, 0x3C, 0x00]),
        ]
        let reads: [(Set<CBORReader.Kind>, (inout CBORReader) throws(CBORError) -> Void)] = [
            ([.unsigned], { reader throws(CBORError) in _ = try reader.readUnsigned() }),
            ([.unsigned, .negative], { reader throws(CBORError) in _ = try reader.readInteger() }),
            ([.bytes], { reader throws(CBORError) in _ = try reader.readBytes() }),
            ([.bytes], { reader throws(CBORError) in _ = try reader.readBytes(exactly: 0) }),
            ([.bytes], { reader throws(CBORError) in try reader.withBytes { _ throws(CBORError) in } }),
            ([.text], { reader throws(CBORError) in _ = try reader.readText() }),
            ([.array], { reader throws(CBORError) in _ = try reader.readArray() }),
            ([.map], { reader throws(CBORError) in _ = try reader.readMap() }),
            ([.bool], { reader throws(CBORError) in _ = try reader.readBool() }),
            ([.null], { reader throws(CBORError) in try reader.readNull() }),
            ([.real], { reader throws(CBORError) in _ = try reader.readReal() }),
        ]
        for (kind, encoded) in samples {
            #expect(CBORReader(encoded).isNull == (kind == .null))
            for (index, (accepted, read)) in reads.enumerated() {
                let expected: CBORError? = accepted.contains(kind) ? nil : .unexpected(found: kind, offset: 0)
                #expect(readingError(encoded, read) == expected, "read \(index) of \(kind)")
            }
        }
    }

    @Test("A number beyond 64 bits with sign, or a string of another length, is not allowed")
    func valuesThatMayNotStandThere() {
        for hex in ["1b8000000000000000", "1bffffffffffffffff", "3b8000000000000000", "3bffffffffffffffff"] {
            let error = readingError(bytes(hex: hex)) { reader throws(CBORError) in _ = try reader.readInteger() }
            #expect(error == .notAllowed(offset: 0))
        }
        let short = [0x4F] + [UInt8](repeating: 1, count: 15)
        #expect(
            readingError(short) { reader throws(CBORError) in _ = try reader.readBigEndian() } == .notAllowed(offset: 0)
        )
        let error = readingError(short) { reader throws(CBORError) in _ = try reader.readBytes(exactly: 14) }
        #expect(error == .notAllowed(offset: 0))
    }

    @Test(
        "Text that is not UTF-8 is refused",
        arguments: [
            "61ff", "6180", "62c328", "63eda080", "62c080", "64f4908080", "61c3", "63e28228", "64f0808080",
        ])
    func invalidText(hex: String) {
        let encoded = bytes(hex: hex)
        #expect(
            readingError(encoded) { reader throws(CBORError) in _ = try reader.readText() } == .invalidText(offset: 0))
        #expect(readingError(encoded) { reader throws(CBORError) in try reader.skip() } == .invalidText(offset: 0))
    }

    @Test("Something after the last item is refused")
    func trailingBytes() throws {
        var reader = CBORReader([0x01, 0x02])
        #expect(try reader.readUnsigned() == 1)
        #expect(throws: CBORError.trailingBytes(offset: 1)) { try reader.finish() }
        #expect(try reader.readUnsigned() == 2)
        try reader.finish()
    }

    @Test(
        "Depth is counted to the limit and no further, for arrays, maps and tags",
        arguments: [
            [0x81], [0xA1, 0x00], [0xC1],
        ] as [[UInt8]])
    func depth(opening: [UInt8]) throws {
        let limits = CBORLimits(depth: 3)
        func nested(_ depth: Int) -> [UInt8] { Array([[UInt8]](repeating: opening, count: depth).joined()) + [0x00] }
        var reader = CBORReader(nested(3), limits: limits)
        try reader.skip()
        try reader.finish()
        let error = readingError(nested(4), limits: limits) { reader throws(CBORError) in try reader.skip() }
        #expect(error == .tooDeep(offset: 3 * opening.count))
        let deepest = readingError(nested(100_000)) { reader throws(CBORError) in try reader.skip() }
        #expect(deepest == .tooDeep(offset: 16 * opening.count))
    }

    @Test("Length and count are accepted at the limit and refused above it")
    func limits() {
        let limits = CBORLimits(lengthBytes: 2, count: 2)
        let text: (inout CBORReader) throws(CBORError) -> Void = { reader throws(CBORError) in
            _ = try reader.readText()
        }
        #expect(readingError(bytes(hex: "626161"), limits: limits, text) == nil)
        #expect(readingError(bytes(hex: "63616161"), limits: limits, text) == .tooLong(offset: 0))
        let skip: (inout CBORReader) throws(CBORError) -> Void = { reader throws(CBORError) in try reader.skip() }
        #expect(readingError(bytes(hex: "820000"), limits: limits, skip) == nil)
        #expect(readingError(bytes(hex: "83000000"), limits: limits, skip) == .tooMany(offset: 0))
        #expect(readingError(bytes(hex: "a200000100"), limits: limits, skip) == nil)
        #expect(readingError(bytes(hex: "a3000001000200"), limits: limits, skip) == .tooMany(offset: 0))
    }

    @Test(
        "A claim of more than is there is refused before memory is taken for it",
        arguments: [
            "3b9aca00", "ffffffff",
        ])
    func hugeClaims(count: String) {
        for major in [2, 3, 4, 5] as [UInt8] {
            let expected: CBORError = major < 4 ? .tooLong(offset: 0) : .tooMany(offset: 0)
            let billion = [major << 5 | 26] + bytes(hex: count) + [0x00, 0x00]
            let most = [major << 5 | 27] + bytes(hex: "7fff" + "ffffffff" + "ffff") + [0x00, 0x00]
            let beyond = [major << 5 | 27] + bytes(hex: "ffff" + "ffffffff" + "ffff") + [0x00, 0x00]
            let unlimited = CBORLimits(depth: 16, lengthBytes: .max, count: .max)
            for claim in [billion, most, beyond] {
                #expect(throws: expected) { try CBORItem(decoding: claim) }
                #expect(readingError(claim) { reader throws(CBORError) in try reader.skip() } == expected)
            }
            for claim in [billion, most] {
                let error = readingError(claim, limits: unlimited) { reader throws(CBORError) in try reader.skip() }
                #expect(error == .truncated(offset: 0))
            }
        }
    }

    @Test("The wording names the place and never the content")
    func wording() {
        let error = readingError(bytes(hex: "636162")) { reader throws(CBORError) in _ = try reader.readText() }
        #expect(
            error?.description == "Cannot read the message: it ends within the item at byte 0. "
                + "Nothing of it was used. Send or fetch it again.")
        #expect("\(CBORError.unexpected(found: .map, offset: 7))".contains("wrong kind, map, at byte 7"))
    }
}
