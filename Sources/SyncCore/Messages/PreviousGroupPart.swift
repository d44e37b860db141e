/// What a page that is sent ahead follows: part 26 of a request, `[fingerprint]`.
///
/// It leaves before the reply to the page before it. By its numbers alone it would come in behind whatever the server has under
/// them by then: another copy of the device's database may have sent other groups.
extension SyncRequest {
    /// The fingerprint of the group before the first one of this page; nil for a page that was not sent ahead.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func previousFingerprint() throws(CBORError) -> UInt128? {
        guard let part = parts[.previousGroup] else { return nil }
        var reader = CBORReader(part)
        _ = try reader.readArray(1...1)
        let fingerprint = try reader.readHash()
        try reader.finish()
        return fingerprint
    }

    /// Says it; nil where nothing is sent ahead.
    package mutating func set(previousFingerprint fingerprint: UInt128?) {
        guard let fingerprint else {
            parts[.previousGroup] = nil
            return
        }
        var writer = CBORWriter()
        writer.array(count: 1)
        writer.hash(fingerprint)
        parts[.previousGroup] = writer.bytes
    }
}
