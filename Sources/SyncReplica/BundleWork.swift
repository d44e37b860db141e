import SyncCore

/// Work that leaves this device as a file, and answers that come as one.
extension Replica {
    /// What became of an answer.
    package enum BundleAnswer: Sendable {
        /// What it brought.
        case applied(SyncSummary)
        /// It says nothing that is not known here: this device has synced since, or has read it before.
        case nothingNew
        /// It says that groups are at the office which another copy of this database sealed; nothing was changed.
        case anotherCopys
    }

    /// One request with everything that waits, as far as it fits; its numbers are final from now on.
    ///
    /// - Parameter limitBytes: the encoded size of the groups, about.
    package func bundleRequest(limitBytes: Int) throws -> SyncRequest {
        try freeze()
        return try makeRequest(limitCount: BundleLimits.largestGroupCount, limitBytes: limitBytes)
    }

    /// The number of the last group whose number is final.
    package func lastFrozen() throws -> UInt64 { try reading { UInt64(clamping: try standing().frozen) } }

    /// Applies the replies of an answer, each in a transaction, from where this device stands.
    ///
    /// - Parameters:
    ///   - cursors: where the device must stand for the first one.
    ///   - replies: in order.
    ///   - isOwnFile: whether this device made the sealed file of a mark. A copy of its database may have made one with
    ///     other work under the same numbers: the office's word is about that.
    /// - Throws: `ReplicaError` for replies that must not change anything here: of another history, or about groups that
    ///   were never given here.
    package func apply(
        bundle replies: [SyncReply], from cursors: [Cursor], isOwnFile: ([UInt8]) throws -> Bool = { _ in true }
    ) throws -> BundleAnswer {
        // Receipts never go back within a history: an older answer is read late.
        let known = try reading { UInt64(clamping: try standing().receipt) }
        if let first = replies.first, first.notice == .none, first.receipt < known { return .nothingNew }
        if let file = try replies.first?.answeredFile(), replies.contains(where: { $0.receipt > known }),
            try !isOwnFile(file)
        {
            return .anotherCopys
        }
        let lowestOwn = try reading { UInt64(clamping: try standing().lowestOwn) }
        var place = cursors
        var summary: SyncSummary?
        for reply in replies {
            if try summary != nil || reading({ try self.cursors() }) == place {
                var total = summary ?? SyncSummary()
                let told = Self.told(reply, lowestOwn: lowestOwn)
                total.add(try apply(told))
                summary = total
                // What follows begins where the pages end.
                if told.pages.count < reply.pages.count { break }
            }
            for page in reply.pages {
                place.removeAll { $0.area == page.area }
                place.append(Cursor(area: page.area, sequence: page.sequence, mark: page.mark))
            }
            place.sort { $0.area < $1.area }
        }
        guard let summary else { return .nothingNew }
        try cleanAfterRemoval()
        return .applied(summary)
    }

    /// What a reply can say here: without its pages, where they leave out rows of own groups that were taken back since the file
    /// was made. Those may be in force all the same; the next request gets them whole.
    private static func told(_ reply: SyncReply, lowestOwn: UInt64) -> SyncReply {
        var told = reply
        let isHere = reply.pages.allSatisfy { $0.asSent.allSatisfy { $0.lowerBound >= lowestOwn } }
        if !isHere { told.pages = [] }
        return told
    }
}
