import Testing

@testable import Cryptography

struct CryptographyTests {
    // RFC 7693 publishes a vector for 64 bytes of output alone. These are what Python's
    // hashlib.blake2b(message, digest_size=16 and 32) gives, an implementation of its own.
    @Test(
        "BLAKE2b gives the known answers",
        arguments: [
            (
                "", "cae66941d9efbd404e4d88758ea67670",
                "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"
            ),
            (
                "abc", "cf4ab791c62b8d2b2109c90275287816",
                "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"
            ),
            (
                String(repeating: "abc", count: 1_000), "5423cbd09c14ddc44315a8f90ac8c133",
                "75fb65b0f7c11bc13e28fb997e6db9888c0b6804bc504248c200f189d0267f9e"
            ),
        ])
    func blake2b(_ message: String, _ short: String, _ long: String) throws {
        #expect(BLAKE2b.hash128(Array(message.utf8)) == UInt128(short, radix: 16))
        #expect(Hex.encode(BLAKE2b.hash256(Array(message.utf8))) == long)
    }

    @Test(
        "SHA-256 gives the answers of FIPS 180-4",
        arguments: [
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ])
    func sha256(_ message: String, _ digest: String) {
        #expect(Hex.encode(SHA256.hash(Array(message.utf8))) == digest)
    }

    @Test("Random bytes have the length asked for and never repeat")
    func randomBytes() throws {
        #expect(try SecureRandom.bytes(0).isEmpty)
        #expect(try SecureRandom.bytes(-1).isEmpty)
        let keys = try Set((0..<1_000).map { _ in try SecureRandom.bytes(16) })
        #expect(keys.count == 1_000)
        #expect(keys.allSatisfy { $0.count == 16 })
    }

    @Test("The generator serves the standard library")
    func generator() throws {
        var random = try SecureRandom()
        let numbers = (0..<1_000).map { _ in Int.random(in: 0..<4, using: &random) }
        #expect(Set(numbers) == [0, 1, 2, 3])
        #expect(Set((0..<1_000).map { _ in random.next() }).count == 1_000)
    }

    @Test("A comparison tells equal from different in content and in length")
    func comparison() {
        #expect(constantTimeEqual([], []))
        #expect(constantTimeEqual([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2]))
    }

    // The first vectors of RFC 4648, section 10, without padding; the last two use the characters of section 5.
    @Test(
        "Base 64 for addresses follows RFC 4648",
        arguments: [
            ([], ""), (Array("f".utf8), "Zg"), (Array("fo".utf8), "Zm8"), (Array("foobar".utf8), "Zm9vYmFy"),
            ([0xFB, 0xFF], "-_8"), ([0xFF, 0xFF, 0xFF], "____"),
        ] as [([UInt8], String)])
    func base64(_ bytes: [UInt8], _ text: String) throws {
        #expect(Base64URL.encode(bytes) == text)
        #expect(try Base64URL.decode(text) == bytes)
    }

    @Test(
        "Text that is not base 64 for addresses is refused",
        arguments: ["Zg==", "Z", "Zh", "Zm9v YmFy", "Zm9v\n", "+/8", "Zm9v\u{0}", "é"])
    func malformedBase64(_ text: String) {
        #expect(throws: CryptographyError.malformedText(coding: "base 64")) { try Base64URL.decode(text) }
    }

    @Test("Hexadecimal goes both ways, and anything else is refused")
    func hexadecimal() throws {
        let bytes = (0...255).map { UInt8($0) }
        #expect(Hex.encode([0, 0x0A, 0xFF]) == "000aff")
        #expect(try Hex.decode(Hex.encode(bytes)) == bytes)
        #expect(try Hex.decode("AbCd") == [0xAB, 0xCD])
        #expect(try Hex.decode("").isEmpty)
        for text in ["0", "0g", "00 ", "00:11", "0x00", "00\u{0}"] {
            #expect(throws: CryptographyError.malformedText(coding: "hexadecimal"), "\(text)") {
                try Hex.decode(text)
            }
        }
    }
}
