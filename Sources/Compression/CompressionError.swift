/// Why bytes could not be compressed or decompressed; the caller's bytes are as they were.
package enum CompressionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The bytes are no zstd frame, or a damaged one, or something follows the frame.
    case malformed(reason: String)
    /// The bytes end before the frame does.
    case truncated
    /// The content is larger than the caller accepts.
    case tooLarge(limitBytes: Int)
    /// The frame needs a dictionary with this number, and another one or none was given.
    case unknownDictionary(id: UInt32)
    /// The library had no memory, or refused a setting.
    case refused(reason: String)

    /// What failed, what state remains and what to do next, in plain words.
    package var description: String {
        switch self {
        case .malformed(let reason):
            "Compressed data is damaged (\(reason)). Nothing was changed. Fetch it again."
        case .truncated:
            "Compressed data was cut off. Nothing was changed. Fetch it again."
        case .tooLarge(let limitBytes):
            "Compressed data holds more than the \(limitBytes) bytes that are allowed. Nothing was changed. "
                + "Send it in smaller parts."
        case .unknownDictionary(let id):
            "Compressed data needs the dictionary \(id), which is missing here. Nothing was changed. "
                + "Send it again without a dictionary."
        case .refused(let reason):
            "The compression library refused to work (\(reason)). Nothing was changed. Try again."
        }
    }
}
