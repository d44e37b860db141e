#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The few system error numbers that this module tells apart, and their words.
enum SystemError {
    static let noSpace = ENOSPC
    static let quotaExceeded = EDQUOT
    static let readOnlyFileSystem = EROFS

    /// The last error of this thread.
    static var current: Int32 { errno }

    /// The system's words for an error number.
    static func message(_ number: Int32) -> String {
        guard let words = unsafe strerror(number) else { return "system error \(number)" }
        return unsafe String(cString: words)
    }
}
