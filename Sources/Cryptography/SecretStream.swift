import CSodium

/// Encrypts a stream piece by piece so that none can be changed, left out, moved or added without notice
/// (libsodium's `crypto_secretstream_xchacha20poly1305`).
package struct StreamSealer: ~Copyable {
    /// The bytes of a stream's key.
    package static let keyLength = 32
    /// The bytes of the header, which stands before the first piece.
    package static let headerLength = 24
    /// How many bytes longer an encrypted piece is.
    package static let overheadBytes = 17

    /// What stands before the first piece.
    package let header: [UInt8]
    private var state = crypto_secretstream_xchacha20poly1305_state()

    /// Begins a stream.
    ///
    /// - Throws: `CryptographyError.malformedKey` for a key of another length.
    package init(key: [UInt8]) throws(CryptographyError) {
        guard key.count == Self.keyLength else { throw .malformedKey }
        try Sodium.start()
        var header = [UInt8](repeating: 0, count: Self.headerLength)
        // It can't fail for buffers of these lengths.
        _ = unsafe crypto_secretstream_xchacha20poly1305_init_push(&state, &header, key)
        self.header = header
    }

    /// Encrypts the next piece.
    ///
    /// - Parameter isLast: whether it ends the stream.
    package mutating func seal(_ piece: [UInt8], isLast: Bool) -> [UInt8] {
        var sealed = [UInt8](repeating: 0, count: piece.count + Self.overheadBytes)
        let tag = isLast ? crypto_secretstream_xchacha20poly1305_tag_final() : 0
        // It always succeeds (secretstream documentation).
        _ = unsafe crypto_secretstream_xchacha20poly1305_push(
            &state, &sealed, nil, piece, UInt64(piece.count), nil, 0, tag)
        return sealed
    }
}

/// Decrypts what a `StreamSealer` made, in order.
package struct StreamOpener: ~Copyable {
    private var state = crypto_secretstream_xchacha20poly1305_state()
    /// Whether the last piece was read.
    package private(set) var hasEnded = false

    /// Begins to read.
    ///
    /// - Returns: nil where the key has another length, or these are no bytes of a header.
    package init?(key: [UInt8], header: [UInt8]) {
        guard key.count == StreamSealer.keyLength, header.count == StreamSealer.headerLength, Sodium.isReady,
            unsafe crypto_secretstream_xchacha20poly1305_init_pull(&state, header, key) == 0
        else { return nil }
    }

    /// The next piece; nil where it is not what was sealed at this place, and behind the last.
    package mutating func open(_ sealed: [UInt8]) -> [UInt8]? {
        guard !hasEnded, sealed.count >= StreamSealer.overheadBytes else { return nil }
        var piece = [UInt8](repeating: 0, count: sealed.count - StreamSealer.overheadBytes)
        var tag: UInt8 = 0
        guard
            unsafe crypto_secretstream_xchacha20poly1305_pull(
                &state, &piece, nil, &tag, sealed, UInt64(sealed.count), nil, 0) == 0
        else { return nil }
        hasEnded = tag == crypto_secretstream_xchacha20poly1305_tag_final()
        return piece
    }
}
