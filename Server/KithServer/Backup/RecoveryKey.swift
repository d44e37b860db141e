import Cryptography
import SyncCore
import Terminal

/// The office's recovery key: what opens its backups. Shown once, kept on paper or in a safe, never beside the data.
struct RecoveryKey {
    /// The longest text that is looked at, in bytes.
    static let largestTextBytes = 512
    private static let prefix = "kithkey1-"
    private static let checksumBytes = 4

    private let seed: [UInt8]
    /// What backups are sealed to.
    let sealing: SealingKey

    /// A new key.
    static func make() throws -> RecoveryKey { try RecoveryKey(seed: try SecureRandom.bytes(SealingKey.keyLength)) }

    private init(seed: [UInt8]) throws {
        self.seed = seed
        sealing = try SealingKey(seed: seed)
    }

    /// The text to write down: `kithkey1-` and base 32 of the secret and a checksum against typing errors.
    var text: String { Self.prefix + Base32.grouped(seed + Self.checksum(of: seed)) }

    /// Reads a text; capitals, spaces and missing dashes do no harm.
    init(text: String) throws {
        let folded = Base32.folded(String(text.prefix(Self.largestTextBytes)))
        let start = Array(Self.prefix.utf8.dropLast())
        guard folded.starts(with: start) else {
            throw Self.refused("That is no recovery key; one begins with kithkey1-.")
        }
        let bytes = Base32.bytes(of: folded.dropFirst(start.count)) ?? []
        let seed = Array(bytes.prefix(SealingKey.keyLength))
        guard bytes.count == SealingKey.keyLength + Self.checksumBytes,
            Self.checksum(of: seed).elementsEqual(bytes.suffix(Self.checksumBytes))
        else { throw Self.refused("The recovery key has a typing error.") }
        try self.init(seed: seed)
    }

    /// Asks for the key, or reads it where `--recovery-key` says so.
    static func read(_ arguments: ParsedArguments, _ console: Console) throws -> RecoveryKey {
        let typed =
            try arguments.value(of: "recovery-key") ?? console.prompter.secret("Recovery key", option: "--recovery-key")
        return try RecoveryKey(text: typed)
    }

    /// The option of the commands that need the key.
    static let option = CommandOption.text(
        "recovery-key", "KEY", "The office's recovery key.", isPromptable: true)

    private static func checksum(of seed: [UInt8]) -> [UInt8] {
        Array(BLAKE2b.hash256(Array(prefix.utf8) + seed).prefix(checksumBytes))
    }

    private static func refused(_ message: String) -> CommandFailure {
        CommandFailure(exitCode: .usage, message: "\(message) Nothing was changed. Copy the whole key again.")
    }
}

/// The public half of the recovery key, in the server's folder: with it backups are sealed, and nothing can be opened.
struct RecoveryKeyFile {
    let path: String

    var exists: Bool { TextFile.exists(path) }

    /// That no backup can be made, for people; none where one can.
    var warnings: [String] {
        // Why the key can't be read is told by the backup that fails.
        if (try? publicKey()) != nil { return [] }
        return [
            "\(path) \(exists ? "holds no key" : "is missing"): no backup can be made. For a new key, which is good for the "
                + "backups from then on: kith-server recovery-key"
        ]
    }

    func write(_ key: RecoveryKey) throws {
        try TextFile.write(Array((Hex.encode(key.sealing.publicKey) + "\n").utf8), to: path)
    }

    /// What to seal to.
    func publicKey() throws -> [UInt8] {
        guard exists else {
            throw CommandFailure(
                exitCode: .failed,
                message: "This office has no recovery key yet, so nothing could open a backup. "
                    + "Nothing was written.", next: "kith-server recovery-key")
        }
        let text = String(decoding: try TextFile.read(path), as: UTF8.self)
        do throws(CryptographyError) {
            let key = try Hex.decode(text.filter { !$0.isWhitespace })
            guard key.count == SealingKey.keyLength else { throw .malformedKey }
            return key
        } catch {
            throw CommandFailure(
                exitCode: .failed, message: "\(path) holds no key. Nothing was written.",
                next: "kith-server recovery-key")
        }
    }
}
