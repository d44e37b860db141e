import CZstd

/// Makes zstd frames (RFC 8878); keeps its working memory from one to the next. One thread at a time uses it.
@safe
package final class Compressor {
    /// The fastest of the regular levels: on short messages the higher ones gain little.
    package static let defaultLevel = 1

    private let context: OpaquePointer

    /// Makes a compressor.
    ///
    /// - Parameters:
    ///   - level: 1 (fast) to 19 (small); a dictionary brings its own.
    ///   - isBare: whether frames name no dictionary and carry no checksum: whoever reads them knows the one, and gets them
    ///     over a line that notices every change.
    /// - Throws: `.refused` if memory is short.
    package init(level: Int = Compressor.defaultLevel, isBare: Bool = false) throws(CompressionError) {
        guard let context = unsafe ZSTD_createCCtx() else { throw CompressionError.refused(reason: "no memory") }
        unsafe self.context = context
        let settings: [(ZSTD_cParameter, Int32)] = [
            (ZSTD_c_compressionLevel, Int32(clamping: level)), (ZSTD_c_checksumFlag, isBare ? 0 : 1),
            (ZSTD_c_dictIDFlag, isBare ? 0 : 1),
        ]
        for (setting, value) in settings {
            let code = unsafe ZSTD_CCtx_setParameter(context, setting, value)
            guard ZSTD_isError(code) == 0 else { throw ZstdCode.refused(code) }
        }
    }

    deinit { unsafe ZSTD_freeCCtx(context) }

    /// Compresses bytes into one frame that names its size, and carries a checksum unless it is bare.
    package func compress(
        _ bytes: [UInt8], dictionary: CompressionDictionary? = nil
    ) throws(CompressionError) -> [UInt8] {
        try unsafe bytes.withUnsafeBufferPointer { (source) throws(CompressionError) in
            try unsafe compress(UnsafeRawBufferPointer(source), dictionary: dictionary)
        }
    }

    /// Compresses bytes into one frame that names its size, and carries a checksum unless it is bare.
    package func compress(
        _ bytes: UnsafeRawBufferPointer, dictionary: CompressionDictionary? = nil
    ) throws(CompressionError) -> [UInt8] {
        // Naming no dictionary removes the one of the frame before.
        let chosen = unsafe ZSTD_CCtx_refCDict(context, dictionary?.compressing)
        guard ZSTD_isError(chosen) == 0 else { throw ZstdCode.refused(chosen) }
        let bound = ZSTD_compressBound(bytes.count)
        guard ZSTD_isError(bound) == 0 else { throw ZstdCode.refused(bound) }
        var code = 0
        let frame = unsafe [UInt8](unsafeUninitializedCapacity: bound) { target, count in
            code = unsafe ZSTD_compress2(context, target.baseAddress, target.count, bytes.baseAddress, bytes.count)
            count = ZSTD_isError(code) == 0 ? code : 0
        }
        guard ZSTD_isError(code) == 0 else { throw ZstdCode.refused(code) }
        return frame
    }
}
