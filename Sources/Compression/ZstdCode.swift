import CZstd

/// Reads the error that a zstd function returned.
enum ZstdCode {
    /// What a failure to compress or to set up means.
    static func refused(_ code: Int) -> CompressionError { .refused(reason: name(code)) }

    /// What a failure to decompress means.
    ///
    /// - Parameter dictionary: the number of the dictionary that the frame names.
    static func malformed(_ code: Int, dictionary: UInt32) -> CompressionError {
        switch ZSTD_getErrorCode(code) {
        case ZSTD_error_dictionary_wrong: .unknownDictionary(id: dictionary)
        case ZSTD_error_srcSize_wrong: .truncated
        case ZSTD_error_memory_allocation: refused(code)
        default: .malformed(reason: name(code))
        }
    }

    private static func name(_ code: Int) -> String {
        guard let name = unsafe ZSTD_getErrorName(code) else { return "code \(code)" }
        return unsafe String(cString: name)
    }
}
