import Testing

@testable import Compression

struct CompressionTests {
    /// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers in every run.
    private struct SeededGenerator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    private static let words = ["place", "person", "visit", "meeting", "promise", "insight", "consent", "round"]

    /// A message made of common words and some numbers.
    private static func message(_ number: Int) -> [UInt8] {
        var random = SeededGenerator(state: UInt64(number))
        let parts = (0..<20).map { _ in
            "\(words[Int.random(in: 0..<words.count, using: &random)])=\(Int.random(in: 0..<100, using: &random));"
        }
        return Array(parts.joined().utf8)
    }

    private static let trained = Result {
        try CompressionDictionary.train(on: (0..<500).map(message), limitBytes: 2_048)
    }

    @Test("Content comes back as it was", arguments: [0, 1, 100, 65_536, 1_000_000])
    func roundTrip(_ size: Int) throws {
        var random = SeededGenerator(state: 1)
        let contents = [
            [UInt8](repeating: 5, count: size), (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) },
        ]
        let compressor = try Compressor()
        let decompressor = try Decompressor()
        for content in contents {
            let frame = try compressor.compress(content)
            #expect(try decompressor.decompress(frame, limitBytes: size) == content)
        }
    }

    @Test("Repetitive content becomes small, and a higher level smaller")
    func ratio() throws {
        let content = (0..<200).flatMap(Self.message)
        let fast = try Compressor().compress(content)
        #expect(fast.count * 2 < content.count)
        #expect(try Compressor(level: 19).compress(content).count < fast.count)
    }

    @Test("Content above the limit is refused, content at the limit is not")
    func limit() throws {
        let frame = try Compressor().compress([UInt8](repeating: 5, count: 1_000))
        let decompressor = try Decompressor()
        #expect(try decompressor.decompress(frame, limitBytes: 1_000).count == 1_000)
        for limit in [999, 0, -1] {
            #expect(throws: CompressionError.tooLarge(limitBytes: limit)) {
                try decompressor.decompress(frame, limitBytes: limit)
            }
        }
    }

    // Made by: head -c 100000 /dev/zero | zstd --no-content-size --no-check | xxd -p
    @Test("A frame that does not name its size is read up to the limit")
    func unknownSize() throws {
        let frame: [UInt8] = [
            0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58, 0x55, 0x00, 0x00, 0x10, 0x00, 0x00, 0x01, 0x00, 0x9B, 0x86, 0x39,
            0xC0, 0x02,
        ]
        let decompressor = try Decompressor()
        let content = [UInt8](repeating: 0, count: 100_000)
        #expect(try decompressor.decompress(frame, limitBytes: 100_000) == content)
        #expect(try decompressor.decompress(frame, limitBytes: 10_000_000) == content)
        for limit in [99_999, 1, 0] {
            #expect(throws: CompressionError.tooLarge(limitBytes: limit)) {
                try decompressor.decompress(frame, limitBytes: limit)
            }
        }
    }

    // A frame header that names 2^62 bytes (RFC 8878, section 3.1.1.1), then an empty last block.
    @Test("A frame that names an enormous size is refused without the memory for it")
    func enormousSize() throws {
        let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0xE0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0x01, 0x00, 0x00]
        #expect(throws: CompressionError.tooLarge(limitBytes: 1_000)) {
            try Decompressor().decompress(frame, limitBytes: 1_000)
        }
    }

    @Test("Every truncation of a frame, every changed byte of its content and bytes behind it are noticed")
    func damage() throws {
        let content = Self.message(1)
        let frame = try Compressor().compress(content)
        let decompressor = try Decompressor()
        for length in 0..<frame.count {
            #expect(throws: CompressionError.self, "first \(length) bytes") {
                try decompressor.decompress([UInt8](frame.prefix(length)), limitBytes: 10_000)
            }
        }
        for position in 7..<frame.count {
            var changed = frame
            changed[position] ^= 0x10
            #expect(throws: CompressionError.self, "byte \(position)") {
                try decompressor.decompress(changed, limitBytes: 10_000)
            }
        }
        for tail in [[0], frame, [0x50, 0x2A, 0x4D, 0x18, 0, 0, 0, 0]] {
            #expect(throws: CompressionError.malformed(reason: "\(tail.count) bytes follow the frame")) {
                try decompressor.decompress(frame + tail, limitBytes: 10_000)
            }
        }
        #expect(try decompressor.decompress(frame, limitBytes: 10_000) == content)
    }

    @Test("Random bytes, an empty input and a frame to be skipped are refused")
    func noise() throws {
        var random = SeededGenerator(state: 2)
        let decompressor = try Decompressor()
        for _ in 0..<1_000 {
            let count = Int.random(in: 0...200, using: &random)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(throws: CompressionError.self) { try decompressor.decompress(bytes, limitBytes: 10_000) }
        }
        #expect(throws: CompressionError.truncated) { try decompressor.decompress([], limitBytes: 10_000) }
        let skippable: [UInt8] = [0x50, 0x2A, 0x4D, 0x18, 1, 0, 0, 0, 9]
        #expect(throws: CompressionError.malformed(reason: "a frame of another kind")) {
            try decompressor.decompress(skippable, limitBytes: 10_000)
        }
    }

    @Test("A dictionary makes small messages smaller, and frames name it")
    func dictionary() throws {
        let dictionary = try CompressionDictionary(bytes: Self.trained.get())
        #expect(dictionary.id != 0)
        let compressor = try Compressor()
        let decompressor = try Decompressor()
        let content = Self.message(1_000)
        let with = try compressor.compress(content, dictionary: dictionary)
        let without = try compressor.compress(content)
        #expect(with.count < without.count)
        #expect(try decompressor.decompress(with, limitBytes: 10_000, dictionary: dictionary) == content)
        #expect(try decompressor.decompress(without, limitBytes: 10_000, dictionary: dictionary) == content)
        #expect(try decompressor.decompress(without, limitBytes: 10_000) == content)
        #expect(throws: CompressionError.unknownDictionary(id: dictionary.id)) {
            try decompressor.decompress(with, limitBytes: 10_000)
        }
    }

    @Test("A dictionary of plain content works, is not the trained one, and is noticed when it is another")
    func plainDictionary() throws {
        let plain = try CompressionDictionary(bytes: (0..<20).flatMap(Self.message))
        let other = try CompressionDictionary(bytes: (20..<40).flatMap(Self.message))
        #expect(plain.id == 0)
        let content = Self.message(3)
        let decompressor = try Decompressor()
        let frame = try Compressor().compress(content, dictionary: plain)
        #expect(try decompressor.decompress(frame, limitBytes: 10_000, dictionary: plain) == content)
        #expect(throws: CompressionError.self) {
            try decompressor.decompress(frame, limitBytes: 10_000, dictionary: other)
        }
        let trained = try CompressionDictionary(bytes: Self.trained.get())
        let named = try Compressor().compress(content, dictionary: trained)
        #expect(throws: CompressionError.unknownDictionary(id: trained.id)) {
            try decompressor.decompress(named, limitBytes: 10_000, dictionary: plain)
        }
    }

    @Test("A damaged or empty dictionary and too few samples are refused")
    func badDictionary() throws {
        let damaged = try [UInt8](Self.trained.get().prefix(12))
        #expect(throws: CompressionError.self) { try CompressionDictionary(bytes: damaged) }
        #expect(throws: CompressionError.self) { try CompressionDictionary(bytes: []) }
        #expect(throws: CompressionError.self) { try CompressionDictionary.train(on: [[1]], limitBytes: 256) }
    }

    @Test("A few bytes are not unpacked to megabytes of nothing; one text again and again is")
    func likelyLimit() throws {
        let most = 32 << 20
        let made = try Compressor().compress([UInt8](repeating: 0, count: most))
        let limit = Decompressor.likelyLimit(compressedBytes: made.count, limitBytes: most)
        #expect(throws: CompressionError.tooLarge(limitBytes: limit)) {
            try Decompressor().decompress(made, limitBytes: limit)
        }
        let group = Array(repeating: Array("Tea with Alex. ".utf8), count: (4 << 20) / 15).flatMap(\.self)
        let small = try Compressor().compress(group)
        #expect(
            try Decompressor().decompress(
                small, limitBytes: Decompressor.likelyLimit(compressedBytes: small.count, limitBytes: most)) == group)
        #expect(Decompressor.likelyLimit(compressedBytes: .max, limitBytes: most) == most)
    }
}
