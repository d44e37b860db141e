import CZstd

extension CompressionDictionary {
    /// Makes the bytes of a dictionary from messages like those that it is for (`ZDICT_trainFromBuffer`).
    ///
    /// - Parameters:
    ///   - samples: some hundred messages, together about a hundred times the size of the dictionary.
    ///   - limitBytes: the largest dictionary, at least 256.
    /// - Throws: `.refused` if the samples are too few or too small.
    package static func train(on samples: [[UInt8]], limitBytes: Int) throws(CompressionError) -> [UInt8] {
        let content = [UInt8](samples.joined())
        let sizes = samples.map(\.count)
        var dictionary = [UInt8](repeating: 0, count: max(limitBytes, 256))
        let code = unsafe ZDICT_trainFromBuffer(
            &dictionary, dictionary.count, content, sizes, UInt32(clamping: sizes.count))
        guard ZDICT_isError(code) == 0 else { throw ZstdCode.refused(code) }
        return [UInt8](dictionary.prefix(code))
    }
}
