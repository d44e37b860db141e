import Testing

@testable import Compression

struct BodyCodecTests {
    /// What people might write, beside some bytes that nobody can foresee.
    private static func message(_ number: Int, sentences: Int = 1) -> [UInt8] {
        var random = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
        let noise = (0..<16).map { _ in
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: random >> 56)
        }
        let text = (0..<sentences).map { "We talked about the garden, and number \($0 + number) came. " }.joined()
        return noise + Array(text.utf8)
    }

    @Test("Every message comes back, and is never longer than it was", arguments: [0, 1, 23, 24, 40, 5_000, 70_000])
    func roundTrip(_ size: Int) throws {
        let codec = try BodyCodec()
        for message in [[UInt8](repeating: 7, count: size), Array(Self.message(size, sentences: 2_000).prefix(size))] {
            for allows in [true, false] {
                let body = try codec.encode(message, allowsDictionary: allows)
                #expect(body.bytes.count <= message.count)
                #expect(body.coding != .dictionary || allows)
                #expect(try BodyCodec().decode(body, limitBytes: size) == message)
            }
        }
        #expect(try codec.encode(Self.message(1), allowsDictionary: true).coding == .dictionary)
        #expect(try codec.encode(Self.message(1, sentences: 40), allowsDictionary: false).coding == .zstd)
        #expect(try codec.encode(Self.message(1, sentences: 2_000), allowsDictionary: true).coding == .zstd)
    }

    @Test("The dictionary makes short messages shorter than zstd alone does")
    func gain() throws {
        let codec = try BodyCodec()
        let messages = (0..<20).map { Self.message($0) }
        let with = try messages.reduce(0) { $0 + (try codec.encode($1, allowsDictionary: true).bytes.count) }
        let without = try messages.reduce(0) { $0 + (try Compressor().compress($1).count) }
        #expect(with * 4 < without * 3)
    }

    @Test("What was written in a hurry comes back, and is longer, but shorter than the message")
    func hurry() throws {
        let codec = try BodyCodec()
        let message = (0..<40).flatMap { Self.message($0 * 7_919, sentences: $0 % 4) }
        let hurried = try codec.encode(message, allowsDictionary: true, isHurried: true)
        #expect(hurried.coding == .dictionary)
        #expect(try BodyCodec().decode(hurried, limitBytes: message.count) == message)
        let patient = try codec.encode(message, allowsDictionary: true)
        #expect(patient.bytes.count < hurried.bytes.count && hurried.bytes.count < message.count)
    }

    @Test("A body that would become too large is refused, whatever its coding, and its memory is never taken")
    func bombs() throws {
        let codec = try BodyCodec()
        let large = [UInt8](repeating: 0, count: 60_000)
        for allows in [true, false] {
            let body = try codec.encode(large, allowsDictionary: allows)
            #expect(body.bytes.count < 100)
            #expect(throws: CompressionError.tooLarge(limitBytes: 59_999)) {
                try codec.decode(body, limitBytes: 59_999)
            }
        }
        #expect(throws: CompressionError.tooLarge(limitBytes: 3)) {
            try codec.decode(BodyCodec.Body(bytes: [1, 2, 3, 4], coding: .plain), limitBytes: 3)
        }
        // A frame header that names 2^62 bytes, without the first four bytes.
        let claim = BodyCodec.Body(bytes: [0xE0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0x01, 0, 0], coding: .dictionary)
        #expect(throws: CompressionError.tooLarge(limitBytes: 1_000)) { try codec.decode(claim, limitBytes: 1_000) }
    }

    @Test("A body that is cut, or followed by more, is refused, and the next one is read as ever")
    func damage() throws {
        let codec = try BodyCodec()
        let message = Self.message(3)
        let body = try codec.encode(message, allowsDictionary: true)
        for length in body.bytes.indices {
            let cut = BodyCodec.Body(bytes: Array(body.bytes.prefix(length)), coding: .dictionary)
            #expect(throws: CompressionError.self) { try codec.decode(cut, limitBytes: 10_000) }
        }
        let longer = BodyCodec.Body(bytes: body.bytes + [0], coding: .dictionary)
        #expect(throws: CompressionError.self) { try codec.decode(longer, limitBytes: 10_000) }
        #expect(try codec.decode(body, limitBytes: 10_000) == message)
    }

    @Test("What one message says never shows in the length of the next")
    func nothingIsKept() throws {
        let codec = try BodyCodec()
        let message = (0..<40).flatMap { Self.message($0 * 7_919, sentences: $0 % 4) }
        for isHurried in [false, true] {
            let alone = try BodyCodec().encode(message, allowsDictionary: true, isHurried: isHurried)
            for number in 0..<20 {
                _ = try codec.encode(Self.message(number % 6), allowsDictionary: true, isHurried: number % 2 == 0)
            }
            #expect(try codec.encode(message, allowsDictionary: true, isHurried: isHurried) == alone)
        }
    }

    @Test("Names of codings, as headers have them")
    func names() {
        #expect(BodyCoding(header: nil) == .plain)
        #expect(BodyCoding(header: "zstd") == .zstd)
        #expect(BodyCoding(header: "kith1") == .dictionary)
        for unknown in ["", "gzip", "kith2", "zstd, kith1"] { #expect(BodyCoding(header: unknown) == nil) }
        #expect(BodyCoding.allowsDictionary(BodyCoding.accepted))
        for other in [nil, "", "zstd", "zstd, kith2", "kith10"] { #expect(!BodyCoding.allowsDictionary(other)) }
    }

    @Test("The dictionary is at most 32 KiB, and is the one that the name of its coding stands for")
    func identity() throws {
        #expect((4_096...32_768).contains(WireDictionary.bytes.count))
        // Another dictionary under the same name could not read what the last version sent.
        #expect(try WireDictionary.shared.get().id == Self.identity)
    }

    private static let identity: UInt32 = 162_698_323
}
