/// Which sealed file the replies of an answer follow from: part 16 of the first of them.
///
/// Two copies of a database may both have sealed files under the same numbers. What is said of the groups of one is not
/// true of the other's, so a device believes it only of a file that it made itself.
extension SyncReply {
    /// The bytes of a mark of a file.
    private static let fileMarkLength = 32

    /// The mark of the file: BLAKE2b with 32 bytes of output over `DeviceBundle.signedBytes`; nil where the office does not
    /// say.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func answeredFile() throws(CBORError) -> [UInt8]? {
        guard let part = parts[.answeredFile] else { return nil }
        var reader = CBORReader(part)
        _ = try reader.readArray(1...1)
        let mark = try reader.readBytes(exactly: Self.fileMarkLength)
        try reader.finish()
        return mark
    }

    /// Says which file this follows from.
    package mutating func set(answeredFile mark: [UInt8]) {
        var writer = CBORWriter()
        writer.array(count: 1)
        writer.bytes(mark)
        parts[.answeredFile] = writer.bytes
    }
}
