#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The operating system's words for its error numbers.
enum SystemError {
    /// Longest text that is asked for, in bytes.
    private static let textLimitBytes = 256

    /// The text of an error number, as `strerror_r` gives it.
    static func text(_ number: Int32) -> String {
        let buffer = unsafe [CChar](unsafeUninitializedCapacity: textLimitBytes) { buffer, count in
            unsafe buffer.initialize(repeating: 0)
            guard let start = buffer.baseAddress else { return }
            if unsafe strerror_r(number, start, textLimitBytes) != 0 { unsafe buffer[0] = 0 }
            count = unsafe strnlen(start, textLimitBytes)
        }
        guard !buffer.isEmpty else { return "error \(number)" }
        return String(decoding: buffer.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
