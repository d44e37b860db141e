#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The words that the program was started with, read as bytes so that none is repaired silently.
package enum ProgramArguments {
    /// The greatest length of one word in bytes.
    package static let maximumWordBytes = 1 << 20

    /// Reads the words after the program's own name; throws a usage error for a word that is no UTF-8 or too long.
    package static func read(program: String) throws(UsageError) -> [String] {
        var words: [[UInt8]] = []
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let word = unsafe CommandLine.unsafeArgv[index] else { break }
            var bytes: [UInt8] = []
            while bytes.count <= maximumWordBytes, case let byte = unsafe word[bytes.count], byte != 0 {
                bytes.append(UInt8(bitPattern: byte))
            }
            words.append(bytes)
        }
        return try decode(words, program: program)
    }

    /// Whether the first word is this one: for what is to begin before the words are understood.
    package static func begin(with word: String) -> Bool {
        guard CommandLine.argc > 1, let first = unsafe CommandLine.unsafeArgv[1] else { return false }
        return unsafe strcmp(first, word) == 0
    }

    /// Makes text of words given as bytes; throws a usage error that names the position of a word that can't be used.
    package static func decode(_ words: [[UInt8]], program: String) throws(UsageError) -> [String] {
        var texts: [String] = []
        for (index, bytes) in words.enumerated() {
            let position = index + 1
            guard bytes.count <= maximumWordBytes else {
                throw UsageError(
                    .tooLong(position: position, limitBytes: maximumWordBytes), commandPath: [program])
            }
            guard !bytes.contains(0) else {
                throw UsageError(.holdsNUL(position: position), commandPath: [program])
            }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw UsageError(.notUTF8(position: position), commandPath: [program])
            }
            texts.append(text)
        }
        return texts
    }
}
