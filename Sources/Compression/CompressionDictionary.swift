import CZstd

/// Bytes that both sides know, prepared once, so that small messages that resemble them become smaller still.
@safe
package final class CompressionDictionary: @unchecked Sendable {
    // Unchecked: zstd only reads a prepared dictionary, and documents that threads may share it.

    /// The number that frames carry; 0 for a dictionary of plain content, whose frames name none.
    package let id: UInt32
    /// How hard frames made with this dictionary are compressed.
    package let level: Int

    let compressing: OpaquePointer
    let decompressing: OpaquePointer

    /// Prepares a dictionary that `zstd --train` made, or plain content.
    ///
    /// - Parameter level: 1 (fast) to 19 (small).
    /// - Throws: `.refused` if the bytes start like a trained dictionary and are damaged, or memory is short.
    package init(bytes: [UInt8], level: Int = Compressor.defaultLevel) throws(CompressionError) {
        guard !bytes.isEmpty else { throw CompressionError.refused(reason: "the dictionary is empty") }
        let compressing = unsafe ZSTD_createCDict(bytes, bytes.count, Int32(clamping: level))
        let decompressing = unsafe ZSTD_createDDict(bytes, bytes.count)
        guard let compressing = unsafe compressing, let decompressing = unsafe decompressing else {
            unsafe ZSTD_freeCDict(compressing)
            unsafe ZSTD_freeDDict(decompressing)
            throw CompressionError.refused(reason: "the dictionary is damaged")
        }
        unsafe self.compressing = compressing
        unsafe self.decompressing = decompressing
        self.level = level
        id = unsafe ZSTD_getDictID_fromDDict(decompressing)
    }

    deinit {
        // Both calls only free memory; their result is always 0.
        unsafe ZSTD_freeCDict(compressing)
        unsafe ZSTD_freeDDict(decompressing)
    }
}
