/// How far a device has the ledger: `[count, hash of the last, has the office key]`.
package struct LedgerProgress: Hashable, Sendable {
    /// The number of the last entry; 0 for none.
    package var count: UInt64
    /// The hash of the last entry; 0 for none.
    package var hash: UInt128
    /// Whether the device holds the office's public key.
    package var hasKey: Bool

    package init(count: UInt64, hash: UInt128, hasKey: Bool) {
        self.count = count
        self.hash = hash
        self.hasKey = hasKey
    }
}

/// What the server says of the ledger: `[public key|null, [entry…]]`.
package struct LedgerNews: Hashable, Sendable {
    /// The most entries in one message; the next ones come with the next request.
    package static let largestCount = 2_000
    /// The most bytes of entries in one message; one entry alone may be no larger than a payload's limit allows.
    package static let largestBytes = 1 << 20

    /// The office's public key: 32 bytes; nil where the device has it.
    package var publicKey: [UInt8]?
    /// The entries behind those that the device has, in order.
    package var entries: [LedgerEntry]

    package init(publicKey: [UInt8]?, entries: [LedgerEntry] = []) {
        self.publicKey = publicKey
        self.entries = entries
    }
}

extension LedgerNews {
    /// As many of some entries, from the first one on, as fit in one message; at least one where there are any.
    package static func page(of entries: some Sequence<LedgerEntry>) -> [LedgerEntry] {
        var page: [LedgerEntry] = []
        var bytes = 0
        for entry in entries.prefix(largestCount) {
            bytes += entry.estimatedBytes
            if !page.isEmpty, bytes > largestBytes { break }
            page.append(entry)
        }
        return page
    }

    /// Whether entries may have been left out because of a limit: then one asks again.
    package var mayGoOn: Bool {
        let bytes = entries.reduce(0) { $0 + $1.estimatedBytes }
        return entries.count >= Self.largestCount
            || bytes + LedgerEntry.largestEstimatedBytes > Self.largestBytes
    }
}

extension LedgerEntry {
    /// What an entry takes beside its payload, in bytes: at most, and about.
    private static let frameBytes = 128

    fileprivate static var largestEstimatedBytes: Int { frameBytes + largestPayloadBytes }
    fileprivate var estimatedBytes: Int { Self.frameBytes + payload.count }
}

extension LedgerProgress {
    fileprivate func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 3)
        writer.unsigned(count)
        writer.hash(hash)
        writer.bool(hasKey)
        return writer.bytes
    }

    fileprivate init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        _ = try reader.readArray(3...3)
        let count = try reader.readNumber()
        let hash = try reader.readHash()
        self.init(count: count, hash: hash, hasKey: try reader.readBool())
        try reader.finish()
    }
}

extension LedgerNews {
    fileprivate func encoded() -> [UInt8] {
        var writer = CBORWriter()
        writer.array(count: 2)
        if let publicKey { writer.bytes(publicKey) } else { writer.null() }
        writer.array(count: entries.count)
        for entry in entries { entry.encode(to: &writer) }
        return writer.bytes
    }

    fileprivate init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        _ = try reader.readArray(2...2)
        let key = try reader.readOptional { (reader) throws(CBORError) in
            try reader.readBytes(exactly: OfficeVerifier.publicKeyLength)
        }
        var entries: [LedgerEntry] = []
        for _ in 0..<(try reader.readArray(0...Self.largestCount)) { entries.append(try LedgerEntry(from: &reader)) }
        try reader.finish()
        self.init(publicKey: key, entries: entries)
    }
}

extension SyncRequest {
    /// How far the device has the ledger; nil for a device that keeps none.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func ledgerProgress() throws(CBORError) -> LedgerProgress? {
        guard let part = parts[.ledger] else { return nil }
        return try LedgerProgress(decoding: part)
    }

    /// Says how far the device has the ledger.
    package mutating func set(_ progress: LedgerProgress) { parts[.ledger] = progress.encoded() }
}

extension SyncReply {
    /// What the server says of the ledger; nil where there is nothing new.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func ledgerNews() throws(CBORError) -> LedgerNews? {
        guard let part = parts[.ledger] else { return nil }
        return try LedgerNews(decoding: part)
    }

    /// Says something of the ledger.
    package mutating func set(_ news: LedgerNews) { parts[.ledger] = news.encoded() }
}

extension JoinReply {
    /// The office's public key; nil from a server that keeps no ledger.
    ///
    /// - Throws: `CBORError` for a part that can't be read.
    package func officeKey() throws(CBORError) -> [UInt8]? {
        guard let part = parts[.ledger] else { return nil }
        return try LedgerNews(decoding: part).publicKey
    }

    /// Says the office's public key.
    package mutating func setOfficeKey(_ key: [UInt8]) { parts[.ledger] = LedgerNews(publicKey: key).encoded() }
}
