import Testing

@testable import Cryptography

@Suite("Sealed messages")
struct SealedMessageTests {
    private let key: SealingKey
    private let file: [UInt8]
    private let message = Array("Tea with Alex.".utf8)

    init() throws {
        key = try SealingKey(seed: [UInt8](repeating: 7, count: 32))
        file = try SealedMessage.seal(message, to: key.publicKey)
    }

    @Test("G6: no file with one bit changed, anywhere, can be opened")
    func bits() throws {
        #expect(SealedMessage.open(file, with: key) == message)
        var changed = file
        var opened = 0
        for place in file.indices {
            for bit in 0..<8 {
                changed[place] ^= 1 << UInt8(bit)
                if SealedMessage.open(changed, with: key) != nil { opened += 1 }
                changed[place] = file[place]
            }
        }
        #expect(opened == 0)
    }

    @Test("G6: no file that was cut, at whatever byte, can be opened, nor a longer one")
    func cuts() throws {
        #expect(file.indices.allSatisfy { SealedMessage.open(Array(file.prefix($0)), with: key) == nil })
        #expect(SealedMessage.open(file + [0], with: key) == nil)
    }

    @Test("Nobody else can open it, and its size tells little", arguments: [0, 1, 1_000, 16_000, 200_000])
    func others(count: Int) throws {
        let other = try SealingKey(seed: [UInt8](repeating: 8, count: 32))
        #expect(SealedMessage.open(file, with: other) == nil)
        let content = [UInt8](repeating: 5, count: count)
        let sealed = try SealedMessage.seal(content, to: key.publicKey)
        #expect(SealedMessage.open(sealed, with: key) == content)
        let pieces = (count + 8 + SealedMessage.paddingBytes - 1) / SealedMessage.paddingBytes
        #expect(sealed.count >= pieces * SealedMessage.paddingBytes)
        #expect(try SealedMessage.seal(content, to: key.publicKey).count == sealed.count)
    }

    @Test("What is sealed to a signing key is opened with it")
    func signer() throws {
        let signer = try OfficeKey(seed: [UInt8](repeating: 9, count: 32))
        let sealed = try SealedMessage.seal(message, to: try SealingKey.publicKey(ofSigner: signer.publicKey))
        #expect(try SealedMessage.open(sealed, with: signer.sealingKey()) == message)
        #expect(throws: CryptographyError.malformedKey) {
            try SealingKey.publicKey(ofSigner: [UInt8](repeating: 0, count: 32))
        }
    }
}
