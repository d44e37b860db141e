import CZstd

/// Reads zstd frames (RFC 8878); keeps its working memory from one to the next. One thread at a time uses it.
///
/// Memory is bounded whatever the frame says: the content goes straight into memory of at most the caller's limit.
@safe
package final class Decompressor {
    private static let firstGuessBytes = 16 * 1_024
    private static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

    private let context: OpaquePointer

    /// Makes a decompressor.
    ///
    /// - Throws: `.refused` if memory is short.
    package init() throws(CompressionError) {
        guard let context = unsafe ZSTD_createDCtx() else { throw CompressionError.refused(reason: "no memory") }
        unsafe self.context = context
    }

    deinit { unsafe ZSTD_freeDCtx(context) }

    /// Reads exactly one frame.
    ///
    /// - Parameters:
    ///   - limitBytes: the largest content that is accepted, and the most memory that it may take.
    ///   - dictionary: what the frame was made with, if anything.
    /// - Throws: `.tooLarge`, `.truncated`, `.malformed` also for bytes behind the frame, `.unknownDictionary` if the
    ///   frame names another dictionary.
    package func decompress(
        _ bytes: [UInt8], limitBytes: Int, dictionary: CompressionDictionary? = nil
    ) throws(CompressionError) -> [UInt8] {
        try unsafe bytes.withUnsafeBufferPointer { (source) throws(CompressionError) in
            try unsafe decompress(UnsafeRawBufferPointer(source), limitBytes: limitBytes, dictionary: dictionary)
        }
    }

    /// Room for one group of one text again and again, which may become any number of times smaller.
    private static let smallestLikelyBytes = 5 << 20

    /// How large content may become that nobody has made up: text of ours is seldom less than a fiftieth of itself, while a
    /// few bytes may claim to be megabytes of nothing.
    ///
    /// - Returns: the limit for a frame of that size, at most `limitBytes`.
    package static func likelyLimit(compressedBytes: Int, limitBytes: Int) -> Int {
        min(limitBytes, max(smallestLikelyBytes, min(compressedBytes, limitBytes) * 200))
    }

    /// Reads exactly one frame; see the other form.
    package func decompress(
        _ bytes: UnsafeRawBufferPointer, limitBytes: Int, dictionary: CompressionDictionary? = nil
    ) throws(CompressionError) -> [UInt8] {
        let stated = unsafe ZSTD_getFrameContentSize(bytes.baseAddress, bytes.count)
        let named = unsafe ZSTD_getDictID_fromFrame(bytes.baseAddress, bytes.count)
        try unsafe checkFrame(bytes, named: named)
        guard named == 0 || named == dictionary?.id else { throw CompressionError.unknownDictionary(id: named) }
        // Naming no dictionary removes the one of the frame before.
        let chosen = unsafe ZSTD_DCtx_refDDict(context, dictionary?.decompressing)
        guard ZSTD_isError(chosen) == 0 else { throw ZstdCode.refused(chosen) }
        guard stated == kith_zstd_content_size_unknown() else {
            guard stated <= UInt64(max(limitBytes, 0)) else { throw CompressionError.tooLarge(limitBytes: limitBytes) }
            return try unsafe content(of: bytes, capacity: Int(stated), named: named)
        }
        return try unsafe contentOfUnknownSize(of: bytes, limitBytes: limitBytes, named: named)
    }

    /// Makes sure that the bytes are one whole frame and nothing else.
    private func checkFrame(_ bytes: UnsafeRawBufferPointer, named: UInt32) throws(CompressionError) {
        let frame = unsafe ZSTD_findFrameCompressedSize(bytes.baseAddress, bytes.count)
        guard ZSTD_isError(frame) == 0 else { throw ZstdCode.malformed(frame, dictionary: named) }
        guard unsafe ZSTD_getFrameContentSize(bytes.baseAddress, bytes.count) != kith_zstd_content_size_error() else {
            throw CompressionError.malformed(reason: "unreadable frame header")
        }
        // zstd also accepts frames to be skipped, which have no content.
        guard unsafe bytes.starts(with: Self.magic) else {
            throw CompressionError.malformed(reason: "a frame of another kind")
        }
        guard frame == bytes.count else {
            throw CompressionError.malformed(reason: "\(bytes.count - frame) bytes follow the frame")
        }
    }

    /// Tries growing sizes up to the limit; a frame of ours always names its size and never comes here.
    private func contentOfUnknownSize(
        of bytes: UnsafeRawBufferPointer, limitBytes: Int, named: UInt32
    ) throws(CompressionError) -> [UInt8] {
        var capacity = min(Self.firstGuessBytes, max(limitBytes, 0))
        while true {
            do {
                return try unsafe content(of: bytes, capacity: capacity, named: named)
            } catch .tooLarge {
                guard capacity < limitBytes else { throw CompressionError.tooLarge(limitBytes: limitBytes) }
                capacity = capacity > limitBytes / 4 ? limitBytes : capacity * 4
            }
        }
    }

    private func content(
        of bytes: UnsafeRawBufferPointer, capacity: Int, named: UInt32
    ) throws(CompressionError) -> [UInt8] {
        var code = 0
        let content = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { target, count in
            code = unsafe ZSTD_decompressDCtx(context, target.baseAddress, capacity, bytes.baseAddress, bytes.count)
            count = ZSTD_isError(code) == 0 ? code : 0
        }
        guard ZSTD_isError(code) == 0 else {
            if ZSTD_getErrorCode(code) == ZSTD_error_dstSize_tooSmall {
                throw CompressionError.tooLarge(limitBytes: capacity)
            }
            throw ZstdCode.malformed(code, dictionary: named)
        }
        return content
    }
}
