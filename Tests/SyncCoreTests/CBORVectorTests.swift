import SyncCore
import Testing

/// The examples of RFC 8949, appendix A, that core deterministic encoding allows, each in both directions.
@Suite("CBOR vectors") struct CBORVectorTests {
    private static let integers: [(String, CBORItem)] = [
        ("00", 0), ("01", 1), ("0a", 10), ("17", 23), ("1818", 24), ("1819", 25), ("1864", 100), ("1903e8", 1_000),
        ("1a000f4240", 1_000_000), ("1b000000e8d4a51000", 1_000_000_000_000), ("1bffffffffffffffff", .unsigned(.max)),
        ("20", -1), ("29", -10), ("3863", -100), ("3903e7", -1_000), ("3b7fffffffffffffff", .negative(.min)),
        ("18ff", 255), ("190100", 256), ("19ffff", 65_535), ("1a00010000", 65_536), ("1affffffff", 4_294_967_295),
        ("1b0000000100000000", 4_294_967_296),
    ]

    private static let reals: [(String, CBORItem)] = [
        ("f90000", .real(0)), ("f98000", .real(-0.0)), ("f93c00", .real(1)), ("fb3ff199999999999a", .real(1.1)),
        ("f93e00", .real(1.5)), ("f97bff", .real(65_504)), ("fa47c35000", .real(100_000)),
        ("fa7f7fffff", .real(3.4028234663852886e+38)), ("fb7e37e43c8800759c", .real(1.0e+300)),
        ("f90001", .real(5.960464477539063e-8)), ("f90400", .real(0.00006103515625)), ("f9c400", .real(-4)),
        ("fbc010666666666666", .real(-4.1)), ("f97c00", .real(.infinity)), ("f97e00", .real(.nan)),
        ("f9fc00", .real(-.infinity)), ("fa47800000", .real(65_536)), ("fa33000000", .real(2.9802322387695312e-8)),
        ("fa00000001", .real(Double(Float.leastNonzeroMagnitude))),
        ("fb0000000000000001", .real(.leastNonzeroMagnitude)),
        ("fb47f0000000000000", .real(0x1p128)),
    ]

    private static let others: [(String, CBORItem)] = [
        ("f4", .bool(false)), ("f5", .bool(true)), ("f6", .null), ("40", .bytes([])),
        ("4401020304", .bytes([1, 2, 3, 4])), ("60", ""), ("6161", "a"), ("6449455446", "IETF"), ("62225c", "\"\\"),
        ("62c3bc", "\u{fc}"), ("63e6b0b4", "\u{6c34}"), ("64f0908591", "\u{10151}"), ("80", .array([])),
        ("83010203", .array([1, 2, 3])), ("8301820203820405", .array([1, .array([2, 3]), .array([4, 5])])),
        ("98190102030405060708090a0b0c0d0e0f101112131415161718181819", .array((1...25).map { .unsigned($0) })),
        ("a0", .map([])), ("a201020304", .map([[1, 2], [3, 4]])),
        ("a26161016162820203", .map([["a", 1], ["b", .array([2, 3])]])),
        ("826161a161626163", .array(["a", .map([["b", "c"]])])),
        (
            "a56161614161626142616361436164614461656145",
            .map([["a", "A"], ["b", "B"], ["c", "C"], ["d", "D"], ["e", "E"]])
        ),
    ]

    @Test("Every vector is written as the RFC has it and read back", arguments: integers + reals + others)
    func vector(hex: String, item: CBORItem) throws {
        let expected = bytes(hex: hex)
        #expect(item.encoded == expected)
        #expect(try CBORItem(decoding: expected).encoded == expected)
        if hex != "f97e00" { #expect(try CBORItem(decoding: expected) == item) }

        var reader = CBORReader(expected)
        #expect(try reader.readItem() == expected)
        try reader.finish()
    }

    @Test("Every NaN is written as f97e00, which reads as a NaN")
    func notANumber() throws {
        for number in [Double.nan, -.nan, .signalingNaN, Double(nan: 5, signaling: false)] {
            #expect(CBORItem.real(number).encoded == [0xF9, 0x7E, 0x00])
        }
        var reader = CBORReader([0xF9, 0x7E, 0x00])
        #expect(try reader.readReal().isNaN)
    }

    @Test("Every half-precision pattern but NaN keeps its bits, and no single form of it passes")
    func everyHalf() throws {
        let patterns = (UInt16.min...UInt16.max).filter { $0 & 0x7C00 != 0x7C00 || $0 & 0x3FF == 0 }
        let wrong = try patterns.filter { bits in
            let encoded = [0xF9, UInt8(bits >> 8), UInt8(bits & 0xFF)]
            var reader = CBORReader(encoded)
            let number = try reader.readReal()
            #if !(os(macOS) && arch(x86_64))
                if number != Double(Float16(bitPattern: bits)) { return true }
            #endif
            let single = Float(number).bitPattern
            let longer = [0xFA] + (0..<4).map { UInt8(truncatingIfNeeded: single >> (24 - 8 * UInt32($0))) }
            let error = readingError(longer) { reader throws(CBORError) in _ = try reader.readReal() }
            return CBORItem.real(number).encoded != encoded || error != .notCanonical(offset: 0)
        }
        #expect(patterns.count == 63_490)
        #expect(wrong == [])
    }

    @Test("Composed and decomposed letters stay as they are")
    func unicodeIsNotNormalised() throws {
        let composed = bytes(hex: "65 43 61 66 c3 a9")
        let decomposed = bytes(hex: "66 43 61 66 65 cc 81")
        for encoded in [composed, decomposed] {
            var reader = CBORReader(encoded)
            let text = try reader.readText()
            #expect(text == "Caf\u{e9}")
            #expect(CBORItem.text(text).encoded == encoded)
        }
    }

    @Test("Slices, raw buffers and the 16-byte form write the same byte string")
    func byteStrings() throws {
        let content = [UInt8](1...16)
        let expected = [0x50] + content
        var writer = CBORWriter(capacity: 0)
        writer.bytes(([0] + content)[1...])
        unsafe content.withUnsafeBytes { unsafe writer.bytes($0) }
        writer.bytes(bigEndian: 0x0102_0304_0506_0708_090A_0B0C_0D0E_0F10)
        writer.item(expected)
        #expect(writer.bytes == expected + expected + expected + expected)

        var reader = CBORReader(writer.bytes)
        #expect(try reader.readBytes() == content)
        #expect(try reader.readBytes(exactly: 16) == content)
        #expect(try reader.readBigEndian() == 0x0102_0304_0506_0708_090A_0B0C_0D0E_0F10)
        let sum = try reader.withBytes { (span) throws(CBORError) in
            span.indices.reduce(0) { $0 + Int(span[$1]) }
        }
        #expect(sum == 136)
        #expect(reader.isAtEnd)
    }

    @Test(
        "Long strings and arrays get the shortest head at each border",
        arguments: [
            (23, 1), (24, 2), (255, 2), (256, 3), (65_535, 3), (65_536, 5),
        ])
    func longContent(count: Int, headBytes: Int) throws {
        let text = CBORItem.text(String(repeating: "w", count: count))
        let blob = CBORItem.bytes([UInt8](repeating: 7, count: count))
        let array = CBORItem.array([CBORItem](repeating: .null, count: count))
        for item in [text, blob, array] {
            #expect(item.encoded.count == headBytes + count)
            #expect(try CBORItem(decoding: item.encoded) == item)
        }
    }
}
